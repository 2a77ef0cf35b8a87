import type { Slot } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { broken, outOfOrder } from "./findings.ts";
import { utcInstant } from "./normalise.ts";

export const slot = {
  type: "Slot",
  home: "schedule",
  links: [],
  moves: {
    free: ["busy", "busy-tentative", "busy-unavailable", "entered-in-error"],
    "busy-tentative": ["free", "busy", "busy-unavailable", "entered-in-error"],
    busy: ["free", "busy-tentative", "busy-unavailable", "entered-in-error"],
    "busy-unavailable": ["free", "busy", "busy-tentative", "entered-in-error"],
    "entered-in-error": [],
  },
  invariants: (after, before) => [
    ...(outOfOrder(after.start, after.end)
      ? [broken("Slot.end", "a slot ends after it starts")]
      : []),
    // Its id is made of both.
    ...(before && before.schedule.reference !== after.schedule.reference
      ? [broken("Slot.schedule", "a slot stays in its schedule")]
      : []),
    ...(before && utcInstant(before.start) !== utcInstant(after.start)
      ? [broken("Slot.start", "a slot keeps its start")]
      : []),
  ],
} as const satisfies Declaration<Slot>;
