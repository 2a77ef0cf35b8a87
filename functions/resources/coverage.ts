import type { Coverage } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const coverage = {
  type: "Coverage",
  home: ["beneficiary"],
  links: ["policyHolder", "subscriber", "beneficiary", "payor"],
  moves: {
    draft: ["active", "cancelled", "entered-in-error"],
    active: ["cancelled", "entered-in-error"],
    // A lapsed policy can be reinstated.
    cancelled: ["active", "entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    active: "CoverageActivated",
    cancelled: "CoverageCancelled",
    "entered-in-error": "CoverageEnteredInError",
  }),
} as const satisfies Declaration<Coverage>;
