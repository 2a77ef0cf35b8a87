import { expect, it } from "vitest";
import { reapplyLedger } from "../../erasure/reapply-ledger.ts";
import { optOut } from "../../functions/core/consent.ts";
import { ulids } from "../../functions/core/ids.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aCanary, leaksIn } from "../canary/patient.ts";
import { memoryBucket } from "../memory-bucket.ts";
import { aRecord, bySystem, localKeyProvider } from "../record.ts";
import { onBothTables } from "../store/both-tables.ts";
import { aPatient } from "../store/builders.ts";
import { erasureRun } from "./run.ts";

/** Puts what a backup holds into empty tables. */
const filled = async (table: Table, items: readonly Item[]): Promise<Table> => {
  for (const { table: _name, ...item } of items)
    await table.commit(
      [
        {
          put: item,
          table: item.sk === "KEY" ? "keys" : "records",
          guard: "any",
        },
      ],
      ulids(Date.now)(),
    );
  return table;
};

const newId = ulids(Date.now);

onBothTables((emptyTable) => {
  it("a restore of both tables leaves an erased patient erased, and is refused without the ledger", async () => {
    const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
    const now = (): Date => new Date(clock.now());
    const provider = localKeyProvider();
    const { table, dump } = await emptyTable();
    const record = aRecord({ table, now, provider });
    const make = (given: Parameters<typeof aPatient>[0]) =>
      record.records.change(bySystem, (work) => work.create(aPatient(given)));
    const { id } = await make(aCanary());
    const other = await make({});
    await record.records.change(bySystem, (work) =>
      work.create(optOut(other.id, "sms", now().toISOString())),
    );
    const backup = structuredClone(await dump());

    expect(await erasureRun(record, { clock }).erase(id, "request-1")).toBe(
      "SUCCEEDED",
    );

    const restored = await filled((await emptyTable()).table, backup);
    const again = aRecord({ table: restored, now, provider });
    // So it would be.
    expect(
      leaksIn(
        JSON.stringify(await again.records.read(bySystem, "Patient", id)),
      ),
    ).toContain("family");

    const asked = { table: restored, isNobodyErased: false, newId };
    await expect(
      reapplyLedger({ ...asked, ledger: memoryBucket() }),
    ).rejects.toThrow("a restore without the ledger");
    await expect(
      reapplyLedger({
        ...asked,
        ledger: {
          list: () => Promise.reject(new Error("denied")),
          get: () => Promise.resolve(undefined),
        },
      }),
    ).rejects.toThrow("cannot be read");

    const ledger = record.documents;
    expect(await reapplyLedger({ ...asked, ledger })).toEqual({
      destroyed: 1,
      erased: 1,
      ruled: 1,
      lost: [],
    });
    const after = aRecord({ table: restored, now, provider });
    await expect(
      after.records.read(bySystem, "Patient", id),
    ).rejects.toMatchObject({ status: 410 });
    expect((await after.records.read(bySystem, "Patient", other.id)).id).toBe(
      other.id,
    );
    // A second time changes nothing; a ledger that lacks what the record knows is none.
    expect(await reapplyLedger({ ...asked, ledger })).toMatchObject({
      destroyed: 0,
    });
    await expect(
      reapplyLedger({
        ...asked,
        isNobodyErased: true,
        ledger: memoryBucket(),
      }),
    ).rejects.toThrow("the record knows 1 erasures");
  }, 60_000);
});

it("patients made after the restored instant are named", async () => {
  const table = memoryTable();
  const record = aRecord({ table });
  const { id } = await record.records.change(bySystem, (work) =>
    work.create(aPatient()),
  );
  const withoutKeys = await filled(
    memoryTable(),
    table.dump().filter(({ sk }) => sk !== "KEY"),
  );
  expect(
    await reapplyLedger({
      table: withoutKeys,
      ledger: memoryBucket(),
      isNobodyErased: true,
      newId,
    }),
  ).toEqual({ destroyed: 0, erased: 0, ruled: 0, lost: [id] });
});
