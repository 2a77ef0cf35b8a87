import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archiveKeys, readRoot } from "../../functions/core/audit-root.ts";
import { chained, linesOf, ordered } from "../../functions/core/fact-chain.ts";
import { examine } from "../../audit/examine.ts";
import { aFact, anArchive, hour, idOf, minute, three } from "../archived.ts";
import type { MemoryArchive } from "../memory-archive.ts";

const rootOf = (archive: MemoryArchive, of: string) =>
  readRoot(Buffer.from(archive.textOf(archiveKeys.root(of))))?.root;

const examined = ({
  archive,
  trusted,
}: Pick<ReturnType<typeof anArchive>, "archive" | "trusted">) =>
  examine({ archive, trusted, progress: () => undefined });

describe("new facts", () => {
  it("become one object of the hour in which they come, sealed parts and all", async () => {
    const world = anArchive();
    await world.bring([aFact(3), aFact(2)], three + 5 * minute);
    const [key = ""] = world.archive.keys();
    expect(key).toMatch(/^facts\/2026\/03\/02\/15\/[0-9a-f]{64}\.ndjson$/);
    const lines = linesOf(Buffer.from(world.archive.textOf(key)));
    expect(lines.map(({ id }) => id)).toEqual([aFact(2), aFact(3)].map(idOf));
    expect(JSON.parse(lines[1]?.text ?? "")).toMatchObject({
      sk: aFact(3).sk,
      pk: "PATIENT#01KJQH0CC05C8ZPX17A8T47AHX",
      sealed: { bytes: "Aw==" },
      sealedBy: "audit#1",
    });
  });

  it("that come again in the hour add nothing", async () => {
    const world = anArchive();
    await world.bring([aFact(1), aFact(2)], three);
    await world.bring([aFact(2), aFact(1)], three + minute);
    expect(world.archive.keys()).toHaveLength(1);
  });

  it("that nobody understands are archived nevertheless", async () => {
    const world = anArchive();
    await world.bring([{ pk: "X", sk: "F#?", odd: [1] }], three);
    expect(world.archive.textOf(world.archive.keys()[0] ?? "")).toBe(
      '{"odd":[1],"pk":"X","sk":"F#?"}\n',
    );
  });
});

describe("a root", () => {
  it("is signed when its hour has ended and settled, and not before", async () => {
    const world = anArchive();
    await world.bring([aFact(1)], three);
    await world.signAt(three + hour + 14 * minute);
    expect(rootOf(world.archive, "2026-03-02T15")).toBeUndefined();
    await world.signAt(three + hour + 15 * minute);
    expect(rootOf(world.archive, "2026-03-02T15")).toMatchObject({
      organization: "demo",
      count: 1,
      first: idOf(aFact(1)),
      previous: null,
    });
    expect((await examined(world)).report.findings).toEqual([]);
  });

  it("of an hour to come, whoever put it there, keeps none from being signed", async () => {
    const world = anArchive();
    await world.bring([aFact(1)], three);
    await world.signAt(three + 1.5 * hour);
    await world.archive.add(
      archiveKeys.root("2026-03-31T23"),
      world.archive.textOf(archiveKeys.root("2026-03-02T15")),
      "application/json",
    );
    await world.bring([aFact(2)], three + hour);
    await world.signAt(three + 2.5 * hour);
    expect(rootOf(world.archive, "2026-03-02T16")?.count).toBe(1);
  });

  it("comes for each missing hour, in order, also where nothing happened", async () => {
    const world = anArchive();
    await world.bring([aFact(1)], three);
    await world.bring([aFact(2)], three + 3 * hour);
    await world.signAt(three + 5 * hour);
    const hours = ["15", "16", "17", "18"].map((name) => `2026-03-02T${name}`);
    expect(hours.map((of) => rootOf(world.archive, of)?.count)).toEqual([
      1, 0, 0, 1,
    ]);
    expect(rootOf(world.archive, "2026-03-02T19")).toBeUndefined();
    expect((await examined(world)).report).toMatchObject({
      findings: [],
      roots: 4,
      facts: 2,
    });
  });

  it("counts a fact that comes late, and leaves its own hour as it was", async () => {
    const world = anArchive();
    await world.bring([aFact(1)], three);
    await world.signAt(three + 1.5 * hour);
    const before = world.archive.textOf(archiveKeys.root("2026-03-02T15"));
    await world.bring([aFact(2)], three + 2 * hour);
    await world.signAt(three + 4 * hour);
    expect(world.archive.textOf(archiveKeys.root("2026-03-02T15"))).toBe(
      before,
    );
    expect(rootOf(world.archive, "2026-03-02T17")).toMatchObject({
      count: 1,
      late: 1,
    });
    expect((await examined(world)).report).toMatchObject({
      findings: [],
      late: 1,
    });
  });

  it("of an empty archive is that of the last hour", async () => {
    const world = anArchive();
    await world.signAt(three + 20 * minute);
    expect(
      world.archive.keys().filter((key) => key.startsWith("roots/")),
    ).toEqual([archiveKeys.root("2026-03-02T14")]);
  });

  it("goes on after a silence of months", async () => {
    const world = anArchive();
    await world.signAt(three);
    await world.signAt(three + 70 * 24 * hour);
    expect((await examined(world)).report).toMatchObject({
      findings: [],
      roots: 70 * 24 + 1,
    });
  });

  it("is the same whoever signs first, and whenever the signer stopped half way", async () => {
    const world = anArchive();
    await world.bring([aFact(1), aFact(2)], three);
    await world.bring([aFact(3)], three + hour);
    const whole = world.archive.copy();
    await world.signAt(three + 3 * hour, whole);
    const writes = whole.keys().length - world.archive.keys().length;
    for (let done = 0; done < writes; done += 1) {
      const stopped = world.archive.copy();
      let left = done;
      const failing = {
        ...stopped,
        add: (...given: Parameters<typeof stopped.add>) =>
          (left -= 1) < 0
            ? Promise.reject(new Error("stopped"))
            : stopped.add(...given),
      };
      await expect(world.signAt(three + 3 * hour, failing)).rejects.toThrow(
        "stopped",
      );
      await Promise.all([
        world.signAt(three + 3 * hour, stopped),
        world.signAt(three + 3 * hour, stopped),
      ]);
      expect(stopped.keys()).toEqual(whole.keys());
      expect(rootOf(stopped, "2026-03-02T16")).toEqual(
        rootOf(whole, "2026-03-02T16"),
      );
      expect(
        (await examined({ archive: stopped, trusted: world.trusted })).report
          .findings,
      ).toEqual([]);
    }
  });
});

it("any course of batches, repeated, late and out of order, is one sound chain of exactly its facts", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          facts: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
          after: fc.nat(50),
          signs: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (batches) => {
        const world = anArchive();
        let at = three + hour;
        const brought = new Set<string>();
        for (const { facts, after, signs } of batches) {
          at += after * minute;
          // Of each fact one moment, whenever it comes.
          const items = facts.map((number) =>
            aFact(number, three + number * minute),
          );
          await world.bring(items, at);
          for (const item of items) brought.add(idOf(item));
          if (signs) await world.signAt(at);
        }
        await world.signAt(at + 2 * hour);
        const { report, archived } = await examined(world);
        expect(report.findings).toEqual([]);
        expect(report.open).toBe(0);
        expect([...archived.keys()].sort()).toEqual([...brought].sort());
        const objects = world.archive
          .keys()
          .filter((key) => key.startsWith("facts/"));
        expect(report.objects).toBe(objects.length);
        const lines = objects.flatMap((key) =>
          linesOf(Buffer.from(world.archive.textOf(key))),
        );
        expect(report.facts).toBe(chained("00", ordered(lines)).length);
      },
    ),
    { numRuns: 60 },
  ));
