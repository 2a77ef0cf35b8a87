import type { HealthcareService } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const healthcareService = {
  type: "HealthcareService",
  home: "directory",
  links: [],
  search: [
    "active",
    "characteristic",
    "coverage-area",
    "endpoint",
    "identifier",
    "location",
    "name",
    "organization",
    "program",
    "service-category",
    "service-type",
    "specialty",
  ],
} as const satisfies Declaration<HealthcareService>;
