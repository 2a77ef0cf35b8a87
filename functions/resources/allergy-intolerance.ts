import type { AllergyIntolerance } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const allergyIntolerance = {
  type: "AllergyIntolerance",
  home: ["patient"],
  links: ["patient", "recorder", "asserter"],
} as const satisfies Declaration<AllergyIntolerance>;
