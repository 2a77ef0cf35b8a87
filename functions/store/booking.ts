import type {
  Appointment,
  CodeableConcept,
  Location,
  Schedule,
  Slot,
} from "@medplum/fhirtypes";
import {
  booked,
  capacityOf,
  heldTime,
  isRoom,
  mayVisit,
  oneStretch,
  type HeldTime,
} from "../core/booking.ts";
import { Fault } from "../core/fault.ts";
import type { Stored, Work } from "./records.ts";

/** Books the slots that the wish names. Throws SlotTaken (409), SlotInPast, SlotsApart, UnknownSlot (422). */
export const bookAppointment = async (
  work: Work,
  wish: Appointment,
  now: Date,
): Promise<Stored<Appointment>> => {
  const patientReference =
    wish.participant.find(({ actor }) =>
      actor?.reference?.startsWith("Patient/"),
    )?.actor?.reference ?? "";
  work.expect([patientReference, ...surroundings(wish)]);
  const stretch = await freeStretch(work, wish.slot ?? [], now);
  const [patient] = await work.readAll([patientReference]);
  if (patient?.resourceType !== "Patient") {
    throw new Fault(
      "UnknownPatient",
      422,
      "A booking needs a patient of this record.",
      { code: "not-found", expression: ["Appointment.participant"] },
    );
  }
  mayVisit(patient);
  work.rely("Patient", patient.id);
  const schedule = await scheduleOf(work, stretch.slots[0]);
  return work.create(booked(wish, stretch, schedule, now));
};

/** Frees the appointment's time. Cancelling twice is harmless. */
export const cancelAppointment = async (
  work: Work,
  id: string,
  reason?: CodeableConcept,
  ifVersion?: string,
): Promise<Stored<Appointment>> => {
  const appointment = await present(work, id);
  if (appointment.status === "cancelled") return appointment;
  return work.update(
    {
      ...appointment,
      status: "cancelled",
      ...(reason !== undefined && { cancelationReason: reason }),
    },
    options(ifVersion),
  );
};

/** Moves a booked appointment to other slots; it stays the same appointment, and the patient is asked again. */
export const rescheduleAppointment = async (
  work: Work,
  id: string,
  slots: Appointment["slot"],
  now: Date,
  ifVersion?: string,
): Promise<Stored<Appointment>> => {
  const appointment = await present(work, id);
  if (appointment.status !== "booked" && appointment.status !== "pending") {
    throw new Fault(
      "IllegalMove",
      422,
      "Only a booked appointment can be moved.",
      { expression: ["Appointment.status"] },
    );
  }
  const own = new Set(appointment.slot?.map(({ reference }) => reference));
  work.expect([
    ...[...own].flatMap((reference) => reference ?? []),
    ...surroundings(appointment),
    ...surroundings({ ...appointment, slot: slots ?? [] }),
  ]);
  const stretch = await freeStretch(work, slots ?? [], now, own);
  const before = new Set(
    (appointment.slot?.[0]?.reference === undefined
      ? []
      : (await scheduleOfReference(work, appointment.slot[0].reference)).actor
    ).map(({ reference }) => reference),
  );
  const kept = {
    ...appointment,
    participant: appointment.participant.filter(
      ({ actor }) => !before.has(actor?.reference),
    ),
  };
  const { created = now.toISOString(), ...moved } = booked(
    kept,
    stretch,
    await scheduleOf(work, stretch.slots[0]),
    now,
  );
  return work.update(
    {
      ...moved,
      created: appointment.created ?? created,
      id: appointment.id,
      meta: appointment.meta,
    },
    options(ifVersion),
  );
};

/** What settling the time of these slots will look at besides them. */
const surroundings = ({
  slot = [],
  participant,
}: Pick<Appointment, "slot" | "participant">): readonly string[] => [
  ...new Set(slot.map(({ reference = "" }) => scheduleIn(reference))),
  ...participant.flatMap(({ actor }) =>
    actor?.reference?.startsWith("Location/") === true ? actor.reference : [],
  ),
];

const options = (ifVersion: string | undefined): { ifVersion?: string } =>
  ifVersion === undefined ? {} : { ifVersion };

const present = async (
  work: Work,
  id: string,
): Promise<Stored<Appointment>> => {
  const appointment = await work.read("Appointment", id);
  if (appointment === undefined)
    throw new Fault("NotFound", 404, "There is no such Appointment.");
  return appointment;
};

const freeStretch = async (
  work: Work,
  references: NonNullable<Appointment["slot"]>,
  now: Date,
  own: ReadonlySet<string | undefined> = new Set(),
) => {
  const slots = await work.readAll(
    references.map(({ reference }) => reference ?? ""),
  );
  const known = slots.filter(
    (slot): slot is Stored<Slot> => slot?.resourceType === "Slot",
  );
  if (known.length < slots.length)
    throw new Fault("UnknownSlot", 422, "A slot is not in this record.", {
      code: "not-found",
      expression: ["Appointment.slot"],
    });
  return oneStretch(
    known.map((slot) =>
      own.has(`Slot/${slot.id}`) ? { ...slot, status: "free" } : slot,
    ),
    now,
  );
};

const scheduleOf = (
  work: Work,
  slot: Slot | undefined,
): Promise<Stored<Schedule>> =>
  scheduleOfReference(work, undefined, slot?.schedule.reference);

const scheduleOfReference = async (
  work: Work,
  slotReference: string | undefined,
  scheduleReference?: string,
): Promise<Stored<Schedule>> => {
  const reference = scheduleReference ?? scheduleIn(slotReference ?? "");
  const [schedule] = await work.readAll([reference]);
  if (schedule?.resourceType !== "Schedule")
    throw new Fault(
      "UnknownSchedule",
      422,
      "The slot's schedule is not in this record.",
      { code: "not-found" },
    );
  return schedule;
};

/** What settling the time of an appointment needs of the unit of work, beneath permission. */
export interface TimeKeeper {
  look(references: readonly string[]): Promise<readonly unknown[]>;
  /** The commit fails if the slot has changed since. */
  rely(slot: Stored<Slot>): void;
  setSlot(slot: Stored<Slot>): Promise<void>;
  claim(
    actor: string,
    time: { from: string; until: string },
    holder: string,
    capacity: number,
  ): Promise<number>;
  release(
    actor: string,
    time: { from: string; until: string },
    holder: string,
  ): Promise<void>;
}

/**
 * Keeps slots and claims in step with an appointment, whoever changes it: what it no longer holds is freed, what it newly
 * holds is taken, in the same transaction. So no practitioner and no room is ever booked twice. Throws SlotTaken (409).
 */
export const settleTime = async (
  keeper: TimeKeeper,
  holder: string,
  before: Appointment | undefined,
  after: Appointment | undefined,
): Promise<void> => {
  const [old, next] = [heldTime(before), heldTime(after)];
  if (same(old, next)) return;
  const references = [
    ...new Set([...(old?.slots ?? []), ...(next?.slots ?? [])]),
  ];
  const looked = await keeper.look([
    ...references,
    ...(next?.slots.slice(0, 1).map(scheduleIn) ?? []),
    ...[...(old?.actors ?? []), ...(next?.actors ?? [])].filter(isPlace),
  ]);
  const slots = new Map(
    looked.filter(isSlot).map((slot) => [`Slot/${slot.id}`, slot]),
  );
  if (old !== undefined) {
    for (const actor of await exclusive(keeper, old))
      await keeper.release(actor, old, holder);
    for (const slot of old.slots.flatMap(
      (reference) => slots.get(reference) ?? [],
    )) {
      if (
        next?.slots.includes(`Slot/${slot.id}`) !== true &&
        (slot.status === "busy" || slot.status === "busy-tentative")
      )
        await keeper.setSlot({ ...slot, status: "free" });
    }
  }
  if (next === undefined) return;
  const [schedule] = await keeper.look(
    [...slots.values()]
      .slice(0, 1)
      .flatMap(({ schedule: { reference } }) => reference ?? []),
  );
  const capacity = isSchedule(schedule) ? capacityOf(schedule) : 1;
  let fullest = 0;
  for (const actor of await exclusive(keeper, next))
    fullest = Math.max(
      fullest,
      await keeper.claim(actor, next, holder, capacity),
    );
  for (const slot of next.slots.flatMap(
    (reference) => slots.get(reference) ?? [],
  )) {
    if (old?.slots.includes(`Slot/${slot.id}`) === true) continue;
    if (slot.status !== "free")
      throw new Fault(
        "SlotTaken",
        409,
        "This time has just been taken. Look for another one.",
      );
    if (fullest >= capacity) await keeper.setSlot({ ...slot, status: "busy" });
    else keeper.rely(slot);
  }
};

/** Of the actors, those who can be in one place only: practitioners, and rooms; without any, the schedule itself. */
const exclusive = async (
  keeper: TimeKeeper,
  { actors, slots }: HeldTime,
): Promise<readonly string[]> => {
  const places = actors.filter(isPlace);
  const rooms = new Set(
    (await keeper.look(places))
      .filter((place) => isLocation(place) && isRoom(place))
      .map((place) => `Location/${(place as Stored<Location>).id}`),
  );
  const claimed = actors.filter(
    (actor) => actor.startsWith("Practitioner/") || rooms.has(actor),
  );
  return claimed.length > 0 ? claimed : slots.slice(0, 1).map(scheduleIn);
};

const isPlace = (actor: string): boolean => actor.startsWith("Location/");

/** A slot's id begins with its schedule's. */
const scheduleIn = (slot: string): string =>
  `Schedule/${slot.slice("Slot/".length, "Slot/".length + 26)}`;

const same = (
  one: HeldTime | undefined,
  other: HeldTime | undefined,
): boolean => JSON.stringify(one) === JSON.stringify(other);
const isSlot = (resource: unknown): resource is Stored<Slot> =>
  (resource as { resourceType?: string } | undefined)?.resourceType === "Slot";
const isSchedule = (resource: unknown): resource is Schedule =>
  (resource as { resourceType?: string } | undefined)?.resourceType ===
  "Schedule";
const isLocation = (resource: unknown): resource is Location =>
  (resource as { resourceType?: string } | undefined)?.resourceType ===
  "Location";
