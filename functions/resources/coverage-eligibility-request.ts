import type { CoverageEligibilityRequest } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const coverageEligibilityRequest = {
  type: "CoverageEligibilityRequest",
  home: ["patient"],
  links: ["patient"],
  moves: financialMoves,
  event: entering({
    active: "CoverageEligibilityRequested",
    cancelled: "CoverageEligibilityRequestCancelled",
  }),
} as const satisfies Declaration<CoverageEligibilityRequest>;
