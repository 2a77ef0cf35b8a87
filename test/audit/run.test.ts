import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareTable } from "../../audit/compare-table.ts";
import { examine } from "../../audit/examine.ts";
import { verify } from "../../audit/run.ts";
import { archiveKeys, startOf } from "../../functions/core/audit-root.ts";
import type { Item } from "../../functions/store/table.ts";
import { aFact, anArchive, hour, idOf, minute, three } from "../archived.ts";
import { testSigner } from "../memory-archive.ts";

const facts = Array.from({ length: 8 }, (_, number) =>
  aFact(number, three + number * 20 * minute),
);

let world: ReturnType<typeof anArchive>;
let folder: string;

beforeEach(async () => {
  world = anArchive();
  for (const [number, fact] of facts.entries())
    await world.bring([fact], three + number * 20 * minute + minute);
  await world.signAt(three + 4 * hour);
  folder = mkdtempSync(join(tmpdir(), "sojourn-archive-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A copy on the disk, with the public key beside it. */
const download = async (): Promise<string> => {
  for (const key of world.archive.keys()) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), world.archive.textOf(key));
  }
  const file = join(folder, "roots.pem");
  writeFileSync(file, await world.signer.publicKey());
  return file;
};

const year = 365 * 24 * hour;

const run = (...args: readonly string[]) => runAt(three + 5 * hour, args);

const runAt = async (
  now: number,
  args: readonly string[],
): Promise<{ code: number; text: string }> => {
  const said: string[] = [];
  const code = await verify(args, {
    print: (text) => said.push(text),
    progress: () => undefined,
    now: () => new Date(now),
  });
  return { code, text: said.join("\n") };
};

describe("audit:verify", () => {
  it("without arguments says what to give", async () => {
    const { code, text } = await run();
    expect(code).toBe(2);
    expect(text).toContain("Say which archive");
    expect(text).toContain("--folder <path>");
  });

  it("looks at a copy without a network, and says that it is whole", async () => {
    const key = await download();
    const { code, text } = await run("--folder", folder, "--public-key", key);
    expect(text).toContain("8 objects, 8 facts");
    expect(text).toContain("The archive is whole");
    expect(text).not.toContain("vouches");
    expect(code).toBe(0);
  });

  it("says so when it believed the copy's own key", async () => {
    await download();
    const { code, text } = await run("--folder", folder);
    expect(text).toContain("Nobody vouches for the key");
    expect(code).toBe(0);
  });

  it("names what was changed, and ends with 1", async () => {
    const key = world.archive
      .keys(archiveKeys.facts)
      .find((name) => world.archive.textOf(name).includes(idOf(aFact(0))));
    if (key === undefined) throw new Error("the fact is not archived");
    world.archive.overwrite(
      key,
      world.archive.textOf(key).replace("system:test", "system:fake"),
    );
    const pem = await download();
    const { code, text } = await run("--folder", folder, "--public-key", pem);
    expect(code).toBe(1);
    expect(text).toContain(`CHANGED   fact ${idOf(aFact(0))}`);
    expect(text).toContain(key);
    expect(text).toContain("NOT WHOLE: 2 findings");
  });

  it("refuses another key than the one that signed", async () => {
    const pem = await download();
    writeFileSync(pem, await testSigner().publicKey());
    const { code, text } = await run("--folder", folder, "--public-key", pem);
    expect(code).toBe(1);
    expect(text).toContain("signed by another key (roots-key)");
  });

  it("misses the hours of a copy that was cut off, where it is told how far it goes", async () => {
    for (const part of ["facts", "links", "roots"])
      for (const key of world.archive.keys(`${part}/2026/03/02/17`))
        world.archive.remove(key);
    const pem = await download();
    const copy = ["--folder", folder, "--public-key", pem];
    expect((await run(...copy)).code).toBe(0);
    const { code, text } = await run(...copy, "--to", "2026-03-02T17");
    expect(code).toBe(1);
    expect(text).toContain("MISSING  root 2026-03-02T17");
  });

  it("misses the first hours of a copy that was cut off, however few they are", async () => {
    for (const part of ["facts", "links", "roots"])
      for (const key of world.archive.keys(`${part}/2026/03/02/15`))
        world.archive.remove(key);
    const pem = await download();
    const copy = ["--folder", folder, "--public-key", pem];
    const { code, text } = await run(...copy);
    expect(code).toBe(1);
    expect(text).toContain("MISSING  root 2026-03-02T15 and those before");
    expect(text).toContain("--from 2026-03-02T16");
    // Whoever copied from there on says so; and after six years nobody can say that it was there.
    expect((await run(...copy, "--from", "2026-03-02T16")).code).toBe(0);
    expect((await runAt(three + 6.1 * year, copy)).code).toBe(0);
  });

  it("says of a copy where it would not see an end cut off, and shows nothing of one without a root", async () => {
    const pem = await download();
    const copy = ["--folder", folder, "--public-key", pem];
    expect((await run(...copy)).text).toContain("--to names the last hour");
    rmSync(join(folder, "roots"), { recursive: true });
    const { code, text } = await run(...copy);
    expect(code).toBe(2);
    expect(text).toContain("no hour was signed");
  });

  it.each([
    [["--folder", "nowhere"], "There is no folder nowhere"],
    [["--folder", ".", "--bucket", "b"], "Say which archive"],
    [["--bucket", "b", "--table"], "--table needs the table's name"],
    [["--bucket", "b", "--from", "yesterday"], "--from must be a day"],
    [["--bucket", "b", "--public-key", "package.json"], "no public key"],
    [["--outputs", "nowhere.json"], "There is no file nowhere.json"],
    [["--what"], "--what"],
  ])("asked %j explains itself", async (args, said) => {
    const { code, text } = await run(...args);
    expect([code, text]).toEqual([2, expect.stringContaining(said)]);
  });
});

describe("beside the table", () => {
  const compared = async (table: readonly Item[], until = three + 5 * hour) => {
    const { report, archived } = await examine({
      archive: world.archive,
      trusted: world.trusted,
      progress: () => undefined,
    });
    const { findings, ...rest } = await compareTable({
      archived,
      readFacts: (each) => {
        for (const item of table.toReversed()) each(item);
        return Promise.resolve();
      },
      from: startOf(report.from).toISOString(),
      until: new Date(until).toISOString(),
    });
    return {
      ...rest,
      found: findings.map(({ wrong, because }) => `${wrong}: ${because}`),
    };
  };

  it("the same facts are found on both sides", async () =>
    expect(await compared(facts)).toMatchObject({ found: [], compared: 8 }));

  it("a fact that the archive has not is told, and can be brought", async () => {
    const late = aFact(90, three + hour);
    const { found, lacking } = await compared([...facts, late]);
    expect(found).toEqual([
      "missing: the table has it and the archive has not",
    ]);
    expect(lacking).toEqual([late]);
    await world.bring(lacking as readonly Item[], three + 4.5 * hour);
    expect((await compared([...facts, late])).found).toEqual([]);
  });

  it("a fact that the table has not any more is told", async () =>
    expect((await compared(facts.slice(1))).found).toEqual([
      "missing: the archive has it and the table has not any more",
    ]));

  it("a fact that was changed in the table is told", async () =>
    expect(
      (
        await compared(
          facts.map((fact, index) =>
            index === 3 ? { ...fact, by: "staff:x" } : fact,
          ),
        )
      ).found,
    ).toEqual(["changed: the table holds another one than was archived"]));

  it("facts on their way, and those from before the archive, are no finding", async () => {
    const old = aFact(91, three - 100 * hour);
    const fresh = aFact(92, three + 5 * hour);
    const { found, older } = await compared([...facts, old, fresh]);
    expect(found).toEqual([]);
    expect(older).toEqual([old]);
  });
});
