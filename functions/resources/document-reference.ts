import type { DocumentReference } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const documentReference = {
  type: "DocumentReference",
  home: ["subject"],
  links: ["subject", "author"],
  moves: {
    current: ["superseded", "entered-in-error"],
    superseded: ["entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    superseded: "DocumentReferenceSuperseded",
    "entered-in-error": "DocumentReferenceEnteredInError",
  }),
} as const satisfies Declaration<DocumentReference>;
