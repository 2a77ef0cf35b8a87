import type { MedicationStatement } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const medicationStatement = {
  type: "MedicationStatement",
  home: ["subject"],
  links: ["subject"],
  moves: {
    intended: [
      "active",
      "on-hold",
      "not-taken",
      "stopped",
      "entered-in-error",
      "unknown",
    ],
    active: [
      "on-hold",
      "completed",
      "stopped",
      "not-taken",
      "entered-in-error",
      "unknown",
    ],
    "on-hold": [
      "active",
      "completed",
      "stopped",
      "not-taken",
      "entered-in-error",
      "unknown",
    ],
    // Patients take up again what they had laid aside.
    stopped: ["active", "entered-in-error"],
    "not-taken": ["active", "entered-in-error"],
    completed: ["entered-in-error"],
    unknown: [
      "intended",
      "active",
      "on-hold",
      "completed",
      "stopped",
      "not-taken",
      "entered-in-error",
    ],
    "entered-in-error": [],
  },
  event: entering({
    active: "MedicationStatementActivated",
    "on-hold": "MedicationStatementPaused",
    stopped: "MedicationStatementStopped",
    "not-taken": "MedicationStatementNotTaken",
    completed: "MedicationStatementCompleted",
    "entered-in-error": "MedicationStatementEnteredInError",
  }),
} as const satisfies Declaration<MedicationStatement>;
