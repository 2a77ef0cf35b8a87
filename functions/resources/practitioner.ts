import type { Practitioner } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const practitioner = {
  type: "Practitioner",
  home: "directory",
  links: [],
  search: [
    "active",
    "address",
    "address-city",
    "address-country",
    "address-postalcode",
    "address-state",
    "address-use",
    "communication",
    "email",
    "family",
    "gender",
    "given",
    "identifier",
    "name",
    "phone",
    "telecom",
  ],
} as const satisfies Declaration<Practitioner>;
