import type { Encounter } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

const entered: Readonly<Partial<Record<Encounter["status"], string>>> = {
  planned: "EncounterPlanned",
  arrived: "EncounterArrived",
  triaged: "EncounterTriaged",
  "in-progress": "EncounterStarted",
  onleave: "EncounterInterrupted",
  finished: "EncounterFinished",
  cancelled: "EncounterCancelled",
  "entered-in-error": "EncounterEnteredInError",
};

export const encounter = {
  type: "Encounter",
  home: ["subject"],
  links: ["subject"],
  moves: {
    planned: [
      "arrived",
      "triaged",
      "in-progress",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    arrived: [
      "triaged",
      "in-progress",
      "onleave",
      "finished",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    triaged: [
      "in-progress",
      "onleave",
      "finished",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    "in-progress": [
      "onleave",
      "finished",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    onleave: [
      "in-progress",
      "finished",
      "cancelled",
      "entered-in-error",
      "unknown",
    ],
    // HL7 v2 A13: the discharge is cancelled.
    finished: ["in-progress", "entered-in-error"],
    cancelled: ["entered-in-error"],
    unknown: [
      "planned",
      "arrived",
      "triaged",
      "in-progress",
      "onleave",
      "finished",
      "cancelled",
      "entered-in-error",
    ],
    "entered-in-error": [],
  },
  event: (after, before) =>
    after && after.status !== before?.status
      ? entered[after.status]
      : undefined,
} as const satisfies Declaration<Encounter>;
