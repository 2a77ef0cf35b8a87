import type { Patient, Task } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { findDuplicates } from "../../functions/events/find-duplicates.ts";
import type { LogIds } from "../../functions/runtime/log.ts";
import type { Stored } from "../../functions/store/records.ts";
import { aPerson } from "../core/match-builders.ts";
import { aRecord, bySystem } from "../record.ts";

const now = () => new Date("2026-03-02T15:00:00Z");
const { identifier: _number, ...unnumbered } = aPerson();

const aClinic = () => {
  const record = aRecord();
  const logged: { fact: string; ids: LogIds }[] = [];
  const log = Object.assign(
    (fact: string, ids: LogIds = {}) => {
      logged.push({ fact, ids });
    },
    { error: () => undefined },
  );
  const handler = findDuplicates({ ...record, log, now }) as (
    event: unknown,
    context: unknown,
  ) => Promise<{ batchItemFailures: unknown[] }>;
  const hears = async (id: string): Promise<boolean> => {
    const body = JSON.stringify({
      source: "sojourn",
      detail: { fact: "fact", type: "Patient", id, version: 1 },
    });
    const answer = await handler(
      { Records: [{ eventSource: "aws:sqs", messageId: "m", body }] },
      {},
    );
    return answer.batchItemFailures.length === 0;
  };
  const admit = (patient: Patient): Promise<Stored<Patient>> =>
    record.records.change(bySystem, (work) => work.create(patient));
  const change = <T extends Patient | Task>(resource: T & { id: string }) =>
    record.records.change(bySystem, (work) => work.update(resource));
  const reviews = async (id: string): Promise<readonly Stored<Task>[]> =>
    record.records.change(bySystem, (work) => work.ofPatient("Task", id));
  return { ...record, logged, hears, admit, change, reviews };
};

const aPair = async (second: Partial<Patient> = {}) => {
  const clinic = aClinic();
  const older = await clinic.admit(unnumbered);
  const newer = await clinic.admit({ ...unnumbered, ...second });
  return { ...clinic, older, newer };
};

/** Alike, but nobody would be sure. */
const cautious = {
  telecom: [{ system: "phone", value: "602 736 5000" }],
  address: [{ text: "moved" }],
} satisfies Partial<Patient>;

describe("a patient who is like another", () => {
  it("is brought before the front desk, once, without anybody's values", async () => {
    const { older, newer, hears, reviews, logged } = await aPair();
    for (const id of [newer.id, newer.id, older.id])
      expect(await hears(id)).toBe(true);
    const [task, ...more] = await reviews(newer.id);
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      status: "requested",
      priority: "routine",
      code: { coding: [{ code: "duplicate" }] },
      for: { reference: `Patient/${newer.id}` },
      focus: { reference: `Patient/${older.id}` },
      identifier: [
        {
          system: "urn:sojourn:duplicate",
          value: `${older.id}.${newer.id}.1`,
        },
      ],
      performerType: [{ coding: [{ code: "front-desk" }] }],
      input: [
        { valueString: "certain" },
        { valueString: "name+birthdate+phone" },
        { valueString: "given family birthdate gender phone email address" },
      ],
    });
    for (const value of ["Castellanos", "Marisol", "1980", "867"])
      expect(JSON.stringify(task)).not.toContain(value);
    expect(logged).toEqual([
      {
        fact: "DuplicateSuspected",
        ids: { id: task?.id, patient: newer.id, reason: "certain" },
      },
    ]);
  });

  it("is asked about once when both records' events come at the same time", async () => {
    const { older, newer, hears, reviews } = await aPair();
    expect(
      await Promise.all([hears(older.id), hears(newer.id), hears(newer.id)]),
    ).toEqual([true, true, true]);
    expect(await reviews(newer.id)).toHaveLength(1);
  });

  it("is asked about in the newer record also when the older one changed", async () => {
    const { older, newer, hears, reviews } = await aPair();
    await hears(older.id);
    expect(await reviews(newer.id)).toHaveLength(1);
    expect(await reviews(older.id)).toEqual([]);
  });

  it.each<[string, Partial<Patient>, number]>([
    ["a probable match", { ...cautious }, 1],
    [
      "a misspelt family name and nothing else in common",
      { ...cautious, name: [{ family: "Castelanos", given: ["Marisol"] }] },
      1,
    ],
    ["a twin", { name: [{ family: "Castellanos", given: ["Ximena"] }] }, 0],
    [
      "another person of the same name",
      { ...cautious, birthDate: "1951-06-30" },
      0,
    ],
    ["a record out of use", { active: false }, 0],
  ])("is told from others: %s", async (_, second, count) => {
    const { newer, hears, reviews } = await aPair(second);
    await hears(newer.id);
    expect(await reviews(newer.id)).toHaveLength(count);
  });

  it("is not compared with a record out of use, a merged one, or one that it links to", async () => {
    const clinic = aClinic();
    const unused = await clinic.admit({ ...unnumbered, active: false });
    const survivor = await clinic.admit(unnumbered);
    const loser = await clinic.admit(unnumbered);
    const link = (id: string, type: "replaced-by" | "seealso") => ({
      link: [{ type, other: { reference: `Patient/${id}` } }],
    });
    await clinic.change({ ...loser, ...link(survivor.id, "replaced-by") });
    const apart = await clinic.admit({
      ...unnumbered,
      ...link(survivor.id, "seealso"),
    });
    for (const { id } of [unused, survivor, loser, apart]) {
      await clinic.hears(id);
      expect(await clinic.reviews(id)).toEqual([]);
    }
    expect(await clinic.hears("nobody")).toBe(true);
  });
});

describe("records that people found to be of two patients", () => {
  const decided = async (status: "completed" | "cancelled") => {
    const pair = await aPair(cautious);
    await pair.hears(pair.newer.id);
    const [task] = await pair.reviews(pair.newer.id);
    if (task === undefined) throw new Error("nobody was asked");
    await pair.change({ ...task, status });
    return pair;
  };

  it.each(["completed", "cancelled"] as const)(
    "do not come back (%s)",
    async (status) => {
      const { older, newer, hears, reviews } = await decided(status);
      for (const id of [newer.id, older.id]) await hears(id);
      expect(await reviews(newer.id)).toHaveLength(1);
    },
  );

  it("do not come back when what changed speaks for neither", async () => {
    const { newer, change, hears, reviews } = await decided("cancelled");
    await change({
      ...newer,
      telecom: [{ system: "phone", value: "602 736 5001" }],
      maritalStatus: { text: "married" },
    });
    await hears(newer.id);
    expect(await reviews(newer.id)).toHaveLength(1);
  });

  it("come back when more agrees than then", async () => {
    const { older, newer, change, hears, reviews } = await decided("cancelled");
    await change({ ...newer, telecom: unnumbered.telecom ?? [] });
    for (const id of [newer.id, older.id]) await hears(id);
    const all = await reviews(newer.id);
    expect(all.map(({ identifier }) => identifier?.[0]?.value)).toEqual([
      `${older.id}.${newer.id}.1`,
      `${older.id}.${newer.id}.2`,
    ]);
  });
});
