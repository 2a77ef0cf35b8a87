import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { readJourneys } from "../../lib/journeys.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): Promise<string> =>
  readFile(new URL(path, root), "utf8");
const linesOf = (text: string): readonly string[] => text.trimEnd().split("\n");

const records = (await readdir(new URL("docs/adr/", root))).sort();
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...(await readdir(new URL("docs/", root), { recursive: true }))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

describe("decision records", () => {
  test("are numbered without a gap", () => {
    expect(records.map((file) => file.slice(0, 3))).toEqual(
      records.map((_, index) => String(index + 1).padStart(3, "0")),
    );
  });

  test.each(records)(
    "%s says what, why and what follows, briefly",
    async (file) => {
      const lines = linesOf(await read(`docs/adr/${file}`));
      expect(lines[0]).toMatch(new RegExp(`^# ${file.slice(0, 3)}: `, "u"));
      expect(lines.filter((line) => line.startsWith("## "))).toEqual([
        "## What",
        "## Why",
        "## Consequences",
      ]);
      expect(lines.length).toBeLessThan(40);
    },
  );
});

test("the README stays short", async () => {
  expect(linesOf(await read("README.md")).length).toBeLessThan(150);
});

test("every journey has its page", async () => {
  for (const { name } of await readJourneys())
    expect(existsSync(new URL(`docs/journeys/${name}.md`, root))).toBe(true);
});

test("every npm script that a page names exists", async () => {
  const { scripts } = JSON.parse(await read("package.json")) as {
    scripts: Record<string, string>;
  };
  const known = new Set([...Object.keys(scripts), "ci"]);
  const named = (await Promise.all(pages.map(read))).flatMap((text) =>
    [...text.matchAll(/\bnpm (?:run ([a-z][a-z:0-9]*)|(start|test)\b)/gu)].map(
      ([, script, short]) => script ?? short ?? "",
    ),
  );
  expect([...new Set(named)].filter((script) => !known.has(script))).toEqual(
    [],
  );
});

const anchorsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gmu)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

const leads = async (target: string, page: string): Promise<boolean> => {
  if (target.startsWith("https:")) return true;
  const [path = "", anchor] = target.split("#");
  const file = new URL(path, new URL(page, root));
  if (!existsSync(file)) return false;
  return (
    anchor === undefined ||
    anchorsIn(await readFile(file, "utf8")).includes(anchor)
  );
};

test.each(pages)("the links of %s lead somewhere", async (page) => {
  const targets = [...(await read(page)).matchAll(/\]\(([^)\s]+)\)/gu)].map(
    ([, target = ""]) => target,
  );
  const found = await Promise.all(targets.map((target) => leads(target, page)));
  expect(targets.filter((_, index) => found[index] === false)).toEqual([]);
});

test.each(pages)("%s names no machine", async (page) => {
  expect(await read(page)).not.toMatch(/\/(?:work|home|tmp|root)\//u);
});
