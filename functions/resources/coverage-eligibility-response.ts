import type { CoverageEligibilityResponse } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const coverageEligibilityResponse = {
  type: "CoverageEligibilityResponse",
  home: ["patient"],
  links: ["patient"],
  moves: financialMoves,
  event: entering({
    active: "CoverageEligibilityAnswered",
  }),
} as const satisfies Declaration<CoverageEligibilityResponse>;
