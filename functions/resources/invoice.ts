import type { Invoice } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const invoice = {
  type: "Invoice",
  home: ["subject", "recipient"],
  links: ["subject", "recipient"],
  moves: {
    draft: ["issued", "cancelled", "entered-in-error"],
    issued: ["balanced", "cancelled", "entered-in-error"],
    // A payment that bounces opens the invoice again.
    balanced: ["issued", "entered-in-error"],
    cancelled: ["entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    issued: "InvoiceIssued",
    balanced: "InvoiceBalanced",
    cancelled: "InvoiceCancelled",
    "entered-in-error": "InvoiceEnteredInError",
  }),
} as const satisfies Declaration<Invoice>;
