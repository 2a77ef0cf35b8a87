import type { Appointment, Slot } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  booked,
  capacityOf,
  heldTime,
  mayVisit,
  oneStretch,
} from "../../functions/core/booking.ts";
import { aPatient, aSchedule, aSlot, aWish } from "../store/builders.ts";

const now = new Date("2026-03-02T12:00:00Z");
const at = (minutes: number): string =>
  new Date(Date.parse("2026-03-10T14:00:00Z") + minutes * 60_000).toISOString();
const slots = (count: number): readonly (Slot & { id: string })[] =>
  Array.from({ length: count }, (_, number) => ({
    ...aSlot("s", at(number * 20), 20),
    id: `slot-${String(number)}`,
  }));

const anAppointment = (given: Partial<Appointment>): Appointment => ({
  ...aWish("p", ["a"]),
  status: "booked",
  start: at(0),
  end: at(20),
  ...given,
});

test("slots that follow each other are one stretch in whatever order they are named", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }).chain((count) =>
        fc.shuffledSubarray([...slots(count)], {
          minLength: count,
          maxLength: count,
        }),
      ),
      (shuffled) => {
        const stretch = oneStretch(shuffled, now);
        expect(stretch.slots.map(({ start }) => start)).toEqual(
          shuffled.map(({ start }) => start).sort(),
        );
        expect([stretch.start, stretch.end]).toEqual([
          at(0),
          at(shuffled.length * 20),
        ]);
      },
    ),
  );
});

test("a gap, another schedule, the same slot twice, one taken, one past, none", () => {
  const [one, two, three] = slots(3);
  if (one === undefined || two === undefined || three === undefined)
    throw new Error("three slots");
  const other = { ...two, schedule: { reference: "Schedule/other" } };
  const fault = (given: Parameters<typeof oneStretch>[0], when = now) => {
    try {
      return oneStretch(given, when);
    } catch (error) {
      return (error as Error).name;
    }
  };
  expect(fault([one, three])).toBe("SlotsApart");
  expect(fault([one, other])).toBe("SlotsApart");
  expect(fault([one, one])).toBe("SlotsApart");
  expect(fault([{ ...one, status: "busy-tentative" }])).toBe("SlotTaken");
  expect(fault([one], new Date(one.start))).toBe("SlotInPast");
  expect(fault([])).toBe("SlotMissing");
});

test("an appointment holds the time of who takes part while it stands", () => {
  const participant: Appointment["participant"] = [
    { actor: { reference: "Patient/p" }, status: "accepted" },
    { actor: { reference: "Practitioner/d/_history/3" }, status: "accepted" },
    { actor: { reference: "Practitioner/e" }, status: "declined" },
    { actor: { reference: "Location/l" }, status: "needs-action" },
    { actor: { reference: "HealthcareService/h" }, status: "accepted" },
  ];
  const slot = [{ reference: "Slot/a/_history/2" }];
  expect(heldTime(anAppointment({ participant, slot }))).toEqual({
    slots: ["Slot/a"],
    actors: ["Practitioner/d", "Location/l"],
    from: at(0),
    until: at(20),
  });
  for (const status of [
    "proposed",
    "waitlist",
    "cancelled",
    "noshow",
    "fulfilled",
    "entered-in-error",
  ] as const)
    expect(heldTime(anAppointment({ status }))).toBeUndefined();
  for (const status of ["pending", "booked", "arrived", "checked-in"] as const)
    expect(heldTime(anAppointment({ status }))).toBeDefined();
});

test("a booking takes its time and its people from the schedule, not from the wish", () => {
  const [slot] = slots(1);
  if (slot === undefined) throw new Error("one slot");
  const wish: Appointment = {
    ...aWish("p", ["x"]),
    id: "mine",
    start: at(900),
    end: at(960),
    participant: [
      { actor: { reference: "Patient/p" }, status: "accepted" },
      {
        actor: { reference: "Practitioner/d" },
        status: "declined",
        required: "required",
      },
    ],
  };
  const appointment = booked(
    wish,
    oneStretch([slot], now),
    aSchedule(["Practitioner/d", "Location/l"]),
    now,
  );
  expect(appointment).toMatchObject({
    status: "booked",
    start: at(0),
    end: at(20),
    minutesDuration: 20,
    slot: [{ reference: "Slot/slot-0" }],
    participant: [
      { actor: { reference: "Patient/p" }, status: "needs-action" },
      {
        actor: { reference: "Practitioner/d" },
        status: "accepted",
        required: "required",
      },
      { actor: { reference: "Location/l" }, status: "accepted" },
    ],
  });
  expect(appointment.id).toBeUndefined();
});

test("a schedule takes one at a time unless it declares more", () => {
  expect(capacityOf(aSchedule(["Practitioner/d"]))).toBe(1);
  expect(capacityOf(aSchedule(["Practitioner/d"], 3))).toBe(3);
  expect(capacityOf(aSchedule(["Practitioner/d"], -3))).toBe(1);
});

test("who has died or was merged into another record takes no visit", () => {
  const of = (given: Parameters<typeof aPatient>[0]) => () =>
    mayVisit(aPatient(given));
  expect(of({ deceasedBoolean: true })).toThrow("died");
  expect(of({ deceasedDateTime: "2026-01-01" })).toThrow("died");
  expect(
    of({ link: [{ other: { reference: "Patient/x" }, type: "replaced-by" }] }),
  ).toThrow("merged");
  expect(
    of({
      deceasedBoolean: false,
      link: [{ other: { reference: "Patient/x" }, type: "replaces" }],
    }),
  ).not.toThrow();
});
