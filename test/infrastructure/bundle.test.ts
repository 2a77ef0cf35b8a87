import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bundle } from "../../lib/bundle.ts";

const directories = ["one", "two"].map((name) =>
  mkdtempSync(join(tmpdir(), `sojourn-bundle-${name}-`)),
);
afterAll(() => {
  for (const directory of directories)
    rmSync(directory, { recursive: true, force: true });
});

const contents = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [
        file.slice(directory.length),
        readFileSync(file, "utf8"),
      ]),
  );

const [one = "", two = ""] = directories;
const { entries } = bundle(one);

it("of the same sources is the same, wherever and whenever it is made", () => {
  bundle(two);
  expect(Object.keys(contents(one))).toContain("/api/fhir.mjs");
  expect(contents(one)).toEqual(contents(two));
});

it("says what loading a function costs", () => {
  const {
    file,
    staticFiles = [],
    bytes,
  } = entries["events/publish-facts"] ?? {};
  expect(file).toBe(join(one, "events/publish-facts.mjs"));
  const sizes = staticFiles.map((name) => readFileSync(name).byteLength);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
});

it("keeps the channels out of what a sender loads before its first message", () => {
  const { staticFiles = [] } = entries["tasks/send-message"] ?? {};
  const loaded = staticFiles.map((name) => readFileSync(name, "utf8")).join("");
  for (const client of [
    "PinpointSMSVoiceV2",
    "SimpleEmailService_v2",
    "/v1/apps/{ApplicationId}/messages",
  ]) {
    expect(loaded, client).not.toContain(client);
  }
});
