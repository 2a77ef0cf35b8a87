import type { ClaimResponse } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const claimResponse = {
  type: "ClaimResponse",
  home: ["patient"],
  links: ["patient"],
  moves: financialMoves,
  event: entering({
    active: "ClaimResponseReceived",
    cancelled: "ClaimResponseCancelled",
    "entered-in-error": "ClaimResponseEnteredInError",
  }),
} as const satisfies Declaration<ClaimResponse>;
