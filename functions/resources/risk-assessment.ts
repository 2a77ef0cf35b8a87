import type { RiskAssessment } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { observationMoves } from "./observation-moves.ts";
import { entering } from "./entering.ts";

export const riskAssessment = {
  type: "RiskAssessment",
  home: ["subject"],
  links: ["subject"],
  moves: observationMoves,
  event: entering({
    final: "RiskAssessmentFinalized",
    amended: "RiskAssessmentAmended",
    corrected: "RiskAssessmentCorrected",
    "entered-in-error": "RiskAssessmentEnteredInError",
  }),
} as const satisfies Declaration<RiskAssessment>;
