import { expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { findings, validate } from "../../functions/resources/validate.ts";
import { containsForeign, examples } from "./examples.ts";

test("the official examples that hold only kept types are valid", async () => {
  const ours = examples.filter((example) => !containsForeign(example));
  const refused = [];
  for (const { file, type, resource } of ours) {
    const issues = await validate(resource, declarations[type]);
    if (issues.length > 0) refused.push({ file, issues });
  }
  expect(refused).toEqual([]);
  expect(ours).toHaveLength(94);
});

test("the official examples that contain other types are refused for just that", async () => {
  const foreign = examples.filter(containsForeign);
  for (const { type, resource } of foreign) {
    const issues = await validate(resource, declarations[type]);
    expect(issues.map(({ code }) => code)).toContain("not-supported");
    expect(
      issues.every(({ expression }) =>
        /\.contained\[\d+\]\.resourceType$/.test(expression?.[0] ?? ""),
      ),
    ).toBe(true);
  }
  expect(foreign).toHaveLength(12);
});

test("a usual patient and appointment are checked in well under a millisecond", async () => {
  for (const file of ["Patient-example.json", "Appointment-example.json"]) {
    const example = examples.find((each) => each.file === file);
    if (!example) throw new Error(`no ${file}`);
    const declaration = declarations[example.type];
    await validate(example.resource, declaration);
    const times = Array.from({ length: 400 }, () => {
      const start = performance.now();
      findings(example.resource, declaration);
      return performance.now() - start;
    });
    // The median of a warm run; the machine may be busy with other tests.
    expect(times.toSorted((a, b) => a - b)[200]).toBeLessThan(1);
  }
});
