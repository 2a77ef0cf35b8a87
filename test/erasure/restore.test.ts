import { expect, it } from "vitest";
import { runRestore } from "../../erasure/run-restore.ts";
import { reapplyLedger } from "../../erasure/reapply-ledger.ts";
import { archiveKeys } from "../../functions/core/audit-root.ts";
import { optOut } from "../../functions/core/consent.ts";
import { ulids } from "../../functions/core/ids.ts";
import { factsObject } from "../../functions/events/archive-facts.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aCanary, leaksIn } from "../canary/patient.ts";
import { memoryArchive } from "../memory-archive.ts";
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

    const { table: empty, dump: dumpRestored } = await emptyTable();
    const restored = await filled(empty, backup);
    const again = aRecord({ table: restored, now, provider });
    // So it would be.
    expect(
      leaksIn(
        JSON.stringify(await again.records.read(bySystem, "Patient", id)),
      ),
    ).toContain("family");

    const archive = memoryArchive();
    const asked = {
      ...{ table: restored, archive, now, newId },
      ...{ isNobodyErased: false, isCompleted: false, isTrusted: false },
    };
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

    // Neither the restored record nor an archive that knows nothing vouches for a ledger: it may be another organization's.
    const ledger = record.documents;
    await expect(reapplyLedger({ ...asked, ledger })).rejects.toThrow(
      `Nothing but the ledger knows of 1 erasure (${id})`,
    );
    // The archive does; and without the ledger, or with one from before, it tells what is lacking.
    const facts = (await dump()).filter(({ sk }) => sk.startsWith("F#"));
    const body = factsObject(facts);
    await archive.add(archiveKeys.object("2026-03-02T16", body), body, "");
    await expect(
      reapplyLedger({
        ...asked,
        isNobodyErased: true,
        ledger: memoryBucket(),
      }),
    ).rejects.toThrow(`it lacks 1 erasure (${id})`);
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
        archive: memoryArchive(),
        ledger: memoryBucket(),
      }),
    ).rejects.toThrow("it lacks 1 erasure");
    // Each try is a fact of the record.
    expect(
      (await dumpRestored())
        .filter(({ pk, sk }) => pk.startsWith("FACTS#") && sk.startsWith("F#"))
        .toSorted((one, other) => one.sk.localeCompare(other.sk))
        .flatMap(({ changes }) => changes as unknown as { what: string }[])
        .map(({ what }) => what)
        .filter((what) => /^(Restore|Ledger)/.test(what)),
    ).toEqual([
      ...Array.from({ length: 4 }, () => "RestoreRefused"),
      ...["LedgerReapplied", "LedgerReapplied", "RestoreRefused"],
    ]);
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
      archive: memoryArchive(),
      isNobodyErased: true,
      isCompleted: false,
      isTrusted: false,
      now: () => new Date(),
      newId,
    }),
  ).toEqual({ destroyed: 0, erased: 0, ruled: 0, lost: [id] });
});

it("a ledger from before is completed from the archive by whoever says so, and applied", async () => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const now = (): Date => new Date(clock.now());
  const table = memoryTable();
  const record = aRecord({ table, now });
  const [early = "", late = ""] = await Promise.all(
    [1, 2].map(
      async () =>
        (
          await record.records.change(bySystem, (work) =>
            work.create(aPatient()),
          )
        ).id,
    ),
  );
  const backup = structuredClone(table.dump());
  const run = erasureRun(record, { clock });
  await run.erase(early, "one");
  const ledger = memoryBucket();
  for (const { key } of await record.documents.list("shred-ledger/"))
    await ledger.put(
      key,
      (await record.documents.get(key)) ?? Buffer.of(),
      "application/json",
    );
  await run.erase(late, "two");
  const archive = memoryArchive();
  const body = factsObject(
    table.dump().filter(({ sk }) => sk.startsWith("F#")),
  );
  await archive.add(archiveKeys.object("2026-03-02T16", body), body, "");
  const asked = {
    ...{ table: await filled(memoryTable(), backup), archive, ledger },
    ...{ isNobodyErased: false, isTrusted: false, now, newId },
  };
  await expect(reapplyLedger({ ...asked, isCompleted: false })).rejects.toThrow(
    `it lacks 1 erasure (${late})`,
  );
  expect(await reapplyLedger({ ...asked, isCompleted: true })).toMatchObject({
    destroyed: 2,
    erased: 2,
  });
});

it.each([
  [[], "Name both tables"],
  [["--keys", "k", "--records", "r", "--ledger", "l"], "Name both tables"],
  [["--what"], "--what"],
])("npm run restore with %j says what to give", async (args, expected) => {
  const said: string[] = [];
  expect(await runRestore(args, (text) => said.push(text))).toBe(2);
  expect(said.join()).toContain(expected);
  expect(said.join()).toContain("--archive <bucket>");
});
