import type { HealthcareService } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const healthcareService = {
  type: "HealthcareService",
  home: "directory",
  links: [],
} as const satisfies Declaration<HealthcareService>;
