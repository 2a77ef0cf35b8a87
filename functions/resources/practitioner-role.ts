import type { PractitionerRole } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const practitionerRole = {
  type: "PractitionerRole",
  home: "directory",
  links: [],
} as const satisfies Declaration<PractitionerRole>;
