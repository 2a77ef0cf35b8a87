import type { Organization } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const organization = {
  type: "Organization",
  home: "directory",
  links: [],
} as const satisfies Declaration<Organization>;
