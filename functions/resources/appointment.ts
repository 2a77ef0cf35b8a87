import type { Appointment } from "@medplum/fhirtypes";
import { isConfirmed } from "../core/booking.ts";
import type { Declaration, Entry } from "./declaration.ts";
import { broken, outOfOrder } from "./findings.ts";
import { utcDay, utcInstant } from "./normalise.ts";
import { referencesAt } from "./references.ts";

const lists: Readonly<Record<string, string>> = {
  Practitioner: "practitioner-day",
  Location: "location-day",
};

/** The day lists of everybody and every place taking part; a day is the UTC day of `start`. */
const index = (appointment: Appointment): readonly Entry[] => {
  const day = appointment.start && utcDay(appointment.start);
  const sort = appointment.start && utcInstant(appointment.start);
  if (!day || !sort) return [];
  return [...new Set(referencesAt(appointment, "participant.actor"))].flatMap(
    (actor) => {
      const list = lists[actor.split("/", 1)[0] ?? ""];
      return list ? [{ list, key: [actor, day], sort, hashed: false }] : [];
    },
  );
};

const entered: Readonly<Record<Appointment["status"], string>> = {
  proposed: "AppointmentProposed",
  pending: "AppointmentHeld",
  waitlist: "AppointmentWaitlisted",
  booked: "AppointmentBooked",
  arrived: "AppointmentArrived",
  "checked-in": "AppointmentCheckedIn",
  fulfilled: "AppointmentFulfilled",
  cancelled: "AppointmentCancelled",
  noshow: "AppointmentMissed",
  "entered-in-error": "AppointmentEnteredInError",
};

const times = ({ start, end, slot = [] }: Appointment): string =>
  JSON.stringify([
    start && utcInstant(start),
    end && utcInstant(end),
    slot.map(({ reference }) => reference),
  ]);

const patientCount = (appointment: Appointment): number =>
  new Set(
    referencesAt(appointment, "participant.actor").filter((actor) =>
      actor.startsWith("Patient/"),
    ),
  ).size;

export const appointment = {
  type: "Appointment",
  home: ["participant.actor"],
  links: ["participant.actor"],
  index,
  moves: {
    proposed: [
      "pending",
      "booked",
      "waitlist",
      "cancelled",
      "entered-in-error",
    ],
    pending: ["booked", "cancelled", "proposed", "entered-in-error"],
    waitlist: [
      "proposed",
      "pending",
      "booked",
      "cancelled",
      "entered-in-error",
    ],
    booked: [
      "arrived",
      "checked-in",
      "cancelled",
      "noshow",
      "pending",
      "entered-in-error",
    ],
    arrived: ["checked-in", "fulfilled", "cancelled", "entered-in-error"],
    "checked-in": ["fulfilled", "cancelled", "entered-in-error"],
    fulfilled: ["entered-in-error"],
    cancelled: ["entered-in-error"],
    noshow: ["entered-in-error"],
    "entered-in-error": [],
  },
  invariants: (after) => [
    ...(outOfOrder(after.start, after.end)
      ? [broken("Appointment.end", "an appointment ends after it starts")]
      : []),
    ...(patientCount(after) > 1
      ? [
          broken(
            "Appointment.participant",
            "an appointment has one patient; a group visit is one appointment each",
          ),
        ]
      : []),
  ],
  event: (after, before) => {
    if (!after) return undefined;
    if (after.status !== before?.status) return entered[after.status];
    if (after.status !== "booked") return undefined;
    if (times(after) !== times(before)) return "AppointmentMoved";
    return isConfirmed(after) && !isConfirmed(before)
      ? "AppointmentConfirmed"
      : undefined;
  },
} as const satisfies Declaration<Appointment>;
