import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { generated } from "../../functions/resources/definitions/generate.ts";
import { parametersOf } from "../../functions/resources/search/parameter.ts";
import { searchParameters } from "../../functions/resources/definitions/r4.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

const folder = new URL(
  "../../functions/resources/definitions/",
  import.meta.url,
);
const files = readdirSync(folder).filter((name) =>
  name.endsWith(".generated.ts"),
);

test("the generated definitions are those of the declarations: else run npm run definitions", async () => {
  const expected = await generated();
  expect(files.toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, text] of expected)
    expect(readFileSync(new URL(name, folder), "utf8"), name).toBe(text);
});

test("what one type loads stays under 32 KB of text, datatypes included", () => {
  const bytes = (name: string): number =>
    readFileSync(new URL(name, folder), "utf8").length;
  const shared = bytes("datatypes.generated.ts");
  for (const name of files.filter((file) => !file.startsWith("datatypes")))
    expect(shared + bytes(name), name).toBeLessThan(32_000);
});

const readableTypes = [
  "string",
  "token",
  "date",
  "reference",
  "uri",
  "number",
  "quantity",
];

test.each(Object.keys(declarations) as KnownType[])(
  "every R4 search parameter of %s is supported, except by sound",
  (type) => {
    const all = searchParameters
      .filter(
        ({ base, type: kind }) =>
          base.some((each) => each === type) && readableTypes.includes(kind),
      )
      .map(({ code }) => code)
      .filter((code) => code !== "phonetic");
    expect([...parametersOf(type).keys()]).toEqual(expect.arrayContaining(all));
  },
);
