import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readOrganizations } from "../../lib/organizations.ts";
import { demo } from "../../organizations/demo.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sojourn-organizations-"));
});
afterEach(() => rm(directory, { recursive: true }));

const write = (
  file: string,
  slug: string,
  changes: object = {},
): Promise<void> => {
  const organization = {
    ...demo,
    settings: { ...demo.settings, slug },
    ...changes,
  };
  return writeFile(
    join(directory, file),
    `export const it = ${JSON.stringify(organization)};`,
  );
};
const read = async (): Promise<readonly string[]> =>
  (await readOrganizations(pathToFileURL(`${directory}/`))).map(
    ({ settings }) => settings.slug,
  );

it("finds the organizations of this repository", async () => {
  expect(
    (await readOrganizations()).map(({ settings }) => settings.slug),
  ).toContain("demo");
});

it("adds an organization with a file", async () => {
  await write("acme.ts", "acme");
  await write("beta.ts", "beta");
  expect(await read()).toEqual(["acme", "beta"]);
});

it("names the field that is wrong", async () => {
  await write("acme.ts", "acme", {
    account: "12",
    retention: { logDays: 7, keyRecoveryDays: 7 },
  });
  await expect(read()).rejects.toThrow(
    /account: must be a 12-digit AWS account number[\s\S]*retention\.logDays/,
  );
});

it("refuses two files for one organization", async () => {
  await write("acme.ts", "acme");
  await write("copy.ts", "acme");
  await expect(read()).rejects.toThrow(
    "two files in organizations/ have the slug acme",
  );
});

it("refuses a file without an organization", async () => {
  await writeFile(join(directory, "empty.ts"), "export {};");
  await expect(read()).rejects.toThrow(
    "empty.ts: must export one organization",
  );
});
