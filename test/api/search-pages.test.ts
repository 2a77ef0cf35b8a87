import type { Bundle, OperationOutcome, Patient } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Table } from "../../functions/store/table.ts";
import { aPatient, aTask } from "../store/builders.ts";
import { bySystem } from "../record.ts";
import { idsIn, linkIn, pagesBy, searchedBy } from "./searched.ts";
import { aServer, type Server } from "./server.ts";

const countingTable = () => {
  const table = memoryTable();
  const counted = { items: 0, requests: 0 };
  const counting: Table = {
    ...table,
    get: async (places) => {
      const found = await table.get(places);
      counted.requests += 1;
      counted.items += found.length;
      return found;
    },
    query: async (range) => {
      const page = await table.query(range);
      counted.requests += 1;
      counted.items += page.items.length;
      return page;
    },
  };
  return { table: counting, counted };
};

const somePatients = async (
  { records }: Pick<Server, "records">,
  count: number,
): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1)
    ids.push(
      (
        await records.change(bySystem, (work) =>
          work.create<Patient>(aPatient()),
        )
      ).id,
    );
  return ids;
};

/** What a patient's key item becomes when the patient is erased. */
const erase = (table: Table, patient: string): Promise<void> =>
  table.commit(
    [
      {
        put: { pk: `PATIENT#${patient}`, sk: "KEY", v: 2, shredded: "now" },
        table: "keys",
        guard: "any",
      },
    ],
    `erase-${patient}`,
  );

test("all patients come page by page in the order of ids, either way, each once", async () => {
  const server = aServer();
  const ids = await somePatients(server, 41);
  const pages = pagesBy(server);
  for (const [_sort, expected] of [
    [undefined, ids],
    ["_id", ids],
    ["-_id", ids.toReversed()],
  ] as const)
    for (const _count of ["7", "41", "100"]) {
      const found = await pages("/Patient", {
        _count,
        ...(_sort !== undefined && { _sort }),
      });
      expect(found.flatMap((page) => idsIn(page))).toEqual(expected);
      expect(found.map(({ total }) => total)).toEqual(
        found.map(() => undefined),
      );
    }
});

test("the number of all patients is counted when asked for", async () => {
  const server = aServer();
  await somePatients(server, 20);
  const search = searchedBy(server);
  const accurate = await pagesBy(server)("/Patient", {
    _total: "accurate",
    _count: "8",
  });
  expect(accurate.map(({ total }) => total)).toEqual([20, 20, 20]);
  expect(await search("/Patient", { _summary: "count" })).toMatchObject({
    total: 20,
  });
  const { status, body } = await server.ask<OperationOutcome>(
    "GET",
    "/Patient",
    { query: { _sort: "birthdate" } },
  );
  expect([status, body.issue[0]?.code]).toEqual([400, "too-costly"]);
});

test("a page of all patients costs as much among many as among few", async () => {
  const costs: { items: number; requests: number }[] = [];
  for (const patients of [200, 600]) {
    const { table, counted } = countingTable();
    const server = aServer({ table });
    await somePatients(server, patients);
    const first = await searchedBy(server)("/Patient", { _count: "5" });
    const cursor = linkIn(first, "next")?.searchParams.get("_cursor") ?? "";
    Object.assign(counted, { items: 0, requests: 0 });
    await searchedBy(server)("/Patient", { _count: "5", _cursor: cursor });
    costs.push({ ...counted });
  }
  const [few, many] = costs;
  expect(many?.requests).toBe(few?.requests);
  // How a page's patients lie on the 16 shards is chance.
  for (const { items } of costs) expect(items).toBeLessThan(130);
});

test("a page holds about 4.5 MB and the next goes on exactly behind it", async () => {
  const server = aServer();
  const { make } = server;
  const { id: patient } = await make(aPatient());
  const ids: string[] = [];
  for (let number = 0; number < 9; number += 1)
    ids.push(
      (
        await make(
          aTask(patient, {
            description: "long ".repeat(160_000),
            authoredOn: `2026-01-0${9 - number}T10:00:00Z`,
          }),
        )
      ).id,
    );
  for (const [_sort, expected] of [
    [undefined, ids],
    ["authored-on", ids.toReversed()],
  ] as const) {
    const pages = await pagesBy(server)("/Task", {
      patient,
      ...(_sort !== undefined && { _sort }),
    });
    expect(pages.flatMap((page) => idsIn(page))).toEqual(expected);
    expect(pages.map((page) => idsIn(page).length)).toEqual([5, 4]);
    expect(pages.map(({ total }) => total)).toEqual([9, 9]);
    for (const page of pages)
      expect(JSON.stringify(page).length).toBeLessThan(5_100_000);
  }
  const beside = await searchedBy(server)("/Patient", {
    _id: patient,
    _revinclude: "Task:patient",
  });
  expect(idsIn(beside, "include")).toEqual(ids.slice(0, 5));
  expect(outcomeIn(beside)).toContain("incomplete");
  const all = await searchedBy(server)("/Task", {
    patient,
    _summary: "count",
  });
  expect(all.total).toBe(9);
});

test("over 16 MB of a compartment a page is handed out as far as it has come", async () => {
  const server = aServer();
  const { make } = server;
  const { id: patient } = await make(aPatient());
  let last = "";
  for (let number = 0; number < 120; number += 1)
    last = (
      await make(
        aTask(patient, {
          description: "long ".repeat(40_000),
          ...(number === 119 && { intent: "plan" }),
        }),
      )
    ).id;
  const pages = await pagesBy(server)("/Task", { patient, intent: "plan" });
  expect(pages.map((page) => idsIn(page))).toEqual([[], [last]]);
  const counted = await pagesBy(server)("/Task", {
    patient,
    intent: "plan",
    _total: "accurate",
  });
  expect(counted.map((page) => [page.total, idsIn(page)])).toEqual([
    [1, [last]],
  ]);
}, 30_000);

test("a page includes at most 1000 resources and says so", async () => {
  const server = aServer();
  const { make, records } = server;
  const { id: patient } = await make(aPatient());
  for (let chunk = 0; chunk < 26; chunk += 1)
    await records.change(bySystem, async (work) => {
      for (let number = 0; number < 40; number += 1)
        await work.create(aTask(patient));
    });
  const page = await searchedBy(server)("/Patient", {
    _id: patient,
    _revinclude: "Task:patient",
  });
  expect(idsIn(page, "include")).toHaveLength(1000);
  expect(outcomeIn(page)).toContain("incomplete");
}, 30_000);

const outcomeIn = ({ entry = [] }: Bundle): readonly (string | undefined)[] =>
  entry
    .filter(({ search }) => search?.mode === "outcome")
    .flatMap(({ resource }) =>
      (resource as OperationOutcome).issue.map(({ code }) => code),
    );

test("how totals are told", async () => {
  const server = aServer();
  const { make } = server;
  const { id: patient } = await make(aPatient());
  for (let number = 0; number < 5; number += 1) await make(aTask(patient));
  for (const [_total, totals] of [
    ["none", [undefined, undefined, undefined]],
    ["estimate", [5, 5, 5]],
    ["accurate", [5, 5, 5]],
  ] as const)
    for (const more of [{}, { _sort: "-authored-on,_id" }]) {
      const pages = await pagesBy(server)("/Task", {
        patient,
        _count: "2",
        _total,
        ...more,
      });
      expect(pages.map(({ total }) => total)).toEqual(totals);
      expect(new Set(pages.flatMap((page) => idsIn(page))).size).toBe(5);
    }
});

test("a search that meets an erased patient goes on without", async () => {
  const server = aServer();
  const { make, table } = server;
  const owner = await make({
    resourceType: "Practitioner",
    name: [{ family: "Doe" }],
  });
  const [maria, john] = [await make(aPatient()), await make(aPatient())];
  const more = { owner: { reference: `Practitioner/${owner.id}` } };
  await make(aTask(maria.id, more));
  const left = await make(aTask(john.id, more));
  await erase(table, maria.id);
  const search = searchedBy(server);
  expect(idsIn(await search("/Patient", { name: "johnson" }))).toEqual([
    john.id,
  ]);
  expect(idsIn(await search("/Patient", {}))).toEqual([john.id]);
  expect(
    idsIn(await search("/Patient", { _id: `${maria.id},${john.id}` })),
  ).toEqual([john.id]);
  expect(idsIn(await search("/Task", { owner: more.owner.reference }))).toEqual(
    [left.id],
  );
  expect(
    idsIn(await search("/Task", { patient: `${maria.id},${john.id}` })),
  ).toEqual([left.id]);
  expect(idsIn(await search("/Task", { patient: maria.id }))).toEqual([]);
});

test("a page shows as much of each match as was asked for, and includes whole", async () => {
  const server = aServer();
  const { make } = server;
  const { id: patient } = await make(aPatient());
  await make(
    aTask(patient, {
      description: "call",
      text: {
        status: "generated",
        div: '<div xmlns="http://www.w3.org/1999/xhtml">Call</div>',
      },
    }),
  );
  const shown = async (more: Record<string, string>) => {
    const { entry = [] } = await searchedBy(server)("/Task", {
      patient,
      _include: "Task:patient",
      ...more,
    });
    const [match, include] = entry.map(({ resource }) =>
      Object.keys(resource ?? {}),
    );
    expect(include).toContain("birthDate");
    return ["text", "description", "intent", "for", "status"].filter((name) =>
      match?.includes(name),
    );
  };
  expect(await shown({ _summary: "false" })).toEqual([
    "text",
    "description",
    "intent",
    "for",
    "status",
  ]);
  expect(await shown({ _summary: "true" })).toEqual([
    "description",
    "intent",
    "for",
    "status",
  ]);
  expect(await shown({ _summary: "text" })).toEqual([
    "text",
    "intent",
    "status",
  ]);
  expect(await shown({ _summary: "data" })).toEqual([
    "description",
    "intent",
    "for",
    "status",
  ]);
  expect(await shown({ _elements: "for" })).toEqual([
    "intent",
    "for",
    "status",
  ]);
});
