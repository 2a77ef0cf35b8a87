import type { Claim } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const claim = {
  type: "Claim",
  home: ["patient"],
  links: ["patient", "payee.party"],
  moves: financialMoves,
  event: entering({
    active: "ClaimSubmitted",
    cancelled: "ClaimCancelled",
    "entered-in-error": "ClaimEnteredInError",
  }),
} as const satisfies Declaration<Claim>;
