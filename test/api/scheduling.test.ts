import type { Appointment, Bundle, Parameters, Slot } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import {
  aPatient,
  aPractitioner,
  aSchedule,
  aSite,
  aSlot,
  aWish,
} from "../store/builders.ts";
import {
  aServer,
  asClient,
  asPatient,
  codesOf,
  type Server,
} from "./server.ts";

const now = new Date("2026-03-02T12:00:00Z");
const hour = 3_600_000;

const aClinic = async ({
  zone = "America/New_York",
  first = "2026-03-10T14:00:00Z",
  count = 4,
  minutes = 30,
}: {
  zone?: string;
  first?: string;
  count?: number;
  minutes?: number;
} = {}) => {
  const server = aServer({ now: () => now });
  const { make } = server;
  const { id: patient } = await make(aPatient());
  const { id: practitioner } = await make(aPractitioner());
  const { id: site } = await make(aSite(zone));
  const { id: schedule } = await make(
    aSchedule([`Practitioner/${practitioner}`, `Location/${site}`]),
  );
  const slots: string[] = [];
  for (let number = 0; number < count; number += 1)
    slots.push(
      (
        await make(
          aSlot(
            schedule,
            new Date(
              Date.parse(first) + number * minutes * 60_000,
            ).toISOString(),
            minutes,
          ),
        )
      ).id,
    );
  return { ...server, patient, practitioner, site, schedule, slots };
};

const found = async (
  { ask }: Pick<Server, "ask">,
  query: Record<string, string>,
): Promise<readonly Appointment[]> => {
  const { status, body, text } = await ask<Bundle<Appointment>>(
    "GET",
    "/Appointment/$find",
    { query },
  );
  if (status !== 200) throw new Error(text);
  return body.entry?.flatMap(({ resource }) => resource ?? []) ?? [];
};

const slotParameters = (...slots: readonly string[]): Parameters => ({
  resourceType: "Parameters",
  parameter: slots.map((id) => ({
    name: "slot",
    valueReference: { reference: `Slot/${id}` },
  })),
});

test.each([
  [
    "spring forward",
    "2026-03-08",
    23,
    "2026-03-08T00:00:00-05:00",
    "2026-03-08T23:00:00-04:00",
  ],
  [
    "fall back",
    "2026-11-01",
    25,
    "2026-11-01T00:00:00-04:00",
    "2026-11-01T23:00:00-05:00",
  ],
])(
  "a local day is whole when clocks %s",
  async (_name, day, hours, first, last) => {
    const clinic = await aClinic({
      first: new Date(Date.parse(`${day}T00:00:00Z`) - 4 * hour).toISOString(),
      count: 40,
      minutes: 60,
    });
    const times = await found(clinic, { start: day, end: day });
    expect(times).toHaveLength(hours);
    expect([times[0]?.start, times.at(-1)?.start]).toEqual([first, last]);
    expect(new Set(times.map(({ start = "" }) => Date.parse(start))).size).toBe(
      hours,
    );
  },
);

test("a visit longer than a slot is found over slots that follow each other, and booked whole", async () => {
  const clinic = await aClinic();
  const { ask, patient, slots } = clinic;
  const query = { start: "2026-03-10", end: "2026-03-10", duration: "45" };
  const times = await found(clinic, query);
  expect(
    times.map(({ slot }) => slot?.map(({ reference }) => reference)),
  ).toEqual(
    [0, 1, 2].map((from) =>
      slots.slice(from, from + 2).map((id) => `Slot/${id}`),
    ),
  );
  const { status, body } = await ask<Appointment>(
    "POST",
    "/Appointment/$book",
    { as: asPatient(patient), body: times[1] },
  );
  expect([status, body.status, body.minutesDuration]).toEqual([
    201,
    "booked",
    60,
  ]);
  expect(await found(clinic, query)).toEqual([]);
  expect(await found(clinic, { ...query, duration: "30" })).toHaveLength(2);
});

test("of fifty simultaneous bookings one is 201 and all others are 409", async () => {
  const { ask, patient, slots } = await aClinic();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      ask("POST", "/Appointment/$book", {
        body: aWish(patient, slots.slice(0, 1)),
      }),
    ),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(49);
});

test("cancelling frees the time, twice is harmless, a stale version is 412", async () => {
  const clinic = await aClinic();
  const { ask, patient, slots } = clinic;
  const { body } = await ask<Appointment>("POST", "/Appointment/$book", {
    body: aWish(patient, slots.slice(0, 1)),
  });
  const cancel = (headers: Record<string, string> = {}) =>
    ask<Appointment>("POST", `/Appointment/${body.id ?? ""}/$cancel`, {
      as: asPatient(patient),
      headers,
      body: {
        resourceType: "Parameters",
        parameter: [
          {
            name: "reason",
            valueCodeableConcept: {
              coding: [
                {
                  system:
                    "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason",
                  code: "pat",
                },
              ],
            },
          },
        ],
      },
    });
  expect((await cancel({ "If-Match": 'W/"9"' })).status).toBe(412);
  const cancelled = await cancel();
  expect([
    cancelled.status,
    cancelled.body.status,
    cancelled.body.cancelationReason?.coding?.[0]?.code,
  ]).toEqual([200, "cancelled", "pat"]);
  expect((await cancel()).status).toBe(200);
  expect(
    await found(clinic, { start: "2026-03-10", end: "2026-03-10" }),
  ).toHaveLength(4);
  expect(
    (await ask("POST", `/Appointment/${body.id ?? ""}/$cancel`)).status,
  ).toBe(200);
});

test("rescheduling moves the same appointment in one step, or not at all", async () => {
  const { ask, patient, slots } = await aClinic();
  const [one = "", two = "", three = ""] = slots;
  const { body } = await ask<Appointment>("POST", "/Appointment/$book", {
    body: aWish(patient, [one]),
  });
  await ask("POST", "/Appointment/$book", { body: aWish(patient, [three]) });
  const move = (...to: readonly string[]) =>
    ask<Appointment>("POST", `/Appointment/${body.id ?? ""}/$reschedule`, {
      as: asPatient(patient),
      body: slotParameters(...to),
    });
  const statuses = () =>
    Promise.all(
      slots.map(
        async (id) => (await ask<Slot>("GET", `/Slot/${id}`)).body.status,
      ),
    );
  expect((await move(three)).status).toBe(409);
  expect(await statuses()).toEqual(["busy", "free", "busy", "free"]);
  const moved = await move(two);
  expect(moved).toMatchObject({
    status: 200,
    body: { id: body.id, status: "booked", start: "2026-03-10T14:30:00.000Z" },
  });
  expect(await statuses()).toEqual(["free", "busy", "busy", "free"]);
  expect((await move(one, two)).status).toBe(200);
  expect(await statuses()).toEqual(["busy", "busy", "busy", "free"]);
  await ask("POST", `/Appointment/${body.id ?? ""}/$cancel`);
  expect((await move(one)).status).toBe(422);
});

test("each wrong wish has its answer", async () => {
  const clinic = await aClinic();
  const { ask, make, patient, slots, schedule } = clinic;
  const [slot = "", , third = ""] = slots;
  const { id: past } = await make(aSlot(schedule, "2026-03-01T14:00:00Z", 30));
  const { id: other } = await make(aPatient());
  const { id: dead } = await make(aPatient({ deceasedBoolean: true }));
  const book = async (body: unknown, as = asPatient(patient)) => {
    const answer = await ask("POST", "/Appointment/$book", { as, body });
    return [answer.status, ...(answer.status < 400 ? [] : codesOf(answer))];
  };
  expect(await book(aWish(patient, [past]))).toEqual([422, "business-rule"]);
  expect(await book(aWish(patient, [`${slot.slice(0, -1)}0`]))).toEqual([
    422,
    "not-found",
  ]);
  expect(await book(aWish(patient, ["x"]))).toEqual([422, "not-found"]);
  expect(await book(aWish(patient, [slot, third]))).toEqual([
    422,
    "business-rule",
  ]);
  expect(await book(aWish(patient, []))).toEqual([400, "required"]);
  expect(await book(aWish(other, [slot]))).toEqual([403, "forbidden"]);
  expect(await book(aWish(dead, [slot]), asClient("system/*.cruds"))).toEqual([
    422,
    "business-rule",
  ]);
  expect(
    await book(aWish(patient, [slot]), asClient("system/Appointment.r")),
  ).toEqual([403, "forbidden"]);
  expect(await book(aWish(patient, [slot]))).toEqual([201]);
});

test("a foreign patient neither cancels nor moves nor reads a booking", async () => {
  const { ask, make, patient, slots } = await aClinic();
  const { body } = await ask<Appointment>("POST", "/Appointment/$book", {
    body: aWish(patient, slots.slice(0, 1)),
  });
  const as = asPatient((await make(aPatient())).id);
  const id = body.id ?? "";
  expect((await ask("POST", `/Appointment/${id}/$cancel`, { as })).status).toBe(
    403,
  );
  expect(
    (
      await ask("POST", `/Appointment/${id}/$reschedule`, {
        as,
        body: slotParameters(slots[1] ?? ""),
      })
    ).status,
  ).toBe(403);
  expect((await ask("GET", `/Appointment/${id}`, { as })).status).toBe(403);
});

test("a patient takes nobody's time but the schedule's, and cannot decline for who gives the care", async () => {
  const { ask, make, patient, practitioner, slots } = await aClinic();
  const { id: colleague } = await make(aPractitioner());
  const wish = aWish(patient, slots.slice(0, 1));
  const { body } = await ask<Appointment>("POST", "/Appointment/$book", {
    as: asPatient(patient),
    body: {
      ...wish,
      participant: [
        ...wish.participant,
        {
          actor: { reference: `Practitioner/${practitioner}` },
          status: "declined",
        },
        {
          actor: { reference: `Practitioner/${colleague}` },
          status: "accepted",
        },
      ],
    },
  });
  const people = body.participant.map(
    ({ actor, status }) => `${actor?.reference ?? ""} ${status}`,
  );
  expect(people).toContain(`Practitioner/${practitioner} accepted`);
  expect(people.join()).not.toContain(colleague);
  const direct = await ask("POST", "/Appointment", {
    body: {
      ...wish,
      status: "booked",
      slot: undefined,
      start: "2026-03-10T14:10:00Z",
      end: "2026-03-10T14:20:00Z",
      participant: [
        ...wish.participant,
        {
          actor: { reference: `Practitioner/${practitioner}/_history/1` },
          status: "accepted",
        },
      ],
    },
  });
  expect(direct.status).toBe(409);
});

test("questions of $find are checked, also where there is no schedule", async () => {
  const { ask } = aServer({ now: () => now });
  const status = async (query: Record<string, string>) =>
    (await ask("GET", "/Appointment/$find", { query })).status;
  const days = { start: "2026-03-10", end: "2026-03-11" };
  expect(await status(days)).toBe(200);
  for (const wrong of [
    { start: "2026-03-10" },
    { ...days, start: "yesterday" },
    { ...days, start: "2026-02-30" },
    { ...days, end: "2026-03-09" },
    { ...days, end: "2026-06-11" },
    { ...days, duration: "0" },
    { ...days, duration: "x" },
    { ...days, practitioner: "Location/x" },
    { ...days, foo: "x" },
    { ...days, _count: "0" },
  ])
    expect([wrong, await status(wrong)]).toEqual([wrong, 400]);
});
