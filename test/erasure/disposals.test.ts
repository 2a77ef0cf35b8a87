import type { Task } from "@medplum/fhirtypes";
import { expect, it } from "vitest";
import { reviewRetention } from "../../functions/events/review-retention.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aRecord, bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";

const years = 365.25 * 86_400_000;

const aClinic = () => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const table = memoryTable();
  const record = aRecord({ table, now: () => new Date(clock.now()) });
  const create = async (birthDate = "1980-02-29"): Promise<string> =>
    (
      await record.records.change(bySystem, (work) =>
        work.create(aPatient({ birthDate })),
      )
    ).id;
  return { ...record, table, clock, create };
};

const anEvent = {
  Records: [{ eventSource: "aws:sqs", messageId: "1", body: "{}" }],
};

it("lists whose time is over, once each, and asks the privacy officer once; nobody is erased by it", async () => {
  const clinic = aClinic();
  const [old, child, held, merged, active] = [
    await clinic.create(),
    await clinic.create("2026-01-01"),
    await clinic.create(),
    await clinic.create(),
    await clinic.create(),
  ];
  await clinic.records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", merged);
    await work.update({
      ...patient,
      link: [{ type: "replaced-by", other: { reference: `Patient/${old}` } }],
    });
  });
  await (
    await clinic.holds()
  ).place(bySystem, held, { reason: "audit", text: "A matter" });
  await clinic.clock.advanceTo(clinic.clock.now() + 9 * years);
  await clinic.records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", active);
    await work.update({ ...patient, active: true });
  });
  await clinic.clock.advanceTo(clinic.clock.now() + 2 * years);

  const logged: string[] = [];
  const log = Object.assign((fact: string) => void logged.push(fact), {
    error: () => undefined,
  });
  const review = reviewRetention({ ...clinic, log });
  await review(anEvent, {});
  await review(anEvent, {});

  const month = new Date(clinic.clock.now()).toISOString().slice(0, 7);
  const store = await clinic.disposals();
  expect(await store.listed(month)).toEqual([old]);
  expect(await store.find(month)).toMatchObject({ status: "listed", count: 1 });
  const tasks = await clinic.records.change(bySystem, (work) =>
    work.byIdentifier("Task", "urn:sojourn:task", `disposal/${month}`),
  );
  expect(tasks).toHaveLength(1);
  const [task] = tasks as readonly Task[];
  expect(task?.input?.map(({ valueString }) => valueString)).toEqual([
    "1",
    `/v1/disposals/${month}`,
  ]);
  for (const id of [old, child, held, merged, active])
    expect(await clinic.records.read(bySystem, "Patient", id)).toBeDefined();
});

it("goes on where it had to stop", async () => {
  const clinic = aClinic();
  const ids = await Promise.all(
    Array.from({ length: 40 }, () => clinic.create()),
  );
  await clinic.clock.advanceTo(clinic.clock.now() + 11 * years);
  const store = await clinic.disposals();
  let steps = 0;
  let review = await store.review("2037-03", "US", () => true);
  while (review.status === "listing") {
    steps += 1;
    let asked = 0;
    review = await store.review("2037-03", "US", () => (asked += 1) > 1);
  }
  expect(steps).toBeGreaterThanOrEqual(16);
  expect((await store.listed("2037-03")).toSorted()).toEqual(ids.toSorted());
});
