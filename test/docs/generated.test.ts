import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generatedPages } from "../../docs/generate.ts";

const docs = new URL("../../docs/", import.meta.url);
const pages = await generatedPages();

test.each(pages)(
  "$path is what npm run docs writes",
  async ({ path, text }) => {
    expect(await readFile(new URL(path, docs), "utf8")).toBe(text);
  },
);
