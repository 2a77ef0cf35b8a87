import type { Resource } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, mrn } from "../store/builders.ts";
import { idsIn, postedBy, searchedBy, type Query } from "./searched.ts";
import type { Stored } from "../../functions/store/records.ts";
import { asClient, aServer, type Server } from "./server.ts";

const concept = (system: string, code: string) => ({
  coding: [{ system, code }],
});

/** An import may write what no single role of the staff may. */
const madeBy = ({ ask }: Pick<Server, "ask">) => ({
  make: async <T extends Resource>(resource: T): Promise<Stored<T>> => {
    const { status, body, text } = await ask<Stored<T>>(
      "POST",
      `/${resource.resourceType}`,
      { as: asClient("system/*.cruds"), body: resource },
    );
    if (status !== 201) throw new Error(text);
    return body;
  },
});

/** One resource of each type that US Core 6.1.0 requires searches of, and one more that each search must leave out. */
const aChart = async () => {
  const server = aServer();
  const { make } = madeBy(server);
  const maria = await make(
    aPatient({
      identifier: [{ system: mrn, value: "M-1" }],
      name: [{ family: "Okafor", given: ["Maria"] }],
    }),
  );
  await make(
    aPatient({
      name: [{ family: "Okafor", given: ["John"] }],
      gender: "male",
      birthDate: "1970-01-01",
    }),
  );
  const subject = { reference: `Patient/${maria.id}` };
  const doctor = await make({
    resourceType: "Practitioner",
    name: [{ family: "Smith" }],
  });
  const practitioner = { reference: `Practitioner/${doctor.id}` };
  const ids: Record<string, string> = {
    Patient: maria.id,
    patient: maria.id,
    practitioner: doctor.id,
  };
  const add = async (resource: Resource): Promise<void> => {
    ids[resource.resourceType] = (await make(resource)).id;
  };
  const left = async (resource: Resource): Promise<void> => {
    await make(resource);
  };
  await left({
    resourceType: "Encounter",
    status: "planned",
    class: { code: "AMB" },
    subject,
    period: { start: "2025-01-01T09:00:00Z", end: "2025-01-01T10:00:00Z" },
  });
  await add({
    resourceType: "Encounter",
    status: "finished",
    class: { code: "AMB" },
    subject,
    period: { start: "2026-01-05T09:00:00Z", end: "2026-01-05T09:20:00Z" },
  });
  await left({
    resourceType: "Observation",
    status: "final",
    category: [concept("urn:c", "survey")],
    code: concept("http://loinc.org", "44249-1"),
    subject,
    effectiveDateTime: "2025-01-05",
  });
  await add({
    resourceType: "Observation",
    status: "final",
    category: [concept("urn:c", "vital-signs")],
    code: concept("http://loinc.org", "29463-7"),
    subject,
    effectiveDateTime: "2026-01-05",
  });
  await left({
    resourceType: "Condition",
    category: [concept("urn:c", "problem-list-item")],
    subject,
  });
  await add({
    resourceType: "Condition",
    category: [concept("urn:c", "encounter-diagnosis")],
    subject,
  });
  await left({
    resourceType: "CarePlan",
    status: "active",
    intent: "plan",
    category: [concept("urn:c", "other")],
    subject,
  });
  await add({
    resourceType: "CarePlan",
    status: "active",
    intent: "plan",
    category: [concept("urn:c", "assess-plan")],
    subject,
  });
  await left({ resourceType: "CareTeam", status: "proposed", subject });
  await add({ resourceType: "CareTeam", status: "active", subject });
  await add({
    resourceType: "Goal",
    lifecycleStatus: "active",
    description: { text: "Walk" },
    subject,
  });
  await add({
    resourceType: "Immunization",
    status: "completed",
    vaccineCode: concept("http://hl7.org/fhir/sid/cvx", "140"),
    patient: subject,
    occurrenceDateTime: "2026-01-05",
  });
  await left({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "plan",
    medicationCodeableConcept: concept("urn:m", "1"),
    subject,
  });
  await add({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    medicationCodeableConcept: concept("urn:m", "1"),
    subject,
  });
  await left({
    resourceType: "ServiceRequest",
    status: "active",
    intent: "order",
    category: [concept("urn:c", "other")],
    code: concept("urn:s", "2"),
    subject,
    authoredOn: "2025-01-05",
  });
  await add({
    resourceType: "ServiceRequest",
    status: "active",
    intent: "order",
    category: [concept("urn:c", "referral")],
    code: concept("urn:s", "1"),
    subject,
    authoredOn: "2026-01-05",
  });
  await left({
    resourceType: "DocumentReference",
    status: "current",
    type: concept("urn:t", "other"),
    category: [concept("urn:c", "other")],
    subject,
    date: "2025-01-05T00:00:00Z",
    content: [{ attachment: { url: "https://example.org/1" } }],
  });
  await add({
    resourceType: "DocumentReference",
    status: "current",
    type: concept("urn:t", "discharge"),
    category: [concept("urn:c", "clinical-note")],
    subject,
    date: "2026-01-05T00:00:00Z",
    content: [{ attachment: { url: "https://example.org/2" } }],
  });
  await add({
    resourceType: "QuestionnaireResponse",
    status: "completed",
    questionnaire: "https://example.org/phq-9",
    subject,
  });
  await add({
    resourceType: "Coverage",
    status: "active",
    beneficiary: subject,
    payor: [{ display: "Payer" }],
  });
  await add({ resourceType: "RelatedPerson", patient: subject });
  await left({
    resourceType: "PractitionerRole",
    specialty: [concept("urn:s", "oncology")],
  });
  await add({
    resourceType: "PractitionerRole",
    practitioner,
    specialty: [concept("urn:s", "cardiology")],
  });
  return { ...server, make, ids };
};

const required: readonly (readonly [string, Query])[] = [
  ["Patient", { _id: "$Patient" }],
  ["Patient", { identifier: `${mrn}|M-1` }],
  ["Patient", { name: "okafor", _count: "10", birthdate: "1980-02-29" }],
  ["Patient", { name: "maria" }],
  ["Patient", { gender: "female", name: "okafor" }],
  ["Patient", { birthdate: "ge1980", family: "okafor" }],
  ["Coverage", { patient: "$patient" }],
  ["Encounter", { patient: "$patient", date: "ge2026-01-01" }],
  ["Encounter", { _id: "$Encounter" }],
  ["Encounter", { date: "2026-01-05", patient: "Patient/$patient" }],
  ["Observation", { patient: "$patient", category: "vital-signs" }],
  ["Observation", { patient: "$patient", category: "urn:c|vital-signs" }],
  [
    "Observation",
    {
      patient: "$patient",
      category: "urn:c|vital-signs",
      date: ["gt2026-01-01", "lt2026-02-01"],
    },
  ],
  ["Observation", { patient: "$patient", code: "http://loinc.org|29463-7" }],
  ["Observation", { patient: "$patient", code: "29463-7,8867-4" }],
  ["Condition", { patient: "$patient", category: "encounter-diagnosis" }],
  ["CarePlan", { patient: "$patient", category: "urn:c|assess-plan" }],
  ["CareTeam", { patient: "$patient", status: "active" }],
  ["Goal", { patient: "$patient" }],
  ["Immunization", { patient: "$patient" }],
  [
    "MedicationRequest",
    { patient: "$patient", intent: "order,original-order" },
  ],
  [
    "MedicationRequest",
    { patient: "$patient", intent: "order", status: "active" },
  ],
  ["ServiceRequest", { _id: "$ServiceRequest" }],
  ["ServiceRequest", { patient: "$patient", category: "referral" }],
  [
    "ServiceRequest",
    { patient: "$patient", category: "urn:c|referral", authored: "ge2026" },
  ],
  ["ServiceRequest", { patient: "$patient", code: "urn:s|1" }],
  ["DocumentReference", { _id: "$DocumentReference" }],
  ["DocumentReference", { patient: "$patient", category: "clinical-note" }],
  [
    "DocumentReference",
    { patient: "$patient", category: "clinical-note", date: "ge2026" },
  ],
  ["DocumentReference", { patient: "$patient", type: "urn:t|discharge" }],
  ["QuestionnaireResponse", { patient: "$patient" }],
  ["QuestionnaireResponse", { _id: "$QuestionnaireResponse" }],
  ["PractitionerRole", { specialty: "cardiology" }],
  ["PractitionerRole", { specialty: "urn:s|cardiology" }],
  ["PractitionerRole", { practitioner: "$practitioner" }],
  ["RelatedPerson", { _id: "$RelatedPerson" }],
];

test("every search that US Core 6.1.0 requires finds what it should, by GET and by POST, with its Provenance", async () => {
  const chart = await aChart();
  const { ids, make } = chart;
  const named = (query: Query): Query =>
    Object.fromEntries(
      Object.entries(query).map(([name, values]) => [
        name,
        [values]
          .flat()
          .map((value) =>
            value.replace(/\$(\w+)$/, (_, type: string) => ids[type] ?? ""),
          ),
      ]),
    );
  const provenances = new Map<string, string>();
  for (const type of new Set(required.map(([each]) => each)))
    provenances.set(
      type,
      (
        await make({
          resourceType: "Provenance",
          target: [{ reference: `${type}/${ids[type] ?? ""}` }],
          recorded: "2026-01-05T10:00:00Z",
          agent: [{ who: { display: "import" } }],
        })
      ).id,
    );
  for (const [type, asked] of required) {
    const query = { ...named(asked), _revinclude: "Provenance:target" };
    const got = await searchedBy(chart)(`/${type}`, query);
    const posted = await postedBy(chart)(`/${type}`, query);
    expect([type, query, idsIn(got)]).toEqual([type, query, [ids[type]]]);
    expect([type, query, idsIn(got, "include")]).toEqual([
      type,
      query,
      [provenances.get(type)],
    ]);
    expect(posted.entry).toEqual(got.entry);
    expect(posted.total).toEqual(got.total);
  }
  for (const [type, provenance] of provenances)
    expect(
      idsIn(
        await searchedBy(chart)("/Provenance", {
          target: `${type}/${ids[type] ?? ""}`,
        }),
      ),
    ).toEqual([provenance]);
  expect(
    idsIn(
      await searchedBy(chart)("/Provenance", { patient: ids.Patient ?? "" }),
    ),
  ).toEqual([provenances.get("Patient")]);
});

test("a clinic that asks for Provenance where none is kept gets the rest", async () => {
  const chart = await aChart();
  const page = await searchedBy(chart)("/Goal", {
    patient: chart.ids.Patient ?? "",
    _revinclude: "Provenance:target",
  });
  expect([idsIn(page), idsIn(page, "include")]).toEqual([[chart.ids.Goal], []]);
});
