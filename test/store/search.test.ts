import type { Patient, Task } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { loadSearch, parseSearch } from "../../functions/resources/search.ts";
import { matchesIn } from "../../functions/store/search.ts";
import type { Store } from "../../functions/store/store.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import type { SearchQuery } from "../../functions/resources/search/query.ts";
import { openWork } from "../../functions/store/work.ts";
import { aRecord, bySystem } from "../record.ts";
import { aPatient, aTask } from "./builders.ts";

type Pairs = readonly (readonly [string, string])[];

const asked = async (
  type: KnownType,
  params: Pairs,
  within?: string,
): Promise<SearchQuery> => {
  await loadSearch(type, params);
  return parseSearch(type, params, { strict: true, within });
};

const aChart = () => {
  const record = aRecord();
  const { records, table, vault, now, newId, decide } = record;
  const store: Store = {
    table,
    vault,
    now,
    newId,
    decide,
    states: [],
    zone: "UTC",
    unique: new Set(),
    country: "US",
    keyItems: new Map(),
  };
  const create = <T extends Patient | Task>(resource: T) =>
    records.change(bySystem, (work) => work.create<T>(resource));
  const found = async (type: KnownType, params: Pairs, within?: string) =>
    (
      await records.search(bySystem, await asked(type, params, within))
    ).matches.map(({ id }) => id);
  return { ...record, store, create, found };
};

test("a search within a unit of work sees what the work did", async () => {
  const { store, create } = aChart();
  const patient = await create(aPatient());
  const [kept, changed, removed] = [
    await create(aTask(patient.id)),
    await create(aTask(patient.id)),
    await create(aTask(patient.id)),
  ];
  const work = openWork(store, bySystem);
  await work.update({ ...changed, status: "accepted" });
  await work.remove("Task", removed.id);
  const made = await work.create(aTask(patient.id));
  const query = await asked("Task", [
    ["patient", patient.id],
    ["status", "requested"],
  ]);
  const ids = async (limit: number) =>
    (await matchesIn(store, bySystem, work, query, limit)).map(({ id }) => id);
  expect((await ids(10)).toSorted()).toEqual([kept.id, made.id].toSorted());
  expect(await ids(1)).toHaveLength(1);
});

test("merged records are searched as one, and apart again once unmerged", async () => {
  const { records, create, found } = aChart();
  const [survivor, loser] = [
    await create(aPatient()),
    await create(aPatient({ name: [{ family: "Johnston" }] })),
  ];
  const tasks = [
    (await create(aTask(survivor.id))).id,
    (await create(aTask(loser.id))).id,
  ];
  const link = (link: Patient["link"]) =>
    records.change(bySystem, async (work) => {
      const patient = await work.read("Patient", loser.id);
      if (patient === undefined) throw new Error("no patient");
      const { link: _old, ...rest } = patient;
      return work.update<Patient & { id: string }>({
        ...rest,
        ...(link && { link }),
      });
    });
  const searches = async (): Promise<readonly (readonly string[])[]> =>
    Promise.all([
      found("Task", [["patient", survivor.id]]),
      found("Task", [["subject", `Patient/${loser.id}`]]),
      found("Task", [], survivor.id),
      found("Task", [["patient.name", "johnston"]]),
    ]);
  await link([
    { type: "replaced-by", other: { reference: `Patient/${survivor.id}` } },
  ]);
  expect((await searches()).map((ids) => ids.toSorted())).toEqual(
    Array.from({ length: 4 }, () => tasks.toSorted()),
  );
  await link(undefined);
  expect(await searches()).toEqual([
    [tasks[0]],
    [tasks[1]],
    [tasks[0]],
    [tasks[1]],
  ]);
});
