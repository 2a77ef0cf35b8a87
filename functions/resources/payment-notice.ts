import type { PaymentNotice } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { financialMoves } from "./financial-moves.ts";
import { entering } from "./entering.ts";

export const paymentNotice = {
  type: "PaymentNotice",
  home: ["request", "response"],
  homeByResource: true,
  homeOptional: true,
  byMonth: true,
  links: [],
  moves: financialMoves,
  event: entering({
    active: "PaymentNoticeIssued",
    cancelled: "PaymentNoticeCancelled",
    "entered-in-error": "PaymentNoticeEnteredInError",
  }),
} as const satisfies Declaration<PaymentNotice>;
