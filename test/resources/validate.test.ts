import { beforeAll, describe, expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import {
  findings,
  loaded,
  validate,
} from "../../functions/resources/validate.ts";
import {
  aCommunication,
  anAppointment,
  aPatient,
  aSlot,
  aTask,
} from "./builders.ts";

beforeAll(() =>
  loaded(
    "Patient",
    "Appointment",
    "Task",
    "Slot",
    "Consent",
    "Communication",
    "Practitioner",
    "CarePlan",
  ),
);

const found = (type: KnownType, resource: unknown): string[] =>
  findings(resource, declarations[type]).map(
    ({ code, expression }) => `${code} ${expression?.[0] ?? ""}`,
  );

const patient = (given: object): string[] =>
  found("Patient", { ...aPatient(), ...given });

const nested = (levels: number): object => {
  let extension: object = { url: "urn:x", valueBoolean: true };
  for (let level = 0; level < levels; level += 1)
    extension = { url: "urn:x", extension: [extension] };
  return extension;
};

describe("structure", () => {
  test.each<[string, object, string]>([
    ["an unknown element", { mother: "x" }, "structure Patient.mother"],
    [
      "an unknown element deep inside",
      { contact: [{ name: { familyName: "x" } }] },
      "structure Patient.contact[0].name.familyName",
    ],
    [
      "a property that is no element name",
      { "Maria Johnson!": 1 },
      "structure Patient",
    ],
    [
      "a prototype property",
      JSON.parse('{"__proto__": {"active": true}}') as object,
      "structure Patient",
    ],
    [
      "an object for an array",
      { name: { family: "x" } },
      "structure Patient.name",
    ],
    [
      "an array for an object",
      { maritalStatus: [{ text: "x" }] },
      "structure Patient.maritalStatus",
    ],
    [
      "an array for a primitive",
      { birthDate: ["1980-01-01"] },
      "structure Patient.birthDate",
    ],
    ["a primitive for an object", { name: ["x"] }, "structure Patient.name[0]"],
    [
      "a number for text",
      { name: [{ family: 1 }] },
      "structure Patient.name[0].family",
    ],
    ["text for a boolean", { active: "true" }, "structure Patient.active"],
    ["null", { birthDate: null }, "structure Patient.birthDate"],
    [
      "null in an array of objects",
      { name: [null] },
      "structure Patient.name[0]",
    ],
    [
      "null in an array of primitives without a partner",
      { name: [{ given: ["x", null] }] },
      "structure Patient.name[0].given[1]",
    ],
    ["an empty array", { name: [] }, "structure Patient.name"],
    ["an empty object", { name: [{}] }, "structure Patient.name[0]"],
    [
      "an object that is only an id",
      { name: [{ id: "n1" }] },
      "structure Patient.name[0]",
    ],
    [
      "two types of one choice",
      { deceasedBoolean: true, deceasedDateTime: "2020" },
      "structure Patient.deceased",
    ],
    [
      "a type that the choice does not have",
      { deceasedString: "x" },
      "structure Patient.deceasedString",
    ],
    [
      "a missing required element",
      { link: [{ type: "seealso" }] },
      "required Patient.link[0].other",
    ],
    [
      "another resource type",
      { resourceType: "Person" },
      "structure Patient.resourceType",
    ],
  ])("%s is refused", (_, given, expected) => {
    expect(patient(given)).toEqual([expected]);
  });

  test.each([[undefined], [null], [1], ["Patient"], [[aPatient()]], [{}]])(
    "%j is no resource",
    (candidate) => {
      expect(found("Patient", candidate)).toHaveLength(1);
    },
  );

  test("100 levels of nesting are refused without a crash, 40 are fine", () => {
    expect(patient({ extension: [nested(40)] })).toEqual([]);
    expect(patient({ extension: [nested(150)] }).join()).toMatch(
      /^structure Patient\.extension\[0\]/,
    );
    expect(patient({ extension: [nested(20_000)] })).toHaveLength(1);
  });

  test("at most 50 findings are reported", () => {
    expect(
      patient({ name: Array.from({ length: 10_000 }, () => ({ nick: "x" })) }),
    ).toHaveLength(50);
  });

  test("no finding holds a value", () => {
    const canary = "Zyxwvut-4711";
    const issues = findings(
      {
        ...aPatient(),
        birthDate: canary,
        gender: canary,
        name: [{ family: { [canary]: canary } }],
        [canary]: canary,
        managingOrganization: { reference: `Patient/${canary}` },
      },
      declarations.Patient,
    );
    expect(issues.length).toBeGreaterThan(3);
    expect(JSON.stringify(issues)).not.toContain("Zyxwvut");
  });
});

describe("primitives", () => {
  test.each(["1980", "1980-02", "1980-02-29", "2000-02-29", "0001-01-01"])(
    "%s is a date",
    (birthDate) => {
      expect(patient({ birthDate })).toEqual([]);
    },
  );
  test.each([
    "80",
    "1980-13",
    "1980-00",
    "1981-02-29",
    "1900-02-29",
    "1980-02-30",
    "1980-2-1",
    "1980-02-29T10:00:00Z",
    "0000",
    "",
    " 1980",
  ])("%j is no date", (birthDate) => {
    expect(patient({ birthDate })).toEqual(["value Patient.birthDate"]);
  });
  test.each([
    "2026-03-10T15:00:00Z",
    "2026-03-10T15:00:00.123+14:00",
    "2026-12-31T23:59:60Z",
  ])("%s is an instant", (start) => {
    expect(found("Slot", aSlot({ start }))).toEqual([]);
  });
  test.each([
    "2026-03-10",
    "2026-03-10T15:00:00",
    "2026-03-10T15:00Z",
    "2026-03-10T24:00:00Z",
    "2026-03-10T15:00:00+15:00",
    "2026-02-30T15:00:00Z",
  ])("%s is no instant", (start) => {
    expect(found("Slot", aSlot({ start }))).toEqual(["value Slot.start"]);
  });
  test.each<[string, object]>([
    ["Patient.id", { id: "with space" }],
    ["Patient.id", { id: "x".repeat(65) }],
    ["Patient.language", { language: " en" }],
    ["Patient.implicitRules", { implicitRules: "two words" }],
    ["Patient.implicitRules", { implicitRules: "urn:\u0007" }],
    ["Patient.language", { language: "en\u0007" }],
    ["Patient.multipleBirthInteger", { multipleBirthInteger: 1.5 }],
    ["Patient.multipleBirthInteger", { multipleBirthInteger: 2_147_483_648 }],
    ["Patient.telecom[0].rank", { telecom: [{ rank: 0 }] }],
    ["Patient.photo[0].size", { photo: [{ size: -1 }] }],
    [
      "Patient.photo[0].data",
      { photo: [{ contentType: "image/png", data: "a" }] },
    ],
    [
      "Patient.photo[0].data",
      { photo: [{ contentType: "image/png", data: "????" }] },
    ],
    ["Patient.name[0].family", { name: [{ family: "" }] }],
    ["Patient.name[0].family", { name: [{ family: "  " }] }],
    ["Patient.name[0].family", { name: [{ family: "a\u0000b" }] }],
    ["Patient.name[0].family", { name: [{ family: "\uD800" }] }],
    [
      "Patient.extension[0].valueTime",
      { extension: [{ url: "urn:x", valueTime: "9:00" }] },
    ],
    [
      "Patient.extension[0].valueUuid",
      { extension: [{ url: "urn:x", valueUuid: "urn:uuid:1" }] },
    ],
    [
      "Patient.extension[0].valueOid",
      { extension: [{ url: "urn:x", valueOid: "1.2" }] },
    ],
    [
      "Patient.extension[0].valueDecimal",
      { extension: [{ url: "urn:x", valueDecimal: Infinity }] },
    ],
  ])("%s is refused for its value", (expression, given) => {
    expect(patient(given)).toEqual([`value ${expression}`]);
  });
  test("text over 1 MB is too long", () => {
    expect(patient({ name: [{ family: "x".repeat(1_048_577) }] })).toEqual([
      "too-long Patient.name[0].family",
    ]);
  });
  test("text in any script is fine", () => {
    expect(
      patient({
        name: [{ family: "李", given: ["Ж", "🙂", "naïve\tline\n"] }],
      }),
    ).toEqual([]);
  });
});

describe("primitive extensions", () => {
  const absent = {
    extension: [
      {
        url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        valueCode: "unknown",
      },
    ],
  };
  test("stand for a value", () => {
    expect(patient({ birthDate: undefined, _birthDate: absent })).toEqual([]);
    expect(
      patient({ name: [{ given: ["A", null], _given: [null, absent] }] }),
    ).toEqual([]);
    expect(
      patient({ name: [{ given: [null, "B"], _given: [absent] }] }),
    ).toEqual([]);
  });
  test("satisfy a required element", () => {
    expect(
      found("Slot", { ...aSlot(), status: undefined, _status: absent }),
    ).toEqual([]);
  });
  test.each<[string, object, string]>([
    [
      "beside an object",
      { _maritalStatus: absent },
      "structure Patient._maritalStatus",
    ],
    ["beside nothing known", { _mother: absent }, "structure Patient._mother"],
    ["that are empty", { _birthDate: {} }, "structure Patient._birthDate"],
    ["that are text", { _birthDate: "x" }, "structure Patient._birthDate"],
    [
      "that hold unknown elements",
      { _birthDate: { value: 1 } },
      "structure Patient._birthDate.value",
    ],
    [
      "that are an array where the value is none",
      { _birthDate: [absent] },
      "structure Patient.birthDate",
    ],
    [
      "that are no array where the value is one",
      { name: [{ given: ["A"], _given: absent }] },
      "structure Patient.name[0].given",
    ],
  ])("%s are refused", (_, given, expected) => {
    expect(patient(given)).toContain(expected);
  });
});

describe("extensions", () => {
  test.each<[string, object, string]>([
    [
      "without url",
      { extension: [{ valueString: "x" }] },
      "required Patient.extension[0].url",
    ],
    [
      "without value",
      { extension: [{ url: "urn:x" }] },
      "invariant Patient.extension[0]",
    ],
    [
      "with value and extensions",
      {
        extension: [
          {
            url: "urn:x",
            valueString: "x",
            extension: [{ url: "urn:y", valueString: "y" }],
          },
        ],
      },
      "invariant Patient.extension[0]",
    ],
    [
      "with two values",
      { extension: [{ url: "urn:x", valueString: "x", valueCode: "y" }] },
      "structure Patient.extension[0].value",
    ],
    [
      "of an unknown type",
      { extension: [{ url: "urn:x", valueThing: "x" }] },
      "structure Patient.extension[0].valueThing",
    ],
  ])("%s are refused", (_, given, expected) => {
    expect(patient(given)).toContain(expected);
  });
});

describe("codes", () => {
  test.each<[KnownType, object, string]>([
    ["Patient", aPatient({ gender: "foo" as never }), "Patient.gender"],
    [
      "Appointment",
      anAppointment({ status: "foo" as never }),
      "Appointment.status",
    ],
    [
      "Appointment",
      anAppointment({
        participant: [
          { actor: { reference: "Patient/p1" }, status: "maybe" as never },
        ],
      }),
      "Appointment.participant[0].status",
    ],
    ["Task", aTask({ priority: "high" as never }), "Task.priority"],
    [
      "Patient",
      aPatient({ telecom: [{ system: "fon" as never, value: "1" }] }),
      "Patient.telecom[0].system",
    ],
    [
      "Patient",
      aPatient({ photo: [{ contentType: "png" }] }),
      "Patient.photo[0].contentType",
    ],
  ])(
    "%s: a code outside its required value set is refused",
    (type, resource, expression) => {
      expect(found(type, resource)).toEqual([`code-invalid ${expression}`]);
    },
  );
});

describe("invariants", () => {
  test.each<[string, KnownType, object, string]>([
    [
      "app-1",
      "Appointment",
      anAppointment({ participant: [{ status: "accepted" }] }),
      "Appointment.participant[0]",
    ],
    [
      "app-2",
      "Appointment",
      { ...anAppointment({ status: "proposed" }), end: undefined },
      "Appointment",
    ],
    [
      "app-3",
      "Appointment",
      { ...anAppointment(), start: undefined, end: undefined },
      "Appointment",
    ],
    [
      "app-4",
      "Appointment",
      anAppointment({ cancelationReason: { text: "x" } }),
      "Appointment",
    ],
    [
      "pat-1",
      "Patient",
      aPatient({ contact: [{ gender: "male" }] }),
      "Patient.contact[0]",
    ],
    [
      "cpt-2",
      "Patient",
      aPatient({ telecom: [{ value: "1" }] }),
      "Patient.telecom[0]",
    ],
    [
      "per-1",
      "Patient",
      aPatient({ address: [{ period: { start: "2021", end: "2020-12-31" } }] }),
      "Patient.address[0].period",
    ],
    [
      "att-1",
      "Patient",
      aPatient({ photo: [{ data: "AAAA" }] }),
      "Patient.photo[0]",
    ],
    [
      "inv-1",
      "Task",
      aTask({
        authoredOn: "2026-03-10T10:00:00Z",
        lastModified: "2026-03-10T09:00:00Z",
      }),
      "Task",
    ],
    [
      "qty-3",
      "Patient",
      aPatient({
        extension: [{ url: "urn:x", valueQuantity: { value: 1, code: "kg" } }],
      }),
      "Patient.extension[0].valueQuantity",
    ],
    [
      "tim-2",
      "Patient",
      aPatient({
        extension: [{ url: "urn:x", valueTiming: { repeat: { period: 1 } } }],
      }),
      "Patient.extension[0].valueTiming.repeat",
    ],
    [
      "tim-9",
      "Patient",
      aPatient({
        extension: [
          {
            url: "urn:x",
            valueTiming: { repeat: { offset: 30, when: ["C"] } },
          },
        ],
      }),
      "Patient.extension[0].valueTiming.repeat",
    ],
    [
      "rng-2",
      "Patient",
      aPatient({
        extension: [
          {
            url: "urn:x",
            valueRange: { low: { value: 2 }, high: { value: 1 } },
          },
        ],
      }),
      "Patient.extension[0].valueRange",
    ],
    [
      "ppc-1",
      "Consent",
      {
        resourceType: "Consent",
        status: "active",
        scope: { text: "x" },
        category: [{ text: "x" }],
        patient: { reference: "Patient/p1" },
      },
      "Consent",
    ],
    [
      "cpl-3",
      "CarePlan",
      {
        resourceType: "CarePlan",
        status: "active",
        intent: "plan",
        subject: { reference: "Patient/p1" },
        activity: [
          {
            reference: { reference: "Task/1" },
            detail: { status: "scheduled" },
          },
        ],
      },
      "CarePlan.activity[0]",
    ],
    [
      "txt-1",
      "Patient",
      aPatient({
        text: { status: "generated", div: "<div><script>1</script></div>" },
      }),
      "Patient.text",
    ],
  ])("%s is held", (key, type, resource, expression) => {
    const issues = findings(resource, declarations[type]);
    expect(
      issues.map(({ code, expression: at, details }) => [
        code,
        at?.[0],
        details?.text?.split(":")[0],
      ]),
    ).toEqual([["invariant", expression, key]]);
  });
  test.each<[string, KnownType, object]>([
    [
      "a cancelled appointment needs no time",
      "Appointment",
      {
        ...anAppointment({
          status: "cancelled",
          cancelationReason: { text: "x" },
        }),
        start: undefined,
        end: undefined,
      },
    ],
    [
      "a period may start and end in one year",
      "Patient",
      aPatient({ address: [{ period: { start: "2020-05", end: "2020" } }] }),
    ],
    [
      "time zones are understood in periods",
      "Patient",
      aPatient({
        address: [
          {
            period: {
              start: "2020-05-01T01:00:00+02:00",
              end: "2020-04-30T23:30:00Z",
            },
          },
        ],
      }),
    ],
    [
      "a task may be changed within the day that it was authored",
      "Task",
      aTask({ authoredOn: "2026-03-10", lastModified: "2026-03-10T09:00:00Z" }),
    ],
  ])("%s", (_, type, resource) => {
    expect(found(type, resource)).toEqual([]);
  });
});

describe("references", () => {
  const organization = (reference: string): string[] =>
    patient({ managingOrganization: { reference } });
  test.each([
    "Organization/1",
    "Organization/1/_history/2",
    "https://other.example/fhir/Organization/1",
    "urn:uuid:8b6a3a3e-6d0b-4f0e-9a55-0d4a4f3b1f4e",
    "urn:oid:1.2.3",
  ])("%s may name an organization", (reference) => {
    expect(organization(reference)).toEqual([]);
  });
  test.each([
    "Patient/1",
    "https://other.example/fhir/Patient/1",
    "1",
    "Organization",
    "Organization/a b",
    "Organization?name=x",
    "/Organization/1",
  ])("%s may not", (reference) => {
    expect(organization(reference)).toEqual([
      "value Patient.managingOrganization.reference",
    ]);
  });
  test("the claimed type must fit", () => {
    expect(
      patient({ managingOrganization: { type: "Patient", display: "x" } }),
    ).toEqual(["value Patient.managingOrganization.type"]);
    expect(
      patient({
        managingOrganization: {
          type: "Organization",
          identifier: { value: "1" },
        },
      }),
    ).toEqual([]);
    expect(
      patient({
        generalPractitioner: [
          { reference: "Practitioner/1", type: "Organization" },
        ],
      }),
    ).toEqual(["value Patient.generalPractitioner[0].type"]);
  });
});

describe("contained resources", () => {
  const contained = (resource: object, reference = "#d"): string[] =>
    patient({ contained: [resource], generalPractitioner: [{ reference }] });
  const doctor = {
    resourceType: "Practitioner",
    id: "d",
    name: [{ family: "x" }],
  };
  test("of kept types are validated as such", () => {
    expect(contained(doctor)).toEqual([]);
    expect(contained({ ...doctor, gender: "foo" })).toEqual([
      "code-invalid Patient.contained[0].gender",
    ]);
    expect(contained({ ...doctor, mother: "x" })).toEqual([
      "structure Patient.contained[0].mother",
    ]);
  });
  test.each<[string, object, string]>([
    [
      "a type that nothing here refers to",
      { resourceType: "Bundle", id: "d" },
      "not-supported Patient.contained[0].resourceType",
    ],
    ["no type", { id: "d" }, "required Patient.contained[0].resourceType"],
    ["no id", { ...doctor, id: undefined }, "required Patient.contained[0].id"],
    [
      "a version",
      { ...doctor, meta: { versionId: "1" } },
      "invariant Patient.contained[0].meta.versionId",
    ],
    [
      "a security label",
      { ...doctor, meta: { security: [{ code: "R" }] } },
      "invariant Patient.contained[0].meta.security",
    ],
    [
      "contained resources of its own",
      { ...doctor, contained: [{ ...doctor, id: "e" }] },
      "invariant Patient.contained[0].contained",
    ],
  ])("with %s are refused", (_, resource, expected) => {
    expect(contained(resource)).toContain(expected);
  });
  test("must be there, once, and be referred to", () => {
    expect(contained(doctor, "#other")).toEqual([
      "invariant Patient.generalPractitioner[0].reference",
      "invariant Patient.contained[0]",
    ]);
    expect(
      patient({
        contained: [doctor, doctor],
        generalPractitioner: [{ reference: "#d" }],
      }),
    ).toEqual(["structure Patient.contained[1].id"]);
    expect(patient({ generalPractitioner: [{ reference: "#d" }] })).toEqual([
      "invariant Patient.generalPractitioner[0].reference",
    ]);
    expect(patient({ contained: [doctor] })).toEqual([
      "invariant Patient.contained[0]",
    ]);
  });
});

test("definitions are loaded when first asked for, those of contained resources too", async () => {
  const resource = {
    ...aCommunication({ sender: { reference: "#p" } }),
    contained: [
      {
        resourceType: "RelatedPerson",
        id: "p",
        patient: { reference: "Patient/p1" },
        gender: "foo",
      },
    ],
  };
  expect(
    (await validate(resource, declarations.Communication)).map(
      ({ expression }) => expression?.[0],
    ),
  ).toEqual(["Communication.contained[0].gender"]);
});

test("what may only be contained is checked as strictly as what is kept", async () => {
  const resource = (device: object) => ({
    ...aCommunication({ sender: { reference: "#d" } }),
    contained: [{ resourceType: "Device", id: "d", ...device }],
  });
  expect(
    await validate(
      resource({ status: "active", udiCarrier: [{ carrierHRF: "1" }] }),
      declarations.Communication,
    ),
  ).toEqual([]);
  expect(
    (
      await validate(
        resource({ status: "gone", udiCarrier: [{ carrier: "1" }] }),
        declarations.Communication,
      )
    ).map(({ expression }) => expression?.[0]),
  ).toEqual([
    "Communication.contained[0].status",
    "Communication.contained[0].udiCarrier[0].carrier",
  ]);
});
