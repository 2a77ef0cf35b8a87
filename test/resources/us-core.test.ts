import type { Resource } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { declarations, isKnown } from "../../functions/resources/all.ts";
import { usCoreProfiles } from "../../functions/resources/us-core.ts";
import { validate } from "../../functions/resources/validate.ts";

const extension = (name: string) =>
  `http://hl7.org/fhir/us/core/StructureDefinition/${name}`;
const coded = (system: string, code: string) => ({
  coding: [{ system, code }],
});
const subject = { reference: "Patient/p1" };
const loinc = "http://loinc.org";
const omb = (name: string, code: string) => ({
  url: extension(name),
  extension: [
    {
      url: "ombCategory",
      valueCoding: { system: "urn:oid:2.16.840.1.113883.6.238", code },
    },
    { url: "text", valueString: "x" },
  ],
});

/** What US Core 6.1.0 asks for beyond R4, one resource for each peculiarity of its profiles. */
const examples: Readonly<Record<string, Resource>> = {
  "us-core-patient": {
    resourceType: "Patient",
    extension: [
      omb("us-core-race", "2106-3"),
      omb("us-core-ethnicity", "2135-2"),
      { url: extension("us-core-birthsex"), valueCode: "F" },
      { url: extension("us-core-sex"), valueCode: "248152002" },
      {
        url: extension("us-core-genderIdentity"),
        valueCodeableConcept: coded(
          "http://snomed.info/sct",
          "446141000124107",
        ),
      },
    ],
    identifier: [{ system: "https://clinic.example/mrn", value: "1" }],
    name: [
      {
        family: "Doe",
        given: ["Jane"],
        _given: [
          {
            extension: [
              {
                url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                valueCode: "masked",
              },
            ],
          },
        ],
      } as object,
    ],
    gender: "female",
    birthDate: "1987-02-20",
  },
  "us-core-blood-pressure": {
    resourceType: "Observation",
    status: "final",
    category: [
      coded(
        "http://terminology.hl7.org/CodeSystem/observation-category",
        "vital-signs",
      ),
    ],
    code: coded(loinc, "85354-9"),
    subject,
    effectiveDateTime: "2026-01-02",
    component: [
      {
        code: coded(loinc, "8480-6"),
        valueQuantity: {
          value: 109,
          unit: "mmHg",
          system: "http://unitsofmeasure.org",
          code: "mm[Hg]",
        },
      },
      {
        code: coded(loinc, "8462-4"),
        dataAbsentReason: coded(
          "http://terminology.hl7.org/CodeSystem/data-absent-reason",
          "unknown",
        ),
      },
    ],
  },
  "us-core-condition-problems-health-concerns": {
    resourceType: "Condition",
    extension: [
      {
        url: "http://hl7.org/fhir/StructureDefinition/condition-assertedDate",
        valueDateTime: "2026-01-02",
      },
    ],
    clinicalStatus: coded(
      "http://terminology.hl7.org/CodeSystem/condition-clinical",
      "active",
    ),
    category: [
      coded(
        "http://hl7.org/fhir/us/core/CodeSystem/condition-category",
        "health-concern",
      ),
      coded("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh"),
    ],
    code: coded("http://snomed.info/sct", "445281000124101"),
    subject,
  },
  "us-core-questionnaireresponse": {
    resourceType: "QuestionnaireResponse",
    questionnaire: "https://forms.example/phq-9",
    _questionnaire: {
      extension: [
        {
          url: extension("us-core-extension-questionnaire-uri"),
          valueUri: "https://forms.example/phq-9",
        },
      ],
    },
    status: "completed",
    subject,
    authored: "2026-01-02T10:00:00Z",
    item: [{ linkId: "1", text: "x", answer: [{ valueDecimal: 1.5 }] }],
  } as Resource,
  "us-core-medicationrequest": {
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    category: [
      coded(
        "http://terminology.hl7.org/CodeSystem/medicationrequest-category",
        "community",
      ),
    ],
    reportedBoolean: false,
    medicationCodeableConcept: coded(
      "http://www.nlm.nih.gov/research/umls/rxnorm",
      "1049221",
    ),
    subject,
    authoredOn: "2026-01-02",
    requester: { reference: "Practitioner/d1" },
    dosageInstruction: [{ text: "one a day" }],
  },
  "us-core-provenance": {
    resourceType: "Provenance",
    target: [subject],
    recorded: "2026-01-02T10:00:00Z",
    agent: [
      {
        type: coded(
          "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
          "author",
        ),
        who: { reference: "Practitioner/d1" },
        onBehalfOf: { reference: "Organization/o1" },
      },
    ],
  },
};

test.each(Object.entries(examples))(
  "a resource after %s is accepted",
  async (name, resource) => {
    const { resourceType: type } = resource;
    if (!isKnown(type)) throw new Error(`${type} is not kept`);
    const profile = extension(name);
    expect(usCoreProfiles(type)).toContain(profile);
    expect(
      await validate(
        { ...resource, meta: { profile: [profile] } },
        declarations[type],
      ),
    ).toEqual([]);
  },
);
