import type { MedicationRequest } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const medicationRequest = {
  type: "MedicationRequest",
  home: ["subject"],
  links: ["subject"],
  moves: {
    draft: ["active", "on-hold", "cancelled", "entered-in-error", "unknown"],
    active: [
      "on-hold",
      "completed",
      "stopped",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    "on-hold": [
      "active",
      "completed",
      "stopped",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    completed: ["entered-in-error"],
    stopped: ["entered-in-error"],
    cancelled: ["entered-in-error"],
    unknown: [
      "active",
      "on-hold",
      "completed",
      "stopped",
      "cancelled",
      "entered-in-error",
    ],
    "entered-in-error": [],
  },
  event: entering({
    active: "MedicationRequestOrdered",
    "on-hold": "MedicationRequestPaused",
    stopped: "MedicationRequestStopped",
    cancelled: "MedicationRequestCancelled",
    completed: "MedicationRequestCompleted",
    "entered-in-error": "MedicationRequestEnteredInError",
  }),
} as const satisfies Declaration<MedicationRequest>;
