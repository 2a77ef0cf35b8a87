import type {
  Appointment,
  Location,
  Patient,
  Schedule,
  Slot,
} from "@medplum/fhirtypes";
import { Fault } from "./fault.ts";

/** Time that a booking holds: whose, from when, until when. */
export interface HeldTime {
  readonly slots: readonly string[];
  readonly actors: readonly string[];
  readonly from: string;
  readonly until: string;
}

const holding: ReadonlySet<Appointment["status"]> = new Set([
  "pending",
  "booked",
  "arrived",
  "checked-in",
]);

/** What an appointment holds of practitioners, places and slots; nothing once it is over, cancelled or only proposed. */
export const heldTime = (
  appointment: Appointment | undefined,
): HeldTime | undefined => {
  if (
    appointment?.start === undefined ||
    appointment.end === undefined ||
    !holding.has(appointment.status)
  )
    return undefined;
  return {
    slots: (appointment.slot ?? []).flatMap(({ reference }) =>
      withoutVersion(reference),
    ),
    actors: appointment.participant.flatMap(({ actor, status }) =>
      status === "declined"
        ? []
        : withoutVersion(actor?.reference).filter((reference) =>
            /^(Practitioner|Location)\//.test(reference),
          ),
    ),
    from: appointment.start,
    until: appointment.end,
  };
};

const withoutVersion = (reference: string | undefined): readonly string[] =>
  reference === undefined ? [] : [reference.replace(/\/_history\/\d+$/, "")];

/** The patient, or who answers for them, has said that they will come. */
export const isConfirmed = ({
  participant,
}: Pick<Appointment, "participant">): boolean =>
  participant.some(
    ({ actor, status }) =>
      status === "accepted" &&
      actor?.reference?.startsWith("Patient/") === true,
  );

/** A site takes many visits at once; a room takes one (HL7 location-physical-type `ro`). */
export const isRoom = ({ physicalType }: Location): boolean =>
  physicalType?.coding?.some(({ code }) => code === "ro") === true;

const overbooking =
  "https://sojourn.example/fhir/StructureDefinition/schedule-capacity";

/** How many bookings a schedule takes at one time, at most 100; 1 unless it declares more. */
export const capacityOf = ({ extension = [] }: Schedule): number =>
  Math.min(
    100,
    Math.max(
      1,
      extension.find(({ url }) => url === overbooking)?.valuePositiveInt ?? 1,
    ),
  );

/** Throws SlotTaken (409), SlotInPast (422), SlotsApart (422). The slots become one stretch, in order. */
export const oneStretch = (
  slots: readonly (Slot & { id: string })[],
  now: Date,
): {
  slots: readonly (Slot & { id: string })[];
  start: string;
  end: string;
} => {
  const ordered = [...slots].sort(
    (one, other) => Date.parse(one.start) - Date.parse(other.start),
  );
  const [first] = ordered;
  const last = ordered.at(-1);
  if (first === undefined || last === undefined)
    throw new Fault("SlotMissing", 422, "Name at least one slot to book.", {
      code: "required",
      expression: ["Appointment.slot"],
    });
  if (ordered.some(({ status }) => status !== "free"))
    throw new Fault(
      "SlotTaken",
      409,
      "This time has just been taken. Look for another one.",
    );
  if (Date.parse(first.start) <= now.getTime()) {
    throw new Fault(
      "SlotInPast",
      422,
      "This time is in the past. Look for a later one.",
      { expression: ["Appointment.slot"] },
    );
  }
  const apart = ordered.some(({ start, schedule }, index) => {
    const before = ordered[index - 1];
    return (
      before !== undefined &&
      (Date.parse(before.end) !== Date.parse(start) ||
        before.schedule.reference !== schedule.reference)
    );
  });
  if (apart)
    throw new Fault(
      "SlotsApart",
      422,
      "Slots of one visit must follow each other in one schedule.",
      { expression: ["Appointment.slot"] },
    );
  return { slots: ordered, start: first.start, end: last.end };
};

/** Throws 422 for a patient who can take no visit. */
export const mayVisit = ({
  deceasedBoolean,
  deceasedDateTime,
  link = [],
}: Patient): void => {
  if (deceasedBoolean === true || deceasedDateTime !== undefined)
    throw new Fault("PatientDeceased", 422, "This patient has died.");
  if (link.some(({ type }) => type === "replaced-by"))
    throw new Fault(
      "PatientMerged",
      422,
      "This record was merged into another one; book there.",
    );
};

/**
 * The booked appointment: the wish of the caller, the time of the slots, the people and places of the schedule, who have
 * accepted by having it: a wish does not decline for them.
 */
export const booked = (
  wish: Appointment,
  stretch: ReturnType<typeof oneStretch>,
  schedule: Schedule,
  created: Date,
): Appointment => {
  const {
    id: _id,
    meta: _meta,
    start: _start,
    end: _end,
    cancelationReason: _reason,
    ...kept
  } = wish;
  const known = new Set(wish.participant.map(({ actor }) => actor?.reference));
  const scheduled = new Set(schedule.actor.map(({ reference }) => reference));
  return {
    ...kept,
    status: "booked",
    start: stretch.start,
    end: stretch.end,
    minutesDuration:
      (Date.parse(stretch.end) - Date.parse(stretch.start)) / 60_000,
    created: created.toISOString(),
    slot: stretch.slots.map(({ id }) => ({ reference: `Slot/${id}` })),
    ...(kept.serviceType === undefined &&
      schedule.serviceType !== undefined && {
        serviceType: schedule.serviceType,
      }),
    participant: [
      ...wish.participant.map((one) =>
        one.actor?.reference?.startsWith("Patient/") === true
          ? { ...one, status: "needs-action" as const }
          : scheduled.has(one.actor?.reference)
            ? { ...one, status: "accepted" as const }
            : one,
      ),
      ...schedule.actor
        .filter(
          ({ reference }) => reference !== undefined && !known.has(reference),
        )
        .map((actor) => ({
          actor: { reference: actor.reference ?? "" },
          status: "accepted" as const,
        })),
    ],
  };
};
