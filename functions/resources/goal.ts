import type { Goal } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

const entered: Readonly<Partial<Record<Goal["lifecycleStatus"], string>>> = {
  proposed: "GoalProposed",
  accepted: "GoalAccepted",
  rejected: "GoalRejected",
  active: "GoalStarted",
  "on-hold": "GoalPaused",
  completed: "GoalReached",
  cancelled: "GoalCancelled",
  "entered-in-error": "GoalEnteredInError",
};

export const goal = {
  type: "Goal",
  home: ["subject"],
  links: ["subject"],
  moves: {
    proposed: [
      "planned",
      "accepted",
      "rejected",
      "active",
      "cancelled",
      "entered-in-error",
    ],
    planned: [
      "accepted",
      "rejected",
      "active",
      "on-hold",
      "cancelled",
      "entered-in-error",
    ],
    accepted: ["active", "on-hold", "cancelled", "entered-in-error"],
    active: ["on-hold", "completed", "cancelled", "entered-in-error"],
    "on-hold": ["active", "completed", "cancelled", "entered-in-error"],
    // What was reached can be lost again.
    completed: ["active", "entered-in-error"],
    cancelled: ["entered-in-error"],
    rejected: ["entered-in-error"],
    "entered-in-error": [],
  },
  event: (after, before) =>
    after && after.lifecycleStatus !== before?.lifecycleStatus
      ? entered[after.lifecycleStatus]
      : undefined,
} as const satisfies Declaration<Goal>;
