import type { Observation } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { withinScopes } from "../../functions/core/granular.ts";

const system = "http://terminology.hl7.org/CodeSystem/observation-category";
const observation = (category: string): Observation => ({
  resourceType: "Observation",
  status: "final",
  category: [{ coding: [{ system, code: category }] }],
  code: { text: "x" },
});

test("a resource is within a scope as a search by its criteria would find it", async () => {
  const isWithin = await withinScopes("Observation", [
    [
      ["category", `${system}|vital-signs`],
      ["status", "final"],
    ],
    [["category", "survey"]],
  ]);
  expect(isWithin(observation("vital-signs"))).toBe(true);
  expect(isWithin({ ...observation("vital-signs"), status: "amended" })).toBe(
    false,
  );
  expect(isWithin({ ...observation("survey"), status: "amended" })).toBe(true);
  expect(isWithin(observation("laboratory"))).toBe(false);
  expect(isWithin({ resourceType: "Patient" })).toBe(false);
});

test.each([
  ["unknown", "x"],
  ["_count", "1"],
  ["_format", "json"],
  ["_sort", "status"],
  ["date", "yesterday"],
  ["status:wrong", "final"],
  ["_filter", "status eq final"],
])("the criterion %s=%s grants nothing and says so", async (name, value) => {
  await expect(
    withinScopes("Observation", [[[name, value]]]),
  ).rejects.toMatchObject({ status: 403, message: /scope-parameter/u });
  const isWithin = await withinScopes("Observation", [
    [
      ["category", "survey"],
      [name, value],
    ],
    [["category", "laboratory"]],
  ]);
  expect(isWithin(observation("survey"))).toBe(false);
  expect(isWithin(observation("laboratory"))).toBe(true);
});
