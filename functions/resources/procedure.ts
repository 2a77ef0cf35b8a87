import type { Procedure } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const procedure = {
  type: "Procedure",
  home: ["subject"],
  links: ["subject", "performer.actor"],
  moves: {
    preparation: [
      "in-progress",
      "not-done",
      "on-hold",
      "completed",
      "entered-in-error",
      "unknown",
    ],
    "in-progress": [
      "on-hold",
      "stopped",
      "completed",
      "entered-in-error",
      "unknown",
    ],
    "on-hold": [
      "in-progress",
      "not-done",
      "stopped",
      "completed",
      "entered-in-error",
      "unknown",
    ],
    "not-done": ["entered-in-error"],
    stopped: ["entered-in-error"],
    completed: ["entered-in-error"],
    unknown: [
      "preparation",
      "in-progress",
      "not-done",
      "on-hold",
      "stopped",
      "completed",
      "entered-in-error",
    ],
    "entered-in-error": [],
  },
  event: entering({
    "in-progress": "ProcedureStarted",
    "not-done": "ProcedureNotDone",
    stopped: "ProcedureStopped",
    completed: "ProcedureCompleted",
    "entered-in-error": "ProcedureEnteredInError",
  }),
} as const satisfies Declaration<Procedure>;
