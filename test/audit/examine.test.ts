import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { examine } from "../../audit/examine.ts";
import {
  archiveKeys,
  readRoot,
  rootFile,
  rootText,
  type Root,
} from "../../functions/core/audit-root.ts";
import { aFact, anArchive, hour, idOf, minute, three } from "../archived.ts";
import { testSigner, type MemoryArchive } from "../memory-archive.ts";

const at = (name: string): string => `2026-03-02T${name}`;
const facts = Array.from({ length: 12 }, (_, number) =>
  aFact(number, three + Math.floor(number / 4) * hour + number * minute),
);

let world: ReturnType<typeof anArchive>;
let archive: MemoryArchive;
let objects: readonly string[];

/** Three hours, each of two objects with two facts. */
beforeEach(async () => {
  world = anArchive();
  archive = world.archive;
  for (let from = 0; from < facts.length; from += 2)
    await world.bring(
      facts.slice(from, from + 2),
      three + Math.floor(from / 4) * hour + 30 * minute,
    );
  await world.signAt(three + 3.5 * hour);
  objects = archive.keys(archiveKeys.facts);
});

const found = async (
  options: Partial<Parameters<typeof examine>[0]> = {},
): Promise<readonly string[]> => {
  const { report } = await examine({
    archive,
    trusted: world.trusted,
    progress: () => undefined,
    ...options,
  });
  return report.findings.map(({ wrong, what }) => `${wrong} ${what}`);
};

const fact = (index: number): string => {
  const item = facts[index];
  if (item === undefined) throw new Error(`no fact ${String(index)}`);
  return `fact ${idOf(item)}`;
};

/** The object that holds a fact. */
const holding = (index: number): string => {
  const id = fact(index).slice("fact ".length);
  return objects.find((key) => archive.textOf(key).includes(id)) ?? "";
};

const edit = (
  key: string,
  change: (lines: string[]) => readonly string[],
): void => {
  const lines = archive.textOf(key).split("\n").filter(Boolean);
  archive.overwrite(
    key,
    change(lines)
      .map((line) => `${line}\n`)
      .join(""),
  );
};

const signedRoot = (of: string): Root => {
  const root = readRoot(
    Buffer.from(archive.textOf(archiveKeys.root(of))),
  )?.root;
  if (root === undefined) throw new Error(`no root ${of}`);
  return root;
};

it("an archive that nobody touched is whole", async () => {
  expect(await found()).toEqual([]);
  expect(objects).toHaveLength(6);
});

describe("a fact", () => {
  it("that was changed is named, and the original is found beneath", async () => {
    edit(holding(5), (lines) =>
      lines.map((line, index) =>
        index === 1 ? line.replace("system:test", "system:nobody") : line,
      ),
    );
    expect(await found()).toEqual([
      `replaced ${holding(5)}`,
      `changed ${fact(5)}`,
    ]);
    const { report } = await examine({
      ...{ archive, trusted: world.trusted, progress: () => undefined },
    });
    expect(report.findings[0]?.because).toContain(
      "the original is still there as version 1",
    );
  });

  it("that was removed is named", async () => {
    edit(holding(4), (lines) => lines.slice(1));
    expect(await found()).toEqual([
      `replaced ${holding(5)}`,
      `missing ${fact(4)}`,
    ]);
  });

  it("that was inserted is named", async () => {
    const key = holding(4);
    edit(key, (lines) => [
      ...lines,
      (lines[0] ?? "").replaceAll(
        fact(4).slice(5),
        "01KJQH0CC0ZZZZZZZZZZZZZZZZ",
      ),
    ]);
    expect(await found()).toEqual([
      `replaced ${key}`,
      "inserted fact 01KJQH0CC0ZZZZZZZZZZZZZZZZ",
    ]);
  });

  it("that was moved within its object is named", async () => {
    const key = holding(4);
    edit(key, (lines) => lines.toReversed());
    expect(await found()).toEqual([`replaced ${key}`, `reordered ${fact(4)}`]);
  });

  it("that was moved into another object of the hour shows as two other objects", async () => {
    const [from, to] = [holding(4), holding(6)];
    const line = archive.textOf(from).split("\n")[0] ?? "";
    edit(from, (lines) => lines.slice(1));
    edit(to, (lines) => [line, ...lines]);
    expect((await found()).toSorted()).toEqual(
      [from, to]
        .map((key) => `replaced ${key}`)
        .sort()
        .flatMap((text) => [text, text]),
    );
  });

  it("that was moved into another hour is missing there and inserted here", async () => {
    const [from, to] = [holding(0), holding(4)];
    const line = archive.textOf(from).split("\n")[0] ?? "";
    edit(from, (lines) => lines.slice(1));
    edit(to, (lines) => [...lines, line]);
    expect(await found()).toEqual([
      `replaced ${from}`,
      `missing ${fact(0)}`,
      `replaced ${to}`,
      `inserted ${fact(0)}`,
    ]);
  });

  it("that was changed does not hide another", async () => {
    for (const index of [4, 7])
      edit(holding(index), (lines) =>
        lines.map((line) =>
          line.replace('"version":' + String(index), '"version":99'),
        ),
      );
    expect((await found()).filter((text) => text.includes(" fact "))).toEqual([
      `changed ${fact(4)}`,
      `changed ${fact(7)}`,
    ]);
  });
});

describe("an object", () => {
  it("that was removed is named, with its facts", async () => {
    const key = holding(4);
    archive.remove(key);
    expect(await found()).toEqual([
      `missing ${key}`,
      `missing ${fact(4)}`,
      `missing ${fact(5)}`,
    ]);
  });

  it("that was replaced by another of the archive is named", async () => {
    const [one, other] = [holding(4), holding(0)];
    archive.overwrite(one, archive.textOf(other));
    expect(await found()).toEqual([
      `replaced ${one}`,
      `missing ${fact(4)}`,
      `missing ${fact(5)}`,
      `inserted ${fact(0)}`,
      `inserted ${fact(1)}`,
    ]);
  });

  it("that was replaced before its hour was signed is named", async () => {
    await world.bring([aFact(50, three + 4 * hour)], three + 4 * hour);
    const key = archive.keys(archiveKeys.facts).at(-1) ?? "";
    edit(key, (lines) => lines.map((line) => line.replace("test", "fake")));
    await world.signAt(three + 6 * hour);
    expect(await found()).toEqual([`replaced ${key}`]);
  });

  it("that was inserted into a closed hour is named", async () => {
    await world.bring([aFact(50, three)], three);
    const [key] = archive
      .keys(archiveKeys.facts)
      .filter((name) => !objects.includes(name));
    expect(await found()).toEqual([`inserted ${key ?? ""}`]);
  });

  it("that was inserted before the archive began is named", async () => {
    await world.bring([aFact(50, three)], three - 40 * hour);
    const [key] = archive.keys(archiveKeys.facts);
    expect(await found()).toEqual([`inserted ${key ?? ""}`]);
  });

  it("of another name than ours is named", async () => {
    archive.overwrite("facts/2026/03/02/15/note.txt", "");
    archive.overwrite("roots/2026/03/02/15.json.bak", "");
    expect((await found()).toSorted()).toEqual([
      "inserted facts/2026/03/02/15/note.txt",
      "inserted roots/2026/03/02/15.json.bak",
    ]);
  });

  it("of an hour that is not over is counted, and nothing wrong", async () => {
    await world.bring([aFact(50, three + 3.4 * hour)], three + 3.4 * hour);
    const { report } = await examine({
      ...{ archive, trusted: world.trusted, progress: () => undefined },
    });
    expect(report).toMatchObject({ findings: [], open: 1, facts: 13 });
  });

  it("twice with the same fact is a repetition; with another one of the same id it is not", async () => {
    const again = facts[0] ?? aFact(0);
    await world.bring([again], three + 4 * hour);
    expect(await found()).toEqual([]);
    await world.bring([{ ...again, by: "staff:x" }], three + 5 * hour);
    await world.signAt(three + 7 * hour);
    expect(await found()).toEqual([`changed ${fact(0)}`]);
  });
});

describe("the list of an hour's links", () => {
  it("that is missing or replaced is told, and the facts are whole without it", async () => {
    const [one = "", two = ""] = archive.keys("links/");
    archive.remove(one);
    archive.overwrite(two, "0 1\n");
    expect(await found()).toEqual([
      `replaced links of ${at("15")}`,
      `replaced links of ${at("16")}`,
    ]);
  });
});

describe("a root", () => {
  it("that was removed is named", async () => {
    archive.remove(archiveKeys.root(at("16")));
    expect(await found()).toEqual([`missing root ${at("16")}`]);
    archive.remove(archiveKeys.root(at("15")));
    expect(await found()).toEqual([
      `missing root ${at("15")}`,
      `missing root ${at("16")}`,
    ]);
  });

  it("that is due and not there is named", async () => {
    archive.remove(archiveKeys.root(at("17")));
    expect(await found()).toEqual([]);
    expect(await found({ due: at("17") })).toEqual([
      `missing root ${at("17")}`,
    ]);
  });

  it("that was replaced by another hour's is named, and so is what no longer follows", async () => {
    archive.overwrite(
      archiveKeys.root(at("16")),
      archive.textOf(archiveKeys.root(at("15"))),
    );
    const texts = await found();
    expect(texts.slice(0, 2)).toEqual([
      `replaced root ${at("16")}`,
      `unlinked root ${at("16")}`,
    ]);
    expect(texts).toContain(`unlinked root ${at("17")}`);
  });

  it("that is no root any more is named", async () => {
    archive.overwrite(archiveKeys.root(at("16")), "{}");
    expect(await found()).toEqual([`replaced root ${at("16")}`]);
  });

  it("in other bytes than were written is named, whatever it says", async () => {
    const key = archiveKeys.root(at("16"));
    archive.overwrite(key, `${archive.textOf(key)}\n`);
    expect(await found()).toEqual([`replaced root ${at("16")}`]);
  });

  it("whose content was changed does not fit its signature", async () => {
    const key = archiveKeys.root(at("17"));
    archive.overwrite(key, archive.textOf(key).replace('"late":0', '"late":1'));
    expect(await found()).toEqual([`unsigned root ${at("17")}`]);
  });

  it("that another key signed is named, though its key lies in the archive", async () => {
    const thief = testSigner("another-key");
    archive.overwrite(
      archiveKeys.publicKey(thief.key),
      await thief.publicKey(),
    );
    const root = { ...signedRoot(at("17")), key: thief.key };
    archive.overwrite(
      archiveKeys.root(at("17")),
      rootFile(root, await thief.sign(rootText(root))),
    );
    for (const trusted of [world.trusted, []])
      expect(await found({ trusted })).toEqual([`unsigned root ${at("17")}`]);
  });

  it("of an archive that was made anew with another key convinces only whoever has no key", async () => {
    const forged = anArchive();
    await forged.bring([aFact(0)], three);
    await forged.signAt(three + 3.5 * hour);
    archive = forged.archive;
    expect(await found({ trusted: [] })).toEqual([]);
    expect(await found()).toEqual(
      ["15", "16", "17"].map((name) => `unsigned root ${at(name)}`),
    );
  });

  it("is looked at only in the hours that are asked for", async () => {
    archive.remove(archiveKeys.root(at("15")));
    edit(holding(9), (lines) => lines.slice(1));
    expect(await found({ from: at("16"), to: at("16") })).toEqual([]);
    expect(await found({ from: at("17") })).toHaveLength(2);
  });
});

it("nothing that happens to any byte of the archive goes unnoticed", () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.constantFrom("flip", "drop", "remove", "swap"),
      async (which, where, how) => {
        const keys = archive.keys().filter((key) => !key.startsWith("keys/"));
        const key = keys[which % keys.length] ?? "";
        const other =
          keys[(which + 1 + (where % (keys.length - 1))) % keys.length] ?? "";
        const text = archive.textOf(key);
        const place = where % text.length;
        const copy = archive.copy();
        if (how === "remove") copy.remove(key);
        else if (how === "swap") {
          copy.overwrite(key, archive.textOf(other));
          copy.overwrite(other, text);
        } else
          copy.overwrite(
            key,
            how === "drop"
              ? text.slice(0, place) + text.slice(place + 1)
              : text.slice(0, place) +
                  String.fromCharCode(text.charCodeAt(place) ^ 1) +
                  text.slice(place + 1),
          );
        const texts = await found({ archive: copy, due: at("17") });
        expect(texts).not.toEqual([]);
      },
    ),
    { numRuns: 300 },
  ));
