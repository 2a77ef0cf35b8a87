import type { Location } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const location = {
  type: "Location",
  home: "directory",
  links: [],
  search: [
    "address",
    "address-city",
    "address-country",
    "address-postalcode",
    "address-state",
    "address-use",
    "endpoint",
    "identifier",
    "name",
    "operational-status",
    "organization",
    "partof",
    "status",
    "type",
  ],
} as const satisfies Declaration<Location>;
