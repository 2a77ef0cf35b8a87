import type { Observation, Patient, Resource, Task } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Caller, Context } from "../../functions/core/caller.ts";
import { purposeOf } from "../../functions/core/purpose.ts";
import type { EverythingPage } from "../../functions/store/everything.ts";
import type { EverythingQuestion } from "../../functions/store/everything-cursor.ts";
import type { Kept, Stored } from "../../functions/store/records.ts";
import { aRecord, bySystem, type TestRecord } from "../record.ts";
import { onBothTables } from "./both-tables.ts";
import { aPatient, aPractitioner, aTask } from "./builders.ts";

const anObservation = (
  patient: string,
  given: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "Weight" },
  subject: { reference: `Patient/${patient}` },
  ...given,
});

const create = <T extends Kept>(
  { records }: Pick<TestRecord, "records">,
  resource: T,
): Promise<Stored<T>> =>
  records.change(bySystem, (work) => work.create(resource));

const by = (caller: Caller): Context => ({
  ...bySystem,
  by: caller,
  purpose: purposeOf(caller, undefined),
});
const asPatient = (id: string): Context =>
  by({ kind: "patient", id, token: "t" });
const asClient = (...scopes: readonly string[]): Context =>
  by({ kind: "client", id: "ehr", scopes, token: "t" });

/** Every page, one after the other. */
const pagesOf = async (
  { records }: Pick<TestRecord, "records">,
  patient: string,
  question: EverythingQuestion = {},
  context: Context = bySystem,
): Promise<readonly EverythingPage[]> => {
  const pages = [await records.everything(context, patient, question)];
  for (;;) {
    const cursor = pages.at(-1)?.next;
    if (cursor === undefined) return pages;
    if (pages.length > 500) throw new Error("paging does not end");
    pages.push(await records.everything(context, patient, { cursor }));
  }
};

const namesOf = (pages: readonly EverythingPage[]): readonly string[] =>
  pages.flatMap(({ entries }) =>
    entries.map(
      ({ address: { type, id }, version }) =>
        `${type}/${id}/${String(version)}`,
    ),
  );

const nameOf = ({ resourceType, id, meta }: Stored<Resource>): string =>
  `${resourceType}/${id}/${meta.versionId}`;

const mergeInto = (
  { records }: TestRecord,
  loser: string,
  survivor: string,
): Promise<unknown> =>
  records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", loser);
    return work.update<Patient>({
      ...patient,
      link: [
        { other: { reference: `Patient/${survivor}` }, type: "replaced-by" },
      ],
    });
  });

interface Step {
  readonly what: "create" | "update" | "remove" | "link" | "merge";
  readonly who: number;
  readonly which: number;
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      "create",
      "create",
      "create",
      "update",
      "remove",
      "link",
      "merge",
    ),
    who: fc.nat(3),
    which: fc.nat(1000),
  }),
  { maxLength: 25 },
);

onBothTables((emptyTable, runs) => {
  test("the pages hold each current resource of all records of the person once, and the facts tell the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 12 }),
        async (history, count) => {
          const { table, dump } = await emptyTable();
          const record = aRecord({ table });
          const { patients, current, group } = await played(record, history);
          for (const asked of patients) {
            const person = patients.filter(
              (one) => group(one) === group(asked),
            );
            const expected = [...current.values()]
              .filter(({ concerns }) =>
                concerns.some((id) => person.includes(id)),
              )
              .map(({ name }) => name)
              .sort();
            const requestId = `everything-${asked}`;
            const pages = await pagesOf(
              record,
              asked,
              { count },
              { ...bySystem, requestId },
            );
            expect([...namesOf(pages)].sort()).toEqual(expected);
            for (const { entries } of pages)
              expect(entries.length).toBeLessThanOrEqual(count);
            expect(pages.at(-1)?.entries.length).toBeGreaterThan(0);
            expect(pages.at(-1)?.total).toBe(expected.length);
            const facts = (await dump()).filter(
              (item) => item.requestId === requestId && item.kind === "read",
            );
            const told = facts.flatMap(
              ({ changes }) =>
                changes as unknown as {
                  type: string;
                  id: string;
                  version: number;
                }[],
            );
            expect(
              told
                .map(
                  ({ type, id, version }) => `${type}/${id}/${String(version)}`,
                )
                .sort(),
            ).toEqual(expected);
          }
        },
      ),
      { numRuns: runs },
    );
  });

  test("each text is the resource as a read gives it", async () => {
    const { table } = await emptyTable();
    const record = aRecord({ table });
    const { id } = await create(record, aPatient());
    const made = await create(
      record,
      anObservation(id, { code: { text: 'a "quoted" \\ word, ünïcode' } }),
    );
    const [page] = await pagesOf(record, id);
    expect(
      page?.entries.map(({ text }) => JSON.parse(text) as unknown),
    ).toEqual([made, await record.records.read(bySystem, "Patient", id)]);
  });

  test("a page ends before it holds five megabytes, and the next goes on", async () => {
    const { table } = await emptyTable();
    const record = aRecord({ table });
    const { id } = await create(record, aPatient());
    const made = [];
    for (let number = 0; number < 8; number += 1)
      made.push(
        await create(
          record,
          anObservation(id, {
            note: [{ text: `${String(number)} ${"word ".repeat(180_000)}` }],
          }),
        ),
      );
    const pages = await pagesOf(record, id);
    expect(pages.length).toBeGreaterThan(1);
    for (const { entries } of pages)
      expect(
        entries.reduce((sum, { text }) => sum + text.length, 0),
      ).toBeLessThan(5_500_000);
    expect(namesOf(pages)).toHaveLength(made.length + 1);
  });
});

/** Plays a history on four patients and keeps the books of it. */
const played = async (record: TestRecord, history: readonly Step[]) => {
  const patients: string[] = [];
  const current = new Map<
    string,
    { readonly name: string; readonly concerns: readonly string[] }
  >();
  const into = new Map<string, string>();
  const group = (id: string): string => {
    const next = into.get(id);
    return next === undefined ? id : group(next);
  };
  for (let number = 0; number < 4; number += 1) {
    const patient = await create(record, aPatient());
    patients.push(patient.id);
    current.set(patient.id, {
      name: nameOf(patient),
      concerns: [patient.id],
    });
  }
  const { records } = record;
  for (const { what, who, which } of history) {
    const patient = patients[who] ?? "";
    const other = patients[which % patients.length] ?? "";
    const known = [...current.keys()].filter((id) => !patients.includes(id));
    const chosen = known[which % Math.max(known.length, 1)];
    switch (what) {
      case "create": {
        const made = await create(
          record,
          which % 2 === 0 ? anObservation(patient) : aTask(patient),
        );
        current.set(made.id, { name: nameOf(made), concerns: [patient] });
        break;
      }
      case "link": {
        const made = await create(
          record,
          anObservation(patient, {
            performer: [{ reference: `Patient/${other}` }],
          }),
        );
        current.set(made.id, {
          name: nameOf(made),
          concerns: [patient, other],
        });
        break;
      }
      case "update": {
        const before = current.get(chosen ?? "");
        if (before === undefined || chosen === undefined) break;
        const type = before.name.startsWith("Task/") ? "Task" : "Observation";
        const after = await records.change(bySystem, async (work) => {
          const resource = (await work.demand(type, chosen)) as Stored<
            Task | Observation
          >;
          return work.update({
            ...resource,
            note: [{ text: `changed ${String(which)}` }],
          } as Stored<Task>);
        });
        current.set(chosen, { ...before, name: nameOf(after) });
        break;
      }
      case "remove": {
        const before = current.get(chosen ?? "");
        if (before === undefined || chosen === undefined) break;
        const type = before.name.startsWith("Task/") ? "Task" : "Observation";
        await records.change(bySystem, (work) => work.remove(type, chosen));
        current.delete(chosen);
        break;
      }
      case "merge": {
        if (group(patient) === group(other) || into.has(patient)) break;
        await mergeInto(record, patient, other);
        into.set(patient, other);
        current.set(patient, {
          name: nameOf(await records.read(bySystem, "Patient", patient)),
          concerns: [patient],
        });
        break;
      }
    }
  }
  return { patients, current, group };
};

test("what the compartment refers to in the directory comes along, once over all pages", async () => {
  const record = aRecord();
  const [doctor, site] = [
    await create(record, aPractitioner()),
    await create(record, { resourceType: "Location", name: "North" }),
  ];
  const role = await create(record, {
    resourceType: "PractitionerRole",
    practitioner: { reference: `Practitioner/${doctor.id}` },
    location: [{ reference: `Location/${site.id}` }],
  });
  const gone = await create(record, aPractitioner());
  await record.records.change(bySystem, (work) =>
    work.remove("Practitioner", gone.id),
  );
  const { id } = await create(
    record,
    aPatient({
      generalPractitioner: [{ reference: `PractitionerRole/${role.id}` }],
    }),
  );
  for (const performer of [role.id, role.id, role.id])
    await create(
      record,
      anObservation(id, {
        performer: [
          { reference: `PractitionerRole/${performer}` },
          { reference: `Practitioner/${gone.id}` },
        ],
      }),
    );
  for (const count of [1, 2, 50]) {
    const pages = await pagesOf(record, id, { count });
    const brought = pages.flatMap(({ entries }) =>
      entries.filter(({ mode }) => mode === "include"),
    );
    expect(brought.map(({ address }) => address.id).sort()).toEqual(
      [doctor.id, site.id, role.id].sort(),
    );
    expect(pages.at(-1)?.total).toBe(4);
  }
  const [only] = await pagesOf(record, id, { types: ["Location"] });
  expect(only?.entries.map(({ address }) => address.id)).toEqual([site.id]);
});

test("a question narrows by type, by care date and by the last change", async () => {
  let time = Date.parse("2026-01-01T00:00:00Z");
  const record = aRecord({ now: () => new Date((time += 1000)) });
  const { id } = await create(record, aPatient());
  const old = await create(
    record,
    anObservation(id, { effectiveDateTime: "2020-05-05" }),
  );
  const undated = await create(record, anObservation(id));
  const since = new Date(time + 1).toISOString();
  const recent = await create(
    record,
    anObservation(id, {
      effectivePeriod: { start: "2025-12-31T23:00:00-05:00" },
    }),
  );
  const task = await create(record, aTask(id, { authoredOn: "2020-05-31" }));
  const asked = async (question: EverythingQuestion) =>
    namesOf(await pagesOf(record, id, { count: 1, ...question }))
      .map((name) => name.split("/")[1])
      .sort();
  expect(await asked({ start: "2026" })).toEqual(
    [id, undated.id, recent.id].sort(),
  );
  expect(await asked({ start: "2020-05", end: "2020-05-30" })).toEqual(
    [id, undated.id, old.id].sort(),
  );
  expect(await asked({ end: "2020-05" })).toEqual(
    [id, undated.id, old.id, task.id].sort(),
  );
  expect(await asked({ since })).toEqual([recent.id, task.id].sort());
  expect(await asked({ types: ["Task", "Patient"] })).toEqual(
    [id, task.id].sort(),
  );
});

test("only who may see the record gets it, and of it what the scopes reach", async () => {
  const record = aRecord();
  const [own, other] = [
    await create(record, aPatient()),
    await create(record, aPatient()),
  ];
  const secret = await create(
    record,
    anObservation(other.id, {
      performer: [{ reference: `Patient/${own.id}` }],
    }),
  );
  const { records } = record;
  await expect(
    records.everything(asPatient(own.id), other.id, {}),
  ).rejects.toMatchObject({ status: 403 });
  await expect(
    records.everything(asClient("system/Observation.rs"), own.id, {}),
  ).rejects.toMatchObject({ status: 403 });
  expect(namesOf(await pagesOf(record, own.id, {}, asPatient(own.id)))).toEqual(
    [nameOf(own)],
  );
  expect(namesOf(await pagesOf(record, own.id))).toEqual([
    nameOf(own),
    nameOf(secret),
  ]);
  const [narrow] = await pagesOf(
    record,
    own.id,
    {},
    asClient("system/Patient.rs"),
  );
  expect(namesOf(narrow === undefined ? [] : [narrow])).toEqual([nameOf(own)]);
  expect(narrow?.withheld).toContain("Observation");
  await expect(
    records.everything(bySystem, own.id.replace(/^./, "1"), {}),
  ).rejects.toMatchObject({ status: 404 });
  await expect(
    records.everything(bySystem, "no-id-of-ours", {}),
  ).rejects.toMatchObject({ status: 404 });
});

test("granular scopes reach some resources of a type only", async () => {
  const record = aRecord();
  const { id } = await create(record, aPatient());
  const seen = await create(record, anObservation(id));
  await create(record, anObservation(id, { status: "preliminary" }));
  const pages = await pagesOf(
    record,
    id,
    { count: 1 },
    asClient("system/Patient.rs", "system/Observation.rs?status=final"),
  );
  expect(namesOf(pages).map((name) => name.split("/")[1])).toEqual([
    seen.id,
    id,
  ]);
});

test("an erased patient is gone, and a link to one is as if it were not there", async () => {
  const record = aRecord();
  const [erased, other] = [
    await create(record, aPatient()),
    await create(record, aPatient()),
  ];
  await create(
    record,
    anObservation(erased.id, {
      performer: [{ reference: `Patient/${other.id}` }],
    }),
  );
  await record.table.commit(
    [
      {
        put: {
          pk: `PATIENT#${erased.id}`,
          sk: "KEY",
          v: 2,
          shredded: "2026-01-01T00:00:00.000Z",
        },
        table: "keys",
        guard: "any",
      },
    ],
    "erasure",
  );
  await expect(
    record.records.everything(bySystem, erased.id, {}),
  ).rejects.toMatchObject({ status: 410 });
  expect(namesOf(await pagesOf(record, other.id))).toEqual([nameOf(other)]);
});

test("a cursor serves its caller, its patient and an unchanged set of records only", async () => {
  const record = aRecord();
  const [one, other] = [
    await create(record, aPatient()),
    await create(record, aPatient()),
  ];
  await create(record, anObservation(one.id));
  const { records } = record;
  const { next: cursor = "" } = await records.everything(bySystem, one.id, {
    count: 1,
  });
  const refused = { name: "InvalidCursor", status: 400 };
  await expect(
    records.everything(bySystem, other.id, { cursor }),
  ).rejects.toMatchObject(refused);
  await expect(
    records.everything(asPatient(one.id), one.id, { cursor }),
  ).rejects.toMatchObject(refused);
  await expect(
    records.everything(bySystem, one.id, { cursor: `x${cursor}` }),
  ).rejects.toMatchObject(refused);
  await mergeInto(record, one.id, other.id);
  await expect(
    records.everything(bySystem, one.id, { cursor }),
  ).rejects.toMatchObject(refused);
});
