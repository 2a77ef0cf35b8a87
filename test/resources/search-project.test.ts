import { expect, test } from "vitest";
import { parseSearch } from "../../functions/resources/search.ts";
import { project } from "../../functions/resources/search/project.ts";
import { anAppointment, aPatient } from "./builders.ts";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

const patient = {
  ...aPatient({
    meta: { versionId: "3", tag: [{ code: "vip" }] },
    text: { status: "generated", div: "<div>x</div>" },
    deceasedDateTime: "2026",
    maritalStatus: { text: "x" },
    photo: [{ url: "x" }],
    active: true,
  }),
  _birthDate: { id: "b" },
};
const appointment = anAppointment({ comment: "x" });

const shown = (
  params: [string, string][],
  resource: typeof patient | typeof appointment,
): string[] =>
  Object.keys(
    project(
      parseSearch(resource.resourceType, params, { strict: true }),
      resource,
    ),
  ).toSorted();

test("without a wish the resource is itself", () => {
  expect(project(parseSearch("Patient", [], { strict: true }), patient)).toBe(
    patient,
  );
  expect(
    project(
      parseSearch("Patient", [["_summary", "false"]], { strict: true }),
      patient,
    ),
  ).toBe(patient);
});

test.each<[[string, string][], string[]]>([
  [
    [["_elements", "birthDate"]],
    [
      "_birthDate",
      "active",
      "birthDate",
      "deceasedDateTime",
      "id",
      "meta",
      "resourceType",
    ],
  ],
  [
    [["_elements", "deceased,photo"]],
    ["active", "deceasedDateTime", "id", "meta", "photo", "resourceType"],
  ],
  [
    [["_summary", "text"]],
    ["active", "deceasedDateTime", "id", "meta", "resourceType", "text"],
  ],
  [
    [["_summary", "data"]],
    Object.keys(patient)
      .filter((key) => key !== "text")
      .toSorted(),
  ],
  [
    [["_summary", "true"]],
    [
      "_birthDate",
      "active",
      "birthDate",
      "deceasedDateTime",
      "gender",
      "id",
      "meta",
      "name",
      "resourceType",
    ],
  ],
])("%j", (params, expected) => {
  expect(shown(params, patient)).toEqual(expected);
});

test("what R4 requires is never left out", () => {
  expect(shown([["_elements", "comment"]], appointment)).toEqual([
    "comment",
    "id",
    "meta",
    "participant",
    "resourceType",
    "status",
  ]);
});

test("a subset says so, and the whole stays as it is", () => {
  const before = structuredClone(patient);
  const part = project(
    parseSearch("Patient", [["_elements", "name"]], { strict: true }),
    patient,
  );
  expect(part.meta).toEqual({
    versionId: "3",
    tag: [
      { code: "vip" },
      {
        system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        code: "SUBSETTED",
      },
    ],
  });
  expect(patient).toEqual(before);
});
