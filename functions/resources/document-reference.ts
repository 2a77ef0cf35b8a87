import type { DocumentReference } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { start } from "./moves.ts";
import { entering } from "./entering.ts";

export const documentReference = {
  type: "DocumentReference",
  home: ["subject"],
  links: ["subject", "author"],
  moves: {
    [start]: ["current", "superseded"],
    current: ["superseded", "entered-in-error"],
    superseded: ["entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    superseded: "DocumentReferenceSuperseded",
    "entered-in-error": "DocumentReferenceEnteredInError",
  }),
} as const satisfies Declaration<DocumentReference>;
