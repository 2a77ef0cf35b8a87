import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";
import { checkPolicies } from "../../lib/policies.ts";
import { names, readPolicies } from "./policy-files.ts";

const room = mkdtempSync(join(tmpdir(), "sojourn-policies-"));
beforeEach(() => {
  cpSync(fileURLToPath(new URL("../../policies", import.meta.url)), room, {
    recursive: true,
  });
});
afterAll(() => {
  rmSync(room, { recursive: true });
});

const withPack = (text: string): (() => void) => {
  const file = "us-ca.cedar";
  writeFileSync(join(room, file), `${readPolicies(file)}\n${text}`);
  return () => {
    checkPolicies(["us-hipaa", "us-ca"], room);
  };
};

test("an organization of all jurisdictions is synthesized", () => {
  expect(() => {
    checkPolicies(names);
  }).not.toThrow();
});

test.each([
  ["does not parse", "forbid (principal, action, resource) when { context. };"],
  [
    "asks for what nobody has",
    "forbid (principal, action, resource is Record) when { resource.diagnosis == 1 };",
  ],
  [
    "compares what is never equal",
    'forbid (principal is Staff, action, resource) when { principal.roles == "nurse" };',
  ],
  ["permits", "permit (principal is Staff, action, resource);"],
])("a pack that %s stops the synthesis", (_, policy) => {
  expect(withPack(`@id("us-ca-new")\n${policy}\n`)).toThrow(
    /^policies\/us-ca\.cedar: /u,
  );
});

test("an organization without that jurisdiction is not stopped by it", () => {
  withPack("forbid");
  expect(() => {
    checkPolicies(["us-hipaa"], room);
  }).not.toThrow();
});

test("a jurisdiction without a pack stops the synthesis", () => {
  expect(() => {
    checkPolicies(["us-nowhere"]);
  }).toThrow(/us-nowhere\.cedar/u);
});
