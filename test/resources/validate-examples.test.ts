import { expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { findings, validate } from "../../functions/resources/validate.ts";
import { examples, type Example } from "./examples.ts";

/** What is wrong with official examples, each read and judged. */
const defects: Readonly<Record<string, RegExp>> = {
  // Narratives of white space alone: R4's txt-2.
  "ActivityDefinition-blood-tubes-supply.json": /^ActivityDefinition\.text$/,
  "ActivityDefinition-heart-valve-replacement.json":
    /^ActivityDefinition\.text$/,
  "Questionnaire-zika-virus-exposure-assessment.json": /^Questionnaire\.text$/,
  // A practitioner where R4 has an organization only.
  "MedicationRequest-medrx0301.json":
    /^MedicationRequest\.dispenseRequest\.performer\.reference$/,
  // A device performs.
  "Observation-clinical-gender.json":
    /^Observation\.performer\[0\]\.reference$/,
  // Inner items have no linkId.
  "Questionnaire-qs1.json": /^Questionnaire(\.item\[\d+\])+\.linkId$/,
};

const placesOf = async ({ type, resource }: Example): Promise<string[]> =>
  (await validate(resource, declarations[type])).map(
    ({ expression }) => expression?.[0] ?? "",
  );

test("the official examples are valid, but the defective", async () => {
  const refused = [];
  for (const example of examples) {
    const places = await placesOf(example);
    const defect = defects[example.file];
    if (defect ? !places.every((at) => defect.test(at)) : places.length > 0)
      refused.push({ file: example.file, places });
    if (defect) expect(places.length, example.file).toBeGreaterThan(0);
  }
  expect(refused).toEqual([]);
  expect(examples.length).toBeGreaterThanOrEqual(400);
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
