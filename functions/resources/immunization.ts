import type { Immunization } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const immunization = {
  type: "Immunization",
  home: ["patient"],
  links: ["patient"],
  moves: {
    completed: ["entered-in-error"],
    "not-done": ["entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    completed: "ImmunizationGiven",
    "not-done": "ImmunizationNotGiven",
    "entered-in-error": "ImmunizationEnteredInError",
  }),
} as const satisfies Declaration<Immunization>;
