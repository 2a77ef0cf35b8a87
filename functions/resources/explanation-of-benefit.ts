import type { ExplanationOfBenefit } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const explanationOfBenefit = {
  type: "ExplanationOfBenefit",
  home: ["patient"],
  links: ["patient", "payee.party"],
  moves: financialMoves,
  event: entering({
    active: "ExplanationOfBenefitIssued",
    cancelled: "ExplanationOfBenefitCancelled",
    "entered-in-error": "ExplanationOfBenefitEnteredInError",
  }),
} as const satisfies Declaration<ExplanationOfBenefit>;
