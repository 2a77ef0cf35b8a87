import type {
  Appointment,
  OperationOutcome,
  Schedule,
  Slot,
} from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import type { FhirAnswer } from "../../local/system/fhir-client.ts";
import { book, freeTimes, wish } from "../../local/visits.ts";
import { theWorld, type World } from "./world.ts";

const day = 86_400_000;
const parallel = 50;
/** The patients on whose behalf they book; the scenario's own are the last ones of the clinic. */
const callers = 10;

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

const statuses = (answers: readonly FhirAnswer[]): Record<number, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(
      ([status, { length }]) => [status, length],
    ),
  );

const bookAll = (wishes: readonly Appointment[]) =>
  Promise.all(wishes.map((body) => bookFor(body)));

/** Whom the server asks to try again does so. */
const bookFor = async (
  body: Appointment,
  tries = 5,
): Promise<FhirAnswer<Appointment>> => {
  const answer = await world.fhir.request<Appointment>({
    method: "POST",
    path: "Appointment/$book",
    body,
  });
  return answer.status === 503 && tries > 1 ? bookFor(body, tries - 1) : answer;
};

const cancel = (id: string | undefined) =>
  world.fhir.expect<Appointment>({
    method: "POST",
    path: `Appointment/${id ?? ""}/$cancel`,
  });

/** A function takes seconds to start on a small machine; the race is about bookings, so the runners are on their feet before, a few at a time. */
const warm = async (): Promise<void> => {
  const read = () =>
    world.fhir.request({ path: `Patient/${world.patients[0]?.id ?? ""}` });
  let awake = 0;
  for (let round = 0; awake < parallel && round < 60; round += 1) {
    const length = Math.min(parallel, awake + 8);
    const answers = await Promise.all(Array.from({ length }, read));
    if (answers.every(({ status }) => status === 200)) awake = length;
  }
  if (awake < parallel)
    throw new Error(`${parallel} calls at once are too many for this machine`);
};

const winnerOf = (answers: readonly FhirAnswer<Appointment>[]) =>
  answers.find(({ status }) => status === 201)?.body;

describe("booking", () => {
  it(`of one time by ${parallel} callers at once succeeds for exactly one`, async () => {
    const [time] = await freeTimes(world.fhir, { from: Date.now() + 8 * day });
    if (!time) throw new Error("no free time");
    await warm();
    const answers = await bookAll(
      Array.from({ length: parallel }, (_, index) =>
        wish(time, world.patients[index % callers] ?? {}),
      ),
    );
    console.log(`  ${parallel} callers:`, statuses(answers));
    expect(statuses(answers)).toEqual({ 201: 1, 409: parallel - 1 });
    for (const { status, body } of answers) {
      if (status === 409)
        expect(body).toMatchObject({
          resourceType: "OperationOutcome",
          issue: [{ code: "conflict" }],
        } satisfies object);
    }
    const slot = await world.fhir.expect<Slot>({
      path: time.slot?.[0]?.reference ?? "",
    });
    expect(slot.status).toBe("busy");
    await cancel(winnerOf(answers)?.id);
  });

  it("never gives a practitioner two visits at once, whatever schedule or grid they are booked on", async () => {
    const [time] = await freeTimes(world.fhir, { from: Date.now() + 9 * day });
    if (!time?.start) throw new Error("no free time");
    const practitioner = time.participant
      .map(({ actor }) => actor?.reference ?? "")
      .find((reference) => reference.startsWith("Practitioner/"));
    const other = await world.fhir.expect<Schedule & { id: string }>({
      method: "POST",
      path: "Schedule",
      body: {
        resourceType: "Schedule",
        active: true,
        actor: [{ reference: practitioner ?? "" }],
      },
    });
    const start = Date.parse(time.start) - 15 * 60_000;
    const overlapping = await world.fhir.expect<Slot & { id: string }>({
      method: "POST",
      path: "Slot",
      body: {
        resourceType: "Slot",
        schedule: { reference: `Schedule/${other.id}` },
        status: "free",
        start: new Date(start).toISOString(),
        end: new Date(start + 45 * 60_000).toISOString(),
      },
    });
    const [one, two] = world.patients;
    const answers = await bookAll([
      wish(time, one ?? {}),
      {
        resourceType: "Appointment",
        status: "proposed",
        slot: [{ reference: `Slot/${overlapping.id}` }],
        participant: [
          {
            actor: { reference: `Patient/${two?.id ?? ""}` },
            status: "needs-action",
          },
        ],
      },
    ]);
    expect(statuses(answers)).toEqual({ 201: 1, 409: 1 });
    await cancel(winnerOf(answers)?.id);
  });

  it("is undone by cancelling: the same time can be booked again", async () => {
    const [time] = await freeTimes(world.fhir, { from: Date.now() + 10 * day });
    const [one, two] = world.patients;
    if (!time || !one || !two) throw new Error("no free time");
    const first = await book(world.fhir, time, one);
    expect((await cancel(first.id)).status).toBe("cancelled");
    const second = await book(world.fhir, time, two);
    expect(second.status).toBe("booked");
    await cancel(second.id);
  });

  it("moves in one step: the old time is free, the new one is taken", async () => {
    const [from, to] = await freeTimes(world.fhir, {
      from: Date.now() + 11 * day,
    });
    const [one] = world.patients;
    if (!from || !to || !one) throw new Error("no free time");
    const { id } = await book(world.fhir, from, one);
    const moved = await world.fhir.expect<Appointment>({
      method: "POST",
      path: `Appointment/${id}/$reschedule`,
      body: {
        resourceType: "Parameters",
        parameter: to.slot?.map(({ reference = "" }) => ({
          name: "slot",
          valueReference: { reference },
        })),
      },
    });
    expect(Date.parse(moved.start ?? "")).toBe(Date.parse(to.start ?? ""));
    const states = await Promise.all(
      [from, to].map(({ slot }) =>
        world.fhir.expect<Slot>({ path: slot?.[0]?.reference ?? "" }),
      ),
    );
    expect(states.map(({ status }) => status)).toEqual(["free", "busy"]);
    await cancel(id);
  });

  it("of a time in the past is refused, and nothing is written", async () => {
    const [patient] = world.patients;
    const slot = await world.fhir.expect<Slot & { id: string }>({
      method: "POST",
      path: "Slot",
      body: {
        resourceType: "Slot",
        schedule: { reference: world.reference("Schedule", 0) },
        status: "free",
        start: new Date(Date.now() - 2 * 3_600_000).toISOString(),
        end: new Date(Date.now() - 3_600_000).toISOString(),
      },
    });
    const { status, body } = await world.fhir.request<OperationOutcome>({
      method: "POST",
      path: "Appointment/$book",
      body: {
        resourceType: "Appointment",
        status: "proposed",
        slot: [{ reference: `Slot/${slot.id}` }],
        participant: [
          {
            actor: { reference: `Patient/${patient?.id ?? ""}` },
            status: "needs-action",
          },
        ],
      },
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      resourceType: "OperationOutcome",
      issue: [{ expression: ["Appointment.slot"] }],
    });
    expect(
      (await world.fhir.expect<Slot>({ path: `Slot/${slot.id}` })).status,
    ).toBe("free");
  });

  it("refuses a move of status that the table of moves does not have", async () => {
    const [time] = await freeTimes(world.fhir, { from: Date.now() + 12 * day });
    const [patient] = world.patients;
    if (!time || !patient) throw new Error("no free time");
    const { id } = await book(world.fhir, time, patient);
    const cancelled = await cancel(id);
    const { status, body } = await world.fhir.request<OperationOutcome>({
      method: "PUT",
      path: `Appointment/${id}`,
      body: { ...cancelled, status: "booked" },
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      issue: [{ expression: ["Appointment.status"] }],
    });
  });
});
