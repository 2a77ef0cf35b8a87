import { randomBytes } from "node:crypto";
import type { Communication, Patient, Task } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { Fault } from "../../functions/core/fault.ts";
import { indexEntries } from "../../functions/store/index-entries.ts";
import { nameOf } from "../../functions/store/items.ts";
import {
  CommitContended,
  type Item,
  type Table,
} from "../../functions/store/table.ts";
import type { Stored } from "../../functions/store/records.ts";
import {
  aRecord,
  bySystem,
  localKeyProvider,
  type TestRecord,
} from "../record.ts";
import { onBothTables } from "./both-tables.ts";
import { aPatient, aPractitioner, aTask, mrn, withMrn } from "./builders.ts";

const create = <T extends Parameters<Create>[0]>(
  { records }: Pick<TestRecord, "records">,
  resource: T,
): Promise<Stored<T>> =>
  records.change(bySystem, (work) => work.create(resource));

type Create = Parameters<
  Parameters<TestRecord["records"]["change"]>[1]
>[0]["create"];

const outcomes = async <T>(attempts: readonly Promise<T>[]) => {
  const settled = await Promise.allSettled(attempts);
  return {
    done: settled.flatMap((one) =>
      one.status === "fulfilled" ? [one.value] : [],
    ),
    faults: settled.flatMap((one) =>
      one.status === "rejected" ? [one.reason as Error] : [],
    ),
  };
};

const textOf = (value: unknown): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString("latin1")
    : JSON.stringify(value);

/** A text that does not compress below the given number of bytes. */
const noise = (bytes: number): string =>
  randomBytes(bytes)
    .toString("latin1")
    .replaceAll(/[\x00-\x1f]/g, "x");

const aMessage = (patient: string, text: string): Communication => ({
  resourceType: "Communication",
  status: "completed",
  subject: { reference: `Patient/${patient}` },
  payload: [{ contentString: text }],
});

onBothTables((emptyTable, runs) => {
  test("of twenty simultaneous creates with one MRN one succeeds", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { done, faults } = await outcomes(
      Array.from({ length: 20 }, () => create(record, withMrn("A-1"))),
    );
    expect(faults.map(({ name }) => name)).toEqual(
      Array.from({ length: 19 }, () => "DuplicateIdentifier"),
    );
    expect(done).toHaveLength(1);
    const items = await dump();
    expect(items.filter(({ sk }) => sk.startsWith("A#Patient#"))).toHaveLength(
      1,
    );
    expect(items.filter(({ sk }) => sk === "KEY")).toHaveLength(1);
    expect(items.filter(({ kind }) => kind === "change")).toHaveLength(1);
  });

  test("functions that start at the same time agree on the organization's keys", async () => {
    const { table } = await emptyTable();
    const provider = localKeyProvider();
    const started = Array.from({ length: 6 }, () =>
      aRecord({ table, provider }),
    );
    const patients = await Promise.all(
      started.map((record) => create(record, aPatient())),
    );
    for (const { id } of patients)
      for (const { records } of started)
        await records.read(bySystem, "Patient", id);
  });

  test("an identifier is unique within one transaction too, twice on one resource is once, and it may move", async () => {
    const { table } = await emptyTable();
    const record = aRecord({ table });
    await expect(
      record.records.change(bySystem, async (work) => {
        await work.create(withMrn("B-1"));
        await work.create(withMrn("B-1"));
      }),
    ).rejects.toMatchObject({ name: "DuplicateIdentifier" });
    const identifier = { system: mrn, value: "B-1" };
    const one = await create(
      record,
      aPatient({ identifier: [identifier, { ...identifier, use: "usual" }] }),
    );
    const other = await record.records.change(bySystem, async (work) => {
      const { identifier: _moved, ...rest } = one;
      await work.update<Patient>(rest);
      return work.create(withMrn("B-1"));
    });
    await expect(
      record.records.change(bySystem, (work) =>
        work.update({ ...one, identifier: [identifier] }),
      ),
    ).rejects.toMatchObject({ name: "DuplicateIdentifier" });
    expect(
      await record.records.change(bySystem, async (work) =>
        (await work.byIdentifier("Patient", mrn, "B-1")).map(({ id }) => id),
      ),
    ).toEqual([other.id]);
  });

  test("parallel updates: versions grow by one, each success is in the history, a stale If-Match never wins", async () => {
    const { table } = await emptyTable();
    const record = aRecord({ table });
    const { id } = await create(record, aPatient());
    const guarded = await outcomes(
      Array.from({ length: 8 }, (_, number) =>
        record.records.change(bySystem, (work) =>
          work.update(
            aPatient({
              id,
              birthDate: `1981-01-0${String(number + 1)}`,
            }) as Patient & { id: string },
            { ifVersion: "1" },
          ),
        ),
      ),
    );
    expect(guarded.done).toHaveLength(1);
    expect(new Set(guarded.faults.map(({ name }) => name))).toEqual(
      new Set(["StaleVersion"]),
    );
    const free = await outcomes(
      Array.from({ length: 8 }, (_, number) =>
        record.records.change(bySystem, async (work) => {
          const patient = await work.read("Patient", id);
          if (patient === undefined) throw new Error("the patient is gone");
          return work.update({
            ...patient,
            address: [
              ...(patient.address ?? []),
              { city: `City ${String(number)}` },
            ],
          });
        }),
      ),
    );
    for (const fault of free.faults)
      expect(fault).toMatchObject({ name: "Conflict", status: 409 });
    expect(free.done.length).toBeGreaterThan(0);
    const last = await record.records.read(bySystem, "Patient", id);
    expect(last.address).toHaveLength(free.done.length);
    const { entries } = await record.records.history(bySystem, "Patient", id, {
      count: 50,
    });
    expect(entries.map(({ version }) => Number(version))).toEqual(
      Array.from(
        { length: free.done.length + 2 },
        (_, index) => index + 1,
      ).reverse(),
    );
    for (const written of free.done)
      expect(entries).toContainEqual(
        expect.objectContaining({ resource: written }),
      );
  });

  test("a commit whose answer is lost happens once", async () => {
    const { table, dump } = await emptyTable();
    let losing = 3;
    const forgetful: Table = {
      ...table,
      commit: async (writes, token) => {
        await table.commit(writes, token);
        if (writes.length > 1 && losing > 0) {
          losing -= 1;
          throw new CommitContended("the answer was lost");
        }
      },
    };
    const record = aRecord({ table: forgetful });
    const patient = await create(record, withMrn("C-1"));
    expect(losing).toBe(0);
    losing = 2;
    await record.records.change(bySystem, (work) =>
      work.update({ ...patient, gender: "other" }),
    );
    const { entries } = await record.records.history(
      bySystem,
      "Patient",
      patient.id,
      { count: 10 },
    );
    expect(entries.map(({ version }) => version)).toEqual(["2", "1"]);
    expect((await dump()).filter(({ kind }) => kind === "change")).toHaveLength(
      2,
    );
  });

  test("more than 100 items or 4 MB are too costly and write nothing", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { id } = await create(record, aPatient());
    const before = (await dump()).length;
    await expect(
      record.records.change(bySystem, async (work) => {
        for (let number = 0; number < 101; number += 1)
          await work.create(aTask(id));
      }),
    ).rejects.toMatchObject({ name: "TooCostly", code: "too-costly" });
    await expect(
      record.records.change(bySystem, async (work) => {
        for (let number = 0; number < 17; number += 1)
          await work.create(aMessage(id, noise(260 * 1024)));
      }),
    ).rejects.toMatchObject({ name: "TooCostly", code: "too-costly" });
    expect(await dump()).toHaveLength(before);
    await record.records.change(bySystem, async (work) => {
      for (let number = 0; number < 95; number += 1)
        await work.create(aTask(id));
    });
  });

  test("a sealed body of more than 350 KB is too large and writes nothing", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { id } = await create(record, aPatient());
    const before = (await dump()).length;
    await expect(
      create(record, aMessage(id, noise(400 * 1024))),
    ).rejects.toMatchObject({ name: "TooLarge", status: 413 });
    expect(await dump()).toHaveLength(before);
    const { id: largest } = await create(
      record,
      aMessage(id, noise(225 * 1024)),
    );
    await record.records.read(bySystem, "Communication", largest);
  });

  test("more than 40 index entries are refused by name of the limit", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    await expect(
      create(
        record,
        aPatient({
          identifier: Array.from({ length: 30 }, (_, number) => ({
            system: `urn:oid:1.${String(number)}`,
            value: String(number),
          })),
        }),
      ),
    ).rejects.toMatchObject({ name: "TooManyEntries", status: 422 });
    expect(
      (await dump()).filter(({ pk }) => pk.startsWith("PATIENT#")),
    ).toEqual([]);
  });

  test("an earlier version is a byte copy of the item it was but for its links, a deletion leaves a tombstone", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { id: patient } = await create(record, aPatient());
    const task = await create(record, aTask(patient));
    const first = (await dump()).find(({ id }) => id === task.id);
    await record.records.change(bySystem, (work) =>
      work.update<Task>({ ...task, status: "completed" }),
    );
    const copy = (await dump()).find(
      ({ id, sk }) => id === task.id && sk.startsWith("H#"),
    );
    expect({ ...copy, sk: first?.sk, links: [] }).toEqual(first);
    await record.records.change(bySystem, (work) =>
      work.remove("Task", task.id),
    );
    const items = (await dump()).filter(({ id }) => id === task.id);
    expect(items.filter(({ sk }) => sk.startsWith("H#"))).toHaveLength(2);
    const tombstone = items.find(({ sk }) => sk.startsWith("A#"));
    expect(tombstone).toMatchObject({ v: 3, deleted: true });
    expect(tombstone).not.toHaveProperty("body");
    await expect(
      record.records.read(bySystem, "Task", task.id),
    ).rejects.toMatchObject({ status: 410 });
    expect(
      await record.records.readVersion(bySystem, "Task", task.id, "1"),
    ).toEqual(task);
    await expect(
      record.records.readVersion(bySystem, "Task", task.id, "3"),
    ).rejects.toMatchObject({ status: 410 });
    await expect(
      record.records.readVersion(bySystem, "Task", task.id, "4"),
    ).rejects.toMatchObject({ status: 404 });
  });

  test.each([1, 2, 3, 4, 7])(
    "a history of five versions is whole in pages of %i",
    async (count) => {
      const { table } = await emptyTable();
      const record = aRecord({ table });
      const patient = await create(record, aPatient());
      for (const birthDate of [
        "1980-01-01",
        "1980-01-02",
        "1980-01-03",
        "1980-01-04",
      ])
        await record.records.change(bySystem, (work) =>
          work.update({ ...patient, birthDate }),
        );
      const versions: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await record.records.history(
          bySystem,
          "Patient",
          patient.id,
          {
            count,
            ...(cursor !== undefined && { cursor }),
          },
        );
        expect(page.entries.length).toBeGreaterThan(0);
        expect(page.entries.length).toBeLessThanOrEqual(count);
        versions.push(...page.entries.map(({ version }) => version));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(versions).toEqual(["5", "4", "3", "2", "1"]);
    },
  );

  test("another patient who is named gets a link that goes with the reference", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const one = await create(record, aPatient());
    const other = await create(record, aPatient());
    const links = async () =>
      (await dump()).filter(({ sk }) => sk.startsWith("L#"));
    const task = await create(
      record,
      aTask(one.id, { focus: { reference: `Patient/${other.id}` } }),
    );
    expect(await links()).toEqual([
      { pk: `PATIENT#${other.id}`, sk: `L#Task#${task.id}` },
    ]);
    await record.records.change(bySystem, (work) =>
      work.update<Task>({ ...task, focus: { reference: `Patient/${one.id}` } }),
    );
    expect(await links()).toEqual([]);
  });

  test("after any updates the index holds exactly what a fresh index would", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { records, vault } = record;
    const word = fc.constantFrom(
      "Anna",
      "Annabelle",
      "Ann",
      "Bo",
      "Ørsted",
      "O’Brien",
    );
    const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number) =>
      fc.uniqueArray(arbitrary, { minLength: 1, maxLength });
    const version = fc.record(
      {
        name: some(fc.record({ family: word, given: some(word, 2) }), 2),
        birthDate: fc.constantFrom("1980-02-29", "1999-12-31"),
        telecom: some(
          fc.constantFrom(
            { system: "phone" as const, value: "+12025550111" },
            { system: "email" as const, value: "Maria@Example.org" },
            { system: "phone" as const, value: "(202) 555-0112" },
          ),
          3,
        ),
        identifier: some(
          fc.constantFrom("1", "2", "3").map((value) => ({
            system: "urn:oid:1.2.3",
            value,
          })),
          2,
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(version, { minLength: 1, maxLength: 4 }),
        async (versions) => {
          let patient = await create(record, aPatient(versions[0]));
          for (const change of versions.slice(1))
            patient = await records.change(bySystem, (work) =>
              work.update(
                aPatient({ ...change, id: patient.id }) as Stored<Patient>,
              ),
            );
          const fresh = await indexEntries(
            vault,
            patient,
            declarations.Patient,
            "US",
          );
          const kept = (await dump()).filter(
            ({ pk, sk }) =>
              pk.startsWith("I#1#Patient#") && sk.endsWith(`#${patient.id}`),
          );
          expect(kept.map(nameOf).sort()).toEqual(fresh.map(nameOf).sort());
        },
      ),
      { numRuns: runs },
    );
    const task = await create(
      record,
      aTask((await create(record, aPatient())).id, {
        owner: { reference: "Practitioner/x" },
      }),
    );
    await records.change(bySystem, (work) => work.remove("Task", task.id));
    expect(
      (await dump()).filter(
        ({ pk, sk }) => pk.startsWith("I#") && sk.endsWith(`#${task.id}`),
      ),
    ).toEqual([]);
  });

  test("every access leaves a fact: one per patient and commit, of reads, refusals and changes without patients", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const { records } = record;
    const facts = async (since: readonly Item[]) => {
      const old = new Set(since.map(nameOf));
      return (await dump()).filter(
        (item) => item.sk.startsWith("F#") && !old.has(nameOf(item)),
      );
    };
    let before = await dump();
    const [one, other] = await records.change(bySystem, async (work) => {
      const first = await work.create(aPatient());
      await work.create(aTask(first.id));
      return [first, await work.create(aPatient())];
    });
    expect(
      (await facts(before))
        .map(({ pk, kind, changes }) => ({
          pk,
          kind,
          what: (changes as { what: string }[]).map(({ what }) => what),
        }))
        .sort((a, b) => b.what.length - a.what.length),
    ).toEqual([
      {
        pk: `PATIENT#${one.id}`,
        kind: "change",
        what: ["PatientCreated", "TaskCreated"],
      },
      { pk: `PATIENT#${other.id}`, kind: "change", what: ["PatientCreated"] },
    ]);
    before = await dump();
    await records.read(bySystem, "Patient", one.id);
    expect(await facts(before)).toEqual([
      expect.objectContaining({
        pk: `PATIENT#${one.id}`,
        kind: "read",
        outcome: "done",
        by: "system:test",
      }),
    ]);
    before = await dump();
    const stranger = {
      ...bySystem,
      by: { kind: "patient", id: other.id, token: "t" },
    } as const;
    await expect(
      records.read(stranger, "Patient", one.id),
    ).rejects.toMatchObject({ status: 403 });
    expect(await facts(before)).toEqual([
      expect.objectContaining({
        kind: "refusal",
        outcome: "refused",
        by: `patient:${other.id}`,
      }),
    ]);
    before = await dump();
    await create(record, aPractitioner());
    const [directory] = await facts(before);
    expect(directory).toMatchObject({ kind: "change" });
    expect(directory?.pk).toMatch(/^FACTS#\d{4}-\d\d-\d\d#\d+$/);
    before = await dump();
    await records.history(bySystem, "Patient", one.id, { count: 10 });
    await records.readVersion(bySystem, "Patient", one.id, "1");
    expect((await facts(before)).map(({ kind }) => kind)).toEqual([
      "read",
      "read",
    ]);
    before = await dump();
    await records.change(bySystem, (work) => work.update(one));
    expect((await facts(before)).map(({ kind }) => kind)).toEqual(["read"]);
  });

  test("a body that was touched, moved to another resource or version, or of another key is refused", async () => {
    const { table, dump } = await emptyTable();
    const provider = localKeyProvider();
    const record = aRecord({ table, provider });
    const { records } = record;
    const one = await create(record, aPatient({ birthDate: "1970-01-01" }));
    const other = await create(record, aPatient());
    const task = await create(record, aTask(one.id));
    const newer = await records.change(bySystem, (work) =>
      work.update<Task>({ ...task, status: "completed" }),
    );
    const items = await dump();
    const at = (pk: string, sk: string): Item => {
      const found = items.find((item) => item.pk === pk && item.sk === sk);
      if (found === undefined) throw new Error("no such item");
      return found;
    };
    const patientOne = at(`PATIENT#${one.id}`, `A#Patient#${one.id}`);
    const patientOther = at(`PATIENT#${other.id}`, `A#Patient#${other.id}`);
    const local = task.id.slice(27);
    const current = at(`PATIENT#${one.id}`, `A#Task#${local}`);
    const old = at(`PATIENT#${one.id}`, `H#Task#${local}#0000000001`);
    const flipped = (item: Item): Item => {
      const body = Uint8Array.from(item.body as Uint8Array);
      const place = body.length >> 1;
      body[place] = (body[place] ?? 0) ^ 1;
      return { ...item, body };
    };
    const refused = async (
      forged: Item,
      type: "Patient" | "Task",
      id: string,
    ) => {
      await table.append([forged]);
      const fresh = aRecord({ table, provider });
      await expect(fresh.records.read(bySystem, type, id)).rejects.toThrow();
      const original = items.find((item) => nameOf(item) === nameOf(forged));
      if (original !== undefined) await table.append([original]);
      await fresh.records.read(bySystem, type, id);
    };
    await refused(flipped(patientOne), "Patient", one.id);
    await refused(
      { ...patientOne, body: patientOther.body },
      "Patient",
      one.id,
    );
    await refused({ ...current, body: patientOne.body }, "Task", task.id);
    await refused({ ...current, body: old.body }, "Task", task.id);
    await refused({ ...current, v: 3 }, "Task", task.id);
    await refused({ ...patientOne, key: "directory#1" }, "Patient", one.id);
    expect(await records.read(bySystem, "Task", task.id)).toEqual(newer);
  });

  test("a shredded key makes the patient's whole record unreadable, history included, and unwritable", async () => {
    const { table } = await emptyTable();
    const record = aRecord({ table });
    const { records } = record;
    const patient = await create(record, aPatient());
    const task = await create(record, aTask(patient.id));
    await table.commit(
      [
        {
          put: {
            pk: `PATIENT#${patient.id}`,
            sk: "KEY",
            v: 1,
            shredded: "2026-01-01",
          },
          table: "keys",
          guard: "any",
        },
      ],
      "shred",
    );
    for (const attempt of [
      () => records.read(bySystem, "Patient", patient.id),
      () => records.readVersion(bySystem, "Task", task.id, "1"),
      () => records.history(bySystem, "Task", task.id, { count: 5 }),
      () =>
        records.change(bySystem, (work) => work.ofPatient("Task", patient.id)),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 410 });
    await expect(create(record, aTask(patient.id))).rejects.toBeInstanceOf(
      Fault,
    );
  });

  test("nothing of a patient is readable in the tables outside sealed bodies", async () => {
    const { table, dump } = await emptyTable();
    const record = aRecord({ table });
    const values = [
      "Zephyrine",
      "Quackenbush",
      "+12025550177",
      "zephyrine@quack.example",
      "MRN-77-QZX",
      "1933-07-19",
      "Umbrella Lane 77",
    ];
    const patient = await create(record, {
      resourceType: "Patient",
      identifier: [{ system: mrn, value: "MRN-77-QZX" }],
      name: [{ given: ["Zephyrine"], family: "Quackenbush" }],
      telecom: [
        { system: "phone", value: "+12025550177" },
        { system: "email", value: "zephyrine@quack.example" },
      ],
      birthDate: "1933-07-19",
      address: [{ line: ["Umbrella Lane 77"] }],
    });
    await record.records.change(bySystem, (work) =>
      work.update({ ...patient, active: false }),
    );
    const written = textOf(
      (await dump()).map((item) =>
        Object.fromEntries(
          Object.entries(item).map(([name, value]) => [name, textOf(value)]),
        ),
      ),
    ).toLowerCase();
    expect(written).toContain(patient.id.toLowerCase());
    for (const value of values)
      for (const form of [
        value,
        Buffer.from(value).toString("hex"),
        Buffer.from(value).toString("base64"),
      ])
        expect(written).not.toContain(form.toLowerCase());
  });
});
