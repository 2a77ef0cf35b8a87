import type { CarePlan } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

const entered: Readonly<Partial<Record<CarePlan["status"], string>>> = {
  active: "CarePlanStarted",
  "on-hold": "CarePlanPaused",
  revoked: "CarePlanRevoked",
  completed: "CarePlanCompleted",
  "entered-in-error": "CarePlanEnteredInError",
};

export const carePlan = {
  type: "CarePlan",
  home: ["subject"],
  links: ["subject", "activity.detail.performer"],
  moves: {
    draft: ["active", "on-hold", "revoked", "entered-in-error", "unknown"],
    active: ["on-hold", "revoked", "completed", "entered-in-error", "unknown"],
    "on-hold": [
      "active",
      "revoked",
      "completed",
      "entered-in-error",
      "unknown",
    ],
    revoked: ["entered-in-error"],
    completed: ["entered-in-error"],
    unknown: ["active", "on-hold", "revoked", "completed", "entered-in-error"],
    "entered-in-error": [],
  },
  event: (after, before) =>
    after && after.status !== before?.status
      ? entered[after.status]
      : undefined,
} as const satisfies Declaration<CarePlan>;
