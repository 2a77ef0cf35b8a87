import type { Appointment, Slot } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fault } from "../../functions/core/fault.ts";
import {
  bookAppointment,
  cancelAppointment,
  rescheduleAppointment,
} from "../../functions/store/booking.ts";
import type { Records, Stored, Work } from "../../functions/store/records.ts";
import type { Item } from "../../functions/store/table.ts";
import { aRecord, bySystem } from "../record.ts";
import { onBothTables } from "./both-tables.ts";
import {
  aPatient,
  aPractitioner,
  aRoom,
  aSchedule,
  aSite,
  aSlot,
  aWish,
} from "./builders.ts";

const now = new Date("2026-03-02T12:00:00Z");
const morning = Date.parse("2026-03-10T14:00:00Z");
const at = (minutes: number): string =>
  new Date(morning + minutes * 60_000).toISOString();

const change = <R>(records: Records, body: (work: Work) => Promise<R>) =>
  records.change(bySystem, body);

interface Grid {
  readonly practitioner: 0 | 1;
  readonly room: 0 | 1;
  readonly minutes: number;
  readonly offset: number;
}

/** Two practitioners and two rooms share four schedules of different grids over two hours. */
const grids: readonly Grid[] = [
  { practitioner: 0, room: 0, minutes: 20, offset: 0 },
  { practitioner: 0, room: 1, minutes: 45, offset: 10 },
  { practitioner: 1, room: 0, minutes: 30, offset: 5 },
  { practitioner: 1, room: 1, minutes: 15, offset: 0 },
];

const aPractice = async (records: Records) => {
  const patients = await Promise.all(
    [0, 1, 2].map(
      async () => (await change(records, (work) => work.create(aPatient()))).id,
    ),
  );
  const actors = await change(records, async (work) => ({
    practitioners: [
      await work.create(aPractitioner()),
      await work.create(aPractitioner()),
    ].map(({ id }) => `Practitioner/${id}`),
    rooms: [await work.create(aRoom()), await work.create(aRoom())].map(
      ({ id }) => `Location/${id}`,
    ),
  }));
  const slots: string[][] = [];
  for (const { practitioner, room, minutes, offset } of grids)
    slots.push(
      await change(records, async (work) => {
        const { id } = await work.create(
          aSchedule([
            actors.practitioners[practitioner] ?? "",
            actors.rooms[room] ?? "",
          ]),
        );
        const made: string[] = [];
        for (let from = offset; from + minutes <= 120; from += minutes)
          made.push((await work.create(aSlot(id, at(from), minutes))).id);
        return made;
      }),
    );
  return { patients, slots, ...actors };
};

/** One schedule of one practitioner with slots of thirty minutes. */
const aSmallPractice = (
  records: Records,
  {
    capacity,
    slots = 1,
    actors,
  }: {
    capacity?: number;
    slots?: number;
    actors?: (work: Work) => Promise<readonly string[]>;
  } = {},
) =>
  change(records, async (work) => {
    const patient = await work.create(aPatient());
    const practitioner = await work.create(aPractitioner());
    const schedule = await work.create(
      aSchedule(
        (await actors?.(work)) ?? [`Practitioner/${practitioner.id}`],
        capacity,
      ),
    );
    const made: Stored<Slot>[] = [];
    for (let number = 0; number < slots; number += 1)
      made.push(await work.create(aSlot(schedule.id, at(number * 30), 30)));
    return {
      patient: patient.id,
      practitioner: `Practitioner/${practitioner.id}`,
      schedule: schedule.id,
      slots: made.map(({ id }) => id),
    };
  });

const appointmentsOf = async (records: Records, patients: readonly string[]) =>
  (
    await Promise.all(
      patients.map((id) =>
        change(records, (work) => work.ofPatient("Appointment", id)),
      ),
    )
  ).flat();

const rowsOf = (from: string, until: string): readonly string[] =>
  Array.from(
    {
      length: Math.ceil((Date.parse(until) - Date.parse(from)) / 300_000),
    },
    (_, index) =>
      `${new Date(Date.parse(from) + index * 300_000).toISOString().slice(0, 16)}Z`,
  );

/** What the claims must be, given the appointments that hold time. */
const expectConsistent = async (
  records: Records,
  practice: Awaited<ReturnType<typeof aPractice>>,
  items: readonly Item[],
): Promise<void> => {
  const held = (await appointmentsOf(records, practice.patients)).filter(
    ({ status }) => status === "booked",
  );
  const claims = held.flatMap(({ id, participant, start = "", end = "" }) =>
    participant.flatMap(({ actor }) =>
      actor?.reference?.startsWith("Patient/") === false
        ? rowsOf(start, end).map(
            (row) =>
              `CLAIM#${actor.reference ?? ""} ${row} "Appointment/${id}"`,
          )
        : [],
    ),
  );
  const kept = items
    .filter(({ pk }) => pk.startsWith("CLAIM#"))
    .map(
      ({ pk, sk, holder }) =>
        `${pk} ${sk.slice(0, sk.indexOf("#"))} ${JSON.stringify(holder)}`,
    );
  expect(kept.sort()).toEqual(claims.sort());
  expect(
    new Set(kept.map((row) => row.split(" ").slice(0, 2).join(" "))).size,
  ).toBe(kept.length);
  const busy = new Set(
    held.flatMap(({ slot = [] }) => slot.map(({ reference }) => reference)),
  );
  for (const id of practice.slots.flat())
    expect([id, (await records.read(bySystem, "Slot", id)).status]).toEqual([
      id,
      busy.has(`Slot/${id}`) ? "busy" : "free",
    ]);
};

const step = fc.record({
  kind: fc.constantFrom("book", "book", "book", "cancel", "reschedule"),
  patient: fc.nat(2),
  schedule: fc.nat(3),
  slot: fc.nat(7),
  length: fc.integer({ min: 1, max: 2 }),
  which: fc.nat(9),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const expected = new Set([
  "SlotTaken",
  "SlotsApart",
  "IllegalMove",
  "Conflict",
]);

onBothTables((emptyTable, runs) => {
  test("however several clients book, move and cancel, nobody and no room is booked twice, and slots, claims and appointments agree", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), {
          minLength: 2,
          maxLength: 4,
        }),
        async (clients) => {
          const { table, dump } = await emptyTable();
          const { records } = aRecord({ table, now: () => now });
          const practice = await aPractice(records);
          const booked: Stored<Appointment>[] = [];
          const run = async (one: Step): Promise<void> => {
            const { patients, slots } = practice;
            const grid = slots[one.schedule] ?? [];
            const first = one.slot % grid.length;
            const wanted = grid.slice(first, first + one.length);
            const chosen = booked[one.which % Math.max(booked.length, 1)];
            if (one.kind === "book")
              booked.push(
                await change(records, (work) =>
                  bookAppointment(
                    work,
                    aWish(patients[one.patient] ?? "", wanted),
                    now,
                  ),
                ),
              );
            else if (chosen !== undefined)
              await change(records, (work) =>
                one.kind === "cancel"
                  ? cancelAppointment(work, chosen.id)
                  : rescheduleAppointment(
                      work,
                      chosen.id,
                      wanted.map((id) => ({ reference: `Slot/${id}` })),
                      now,
                    ),
              );
          };
          await Promise.all(
            clients.map(async (steps) => {
              for (const one of steps)
                await run(one).catch((error: unknown) => {
                  if (!expected.has((error as Fault).name)) throw error;
                });
            }),
          );
          await expectConsistent(records, practice, await dump());
        },
      ),
      { numRuns: runs },
    );
  });

  test.each([1, 2, 3])(
    "of twelve simultaneous bookings of a schedule that takes %i at a time, so many succeed",
    async (capacity) => {
      const { table } = await emptyTable();
      const { records } = aRecord({ table, now: () => now });
      const { patient, slots } = await aSmallPractice(records, { capacity });
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, () =>
          change(records, (work) =>
            bookAppointment(work, aWish(patient, slots), now),
          ),
        ),
      );
      expect(
        results.filter(({ status }) => status === "fulfilled"),
      ).toHaveLength(capacity);
      const faults = results.flatMap((one) =>
        one.status === "rejected" ? [(one.reason as Fault).status] : [],
      );
      expect(new Set(faults)).toEqual(new Set([409]));
      expect(
        (await records.read(bySystem, "Slot", slots[0] ?? "")).status,
      ).toBe("busy");
    },
  );

  test("a place without practitioner or room takes as many as its schedule says", async () => {
    const { table } = await emptyTable();
    const { records } = aRecord({ table, now: () => now });
    const { patient, slots } = await aSmallPractice(records, {
      capacity: 2,
      actors: async (work) => [`Location/${(await work.create(aSite())).id}`],
    });
    const book = () =>
      change(records, (work) =>
        bookAppointment(work, aWish(patient, slots), now),
      );
    const first = await book();
    await book();
    await expect(book()).rejects.toMatchObject({ name: "SlotTaken" });
    await change(records, (work) => cancelAppointment(work, first.id));
    await book();
    await expect(book()).rejects.toMatchObject({ name: "SlotTaken" });
    expect((await records.read(bySystem, "Slot", slots[0] ?? "")).status).toBe(
      "busy",
    );
  });

  test("time that one appointment gives up in a commit another one of the same commit may take, and keeps", async () => {
    const { table } = await emptyTable();
    const { records } = aRecord({ table, now: () => now });
    const { patient, practitioner, slots } = await aSmallPractice(records);
    const old = await change(records, (work) =>
      bookAppointment(work, aWish(patient, slots), now),
    );
    const direct: Appointment = {
      resourceType: "Appointment",
      status: "booked",
      start: at(10),
      end: at(20),
      participant: [
        { actor: { reference: `Patient/${patient}` }, status: "accepted" },
        { actor: { reference: practitioner }, status: "accepted" },
      ],
    };
    await expect(
      change(records, (work) => work.create(direct)),
    ).rejects.toMatchObject({ name: "SlotTaken" });
    await change(records, async (work) => {
      await work.create(direct);
      await work.update({ ...old, status: "cancelled" });
    });
    await expect(
      change(records, (work) => work.create(direct)),
    ).rejects.toMatchObject({ name: "SlotTaken" });
    await change(records, async (work) => {
      const { id } = await work.create({
        ...direct,
        start: at(60),
        end: at(70),
      });
      await work.remove("Appointment", id);
    });
    await change(records, (work) =>
      work.create({ ...direct, start: at(60), end: at(70) }),
    );
  });

  test("a slot that the clinic closed stays closed when its appointment is cancelled, and is not taken", async () => {
    const { table } = await emptyTable();
    const { records } = aRecord({ table, now: () => now });
    const { patient, slots } = await aSmallPractice(records, { capacity: 2 });
    const [slot = ""] = slots;
    const { id } = await change(records, (work) =>
      bookAppointment(work, aWish(patient, slots), now),
    );
    const free = await records.read(bySystem, "Slot", slot);
    await change(records, (work) =>
      work.update({ ...free, status: "busy-unavailable" }),
    );
    await change(records, (work) => cancelAppointment(work, id));
    expect((await records.read(bySystem, "Slot", slot)).status).toBe(
      "busy-unavailable",
    );
    await expect(
      change(records, (work) =>
        work.create<Appointment>({
          ...aWish(patient, slots),
          status: "booked",
          start: at(0),
          end: at(30),
        }),
      ),
    ).rejects.toMatchObject({ name: "SlotTaken" });
  });

  test("nobody is booked while their slot is being closed", async () => {
    const { table } = await emptyTable();
    const { records } = aRecord({ table, now: () => now });
    const { patient, slots } = await aSmallPractice(records, { capacity: 2 });
    const [slot = ""] = slots;
    let closing = true;
    await expect(
      change(records, async (work) => {
        const appointment = await bookAppointment(
          work,
          aWish(patient, slots),
          now,
        );
        if (closing) {
          closing = false;
          const free = await records.read(bySystem, "Slot", slot);
          await change(records, (other) =>
            other.update({ ...free, status: "busy-unavailable" }),
          );
        }
        return appointment;
      }),
    ).rejects.toMatchObject({ name: "SlotTaken" });
  });

  test("plain create, update and delete keep claims and slots in step as the operations do", async () => {
    const { table, dump } = await emptyTable();
    const { records } = aRecord({ table, now: () => now });
    const { patient, practitioner, slots } = await aSmallPractice(records, {
      slots: 2,
    });
    const [one = "", two = ""] = slots;
    const claims = async () =>
      (await dump())
        .filter(({ pk }) => pk.startsWith("CLAIM#"))
        .map(({ sk }) => sk.slice(11, 16))
        .sort();
    const statuses = () =>
      Promise.all(
        slots.map(
          async (id) => (await records.read(bySystem, "Slot", id)).status,
        ),
      );
    const appointment = await change(records, (work) =>
      work.create<Appointment>({
        resourceType: "Appointment",
        status: "booked",
        start: at(0),
        end: at(30),
        slot: [{ reference: `Slot/${one}` }],
        participant: [
          { actor: { reference: `Patient/${patient}` }, status: "accepted" },
          { actor: { reference: practitioner }, status: "accepted" },
        ],
      }),
    );
    expect(await statuses()).toEqual(["busy", "free"]);
    expect(await claims()).toEqual([
      "14:00",
      "14:05",
      "14:10",
      "14:15",
      "14:20",
      "14:25",
    ]);
    const moved = await change(records, (work) =>
      work.update({
        ...appointment,
        start: at(30),
        end: at(40),
        slot: [{ reference: `Slot/${two}` }],
      }),
    );
    expect(await statuses()).toEqual(["free", "busy"]);
    expect(await claims()).toEqual(["14:30", "14:35"]);
    await change(records, (work) =>
      work.update({ ...moved, status: "arrived" }),
    );
    expect(await claims()).toEqual(["14:30", "14:35"]);
    await change(records, (work) => work.remove("Appointment", moved.id));
    expect(await statuses()).toEqual(["free", "free"]);
    expect(await claims()).toEqual([]);
  });
});
