import type { Practitioner } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const practitioner = {
  type: "Practitioner",
  home: "directory",
  links: [],
} as const satisfies Declaration<Practitioner>;
