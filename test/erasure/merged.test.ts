import { describe, expect, it } from "vitest";
import { isErased } from "../../functions/store/erased.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import {
  readLedger,
  recordedShreds,
} from "../../functions/store/shred-ledger.ts";
import type { Table } from "../../functions/store/table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aRecord, bySystem, type TestRecord } from "../record.ts";
import { onBothTables } from "../store/both-tables.ts";
import { aPatient } from "../store/builders.ts";
import { erasureRun } from "./run.ts";

type Meanwhile = (of: "get" | "commit") => Promise<void>;

/** A table in which something happens just before it is asked. */
const watched = (
  table: Table,
): Table & { meanwhile: Meanwhile | undefined } => {
  const seen = {
    ...table,
    meanwhile: undefined as Meanwhile | undefined,
    get: async (...given: Parameters<Table["get"]>) => {
      await seen.meanwhile?.("get");
      return table.get(...given);
    },
    commit: async (...given: Parameters<Table["commit"]>) => {
      await seen.meanwhile?.("commit");
      return table.commit(...given);
    },
  };
  return seen;
};

const aPerson = async (
  { records }: Pick<TestRecord, "records">,
  count: number,
): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1)
    ids.push(
      (await records.change(bySystem, (work) => work.create(aPatient()))).id,
    );
  // Some into the first, some into the one before: a tree, deep and wide.
  for (const [at, id] of ids.entries())
    if (at > 0) await merge({ records }, id, ids[at % 3 === 0 ? at - 1 : 0]);
  return ids;
};

const merge = (
  { records }: Pick<TestRecord, "records">,
  id: string,
  into = "",
): Promise<unknown> =>
  records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", id);
    await work.update({
      ...patient,
      link: [{ type: "replaced-by", other: { reference: `Patient/${into}` } }],
    });
  });

const aClinic = (inner: Table = memoryTable()) => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const table = watched(inner);
  return {
    ...aRecord({ table, now: () => new Date(clock.now()) }),
    table,
    clock,
  };
};
type Clinic = ReturnType<typeof aClinic>;

const erased = async (
  { records }: Clinic,
  ids: readonly string[],
): Promise<number> =>
  (
    await Promise.all(
      ids.map((id) =>
        records
          .read(bySystem, "Patient", id)
          .then(() => false)
          .catch(isErased),
      ),
    )
  ).filter(Boolean).length;

onBothTables((emptyTable) => {
  it("32 records of one person go in one transaction, and a 33rd is not merged with them", async () => {
    const clinic = aClinic((await emptyTable()).table);
    const ids = await aPerson(clinic, 32);
    const other = await clinic.records.change(bySystem, (work) =>
      work.create(aPatient()),
    );
    await expect(merge(clinic, other.id, ids[0])).rejects.toMatchObject({
      name: "TooManyRecords",
    });
    const store = await clinic.erasures();
    const asked = await store.request(bySystem, ids[7] ?? "", "one");
    await store.shred(bySystem, asked, "US");
    expect(await erased(clinic, ids)).toBe(32);
    expect(await erased(clinic, [other.id])).toBe(0);
    expect((await recordedShreds(clinic.table)).length).toBe(32);
  }, 120_000);
});

describe("a person of many records, whose erasure breaks", () => {
  it("at whatever write is wholly there or wholly gone, and is carried through, told once", async () => {
    for (let failing = 1; ; failing += 1) {
      const inner = memoryTable();
      const clinic = aClinic(inner);
      const ids = await aPerson(clinic, 22);
      const run = erasureRun(clinic, {
        clock: clinic.clock,
        meanwhile: (task) => {
          if (task !== "ErasureShred" || commits > 0) return Promise.resolve();
          clinic.table.meanwhile = async (of) => {
            if (of !== "commit") return;
            commits += 1;
            if (commits !== failing) return;
            clinic.table.meanwhile = undefined;
            broken = await erased(clinic, ids);
            throw new Error("the power is gone");
          };
          return Promise.resolve();
        },
      });
      let commits = 0;
      let broken: number | undefined;
      expect(await run.erase(ids[3] ?? "", "one")).toBe("SUCCEEDED");
      if (broken === undefined) {
        expect(failing).toBeGreaterThan(3);
        return;
      }
      expect([0, 22]).toContain(broken);
      expect(await erased(clinic, ids)).toBe(22);
      expect((await readLedger(clinic.documents)).length).toBe(22);
      const told = inner
        .dump()
        .filter(({ sk, changes }) =>
          sk.startsWith("F#")
            ? JSON.stringify(changes).includes("PatientErased")
            : false,
        );
      expect(told.map(({ patient }) => patient).toSorted()).toEqual(
        ids.toSorted(),
      );
    }
  }, 60_000);

  it("does not leave behind who was merged with the person at that moment", async () => {
    for (let at = 1; at < 40; at += 1) {
      const clinic = aClinic();
      const ids = await aPerson(clinic, 3);
      const late = await clinic.records.change(bySystem, (work) =>
        work.create(aPatient()),
      );
      const store = await clinic.erasures();
      const asked = await store.request(bySystem, ids[0] ?? "", "one");
      let asks = 0;
      clinic.table.meanwhile = async () => {
        asks += 1;
        if (asks !== at) return;
        clinic.table.meanwhile = undefined;
        await merge(clinic, late.id, ids[2]);
      };
      await store.shred(bySystem, asked, "US").catch(() => undefined);
      if (asks < at) return;
      clinic.table.meanwhile = undefined;
      const gone = await erased(clinic, ids);
      const person = await store.setOf(ids[0] ?? "");
      expect(
        [0, 3].includes(gone) && (await erased(clinic, person)),
        `merged before question ${String(at)}`,
      ).toBe(gone === 0 ? 0 : person.length);
    }
    throw new Error("the table was never left alone");
  });

  it("looks once more, of what is then the person's, whether the law has it kept", async () => {
    const clinic = aClinic();
    const [id = ""] = await aPerson(clinic, 2);
    const late = await clinic.records.change(bySystem, (work) =>
      work.create(aPatient()),
    );
    await clinic.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Observation",
        status: "final",
        code: { text: "Weight" },
        subject: { reference: `Patient/${late.id}` },
      }),
    );
    let isMerged = false;
    const run = erasureRun(clinic, {
      clock: clinic.clock,
      meanwhile: async (task) => {
        if (task !== "ErasureShred" || isMerged) return;
        isMerged = true;
        await merge(clinic, late.id, id);
      },
    });
    expect(await run.erase(id, "one")).toBe("SUCCEEDED");
    expect(await erased(clinic, [id, late.id])).toBe(0);
    expect(await (await clinic.erasures()).find(id)).toMatchObject({
      status: "refused",
      obstacle: { name: "retention-duty" },
    });
  });
});
