import type { Bundle, Observation, Patient } from "@medplum/fhirtypes";
import { randomUUID } from "node:crypto";

/** What the foreign clients bring along. */
export const aPatient = (given: string, value = randomUUID()): Patient => ({
  resourceType: "Patient",
  identifier: [{ system: "urn:visitors", value }],
  name: [{ family: "Visitor", given: [given] }],
  birthDate: "1970-01-02",
});

export const aWeight = (subject: string, value: number): Observation => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
  subject: { reference: subject },
  effectiveDateTime: "2026-01-02",
  valueQuantity: {
    value,
    unit: "kg",
    system: "http://unitsofmeasure.org",
    code: "kg",
  },
});

/** An encounter and a weight taken at it. */
export const transaction = (subject: string): Bundle => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: [
    {
      fullUrl: "urn:uuid:0c2e1f0e-6c6b-4c56-9f6e-000000000001",
      request: { method: "POST", url: "Encounter" },
      resource: {
        resourceType: "Encounter",
        status: "finished",
        class: {
          system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
          code: "AMB",
        },
        subject: { reference: subject },
      },
    },
    {
      fullUrl: "urn:uuid:0c2e1f0e-6c6b-4c56-9f6e-000000000002",
      request: { method: "POST", url: "Observation" },
      resource: {
        ...aWeight(subject, 71.5),
        encounter: {
          reference: "urn:uuid:0c2e1f0e-6c6b-4c56-9f6e-000000000001",
        },
      },
    },
  ],
});
