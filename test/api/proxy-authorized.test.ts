import type {
  Consent,
  ConsentProvision,
  Observation,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { asPatient, aServer, type Server } from "./server.ts";

const canary = "Zzyzx";

const anObservation = (
  patient: string,
  labels: readonly string[],
  more: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  ...(labels.length > 0 && {
    meta: { security: labels.map((code) => ({ code })) },
  }),
  status: "final",
  code: { text: canary },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

const bySystemMade = <
  T extends Observation | RelatedPerson | Consent | Patient,
>(
  { records }: Pick<Server, "records">,
  resource: T,
) => records.change(bySystem, (work) => work.create(resource));

const aRelative = (
  patient: string,
  user: string,
  code: string,
  more: Partial<RelatedPerson> = {},
): RelatedPerson => ({
  resourceType: "RelatedPerson",
  patient: { reference: `Patient/${patient}` },
  active: true,
  identifier: [{ system: "urn:sojourn:user", value: user }],
  relationship: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
          code,
        },
      ],
    },
  ],
  ...more,
});

const aConsent = (
  patient: string,
  provision: ConsentProvision,
  more: Partial<Consent> = {},
): Consent => ({
  resourceType: "Consent",
  status: "active",
  scope: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/consentscope",
        code: "patient-privacy",
      },
    ],
  },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patient}` },
  performer: [{ reference: `Patient/${patient}` }],
  policyRule: { coding: [{ code: "OPTIN" }] },
  provision,
  ...more,
});

const named = (relative: string) => [
  {
    role: { coding: [{ code: "IRCP" }] },
    reference: { reference: `RelatedPerson/${relative}` },
  },
];

describe("whom a Consent permits by name", () => {
  test.each<[string, ConsentProvision]>([
    [
      "one type",
      {
        class: [
          { system: "http://hl7.org/fhir/resource-types", code: "Appointment" },
        ],
      },
    ],
    ["adding to the record", { action: [{ coding: [{ code: "collect" }] }] }],
    ["data of a period", { dataPeriod: { start: "2020", end: "2021" } }],
    ["treatment", { purpose: [{ code: "TREAT" }] }],
    ["restricted labels", { securityLabel: [{ code: "HIV" }] }],
  ])("%s reads nothing else", async (_, narrowing) => {
    const clinic = aServer();
    const { id: patient } = await clinic.make(aPatient());
    const { id: friend } = await clinic.make(aPatient());
    const observation = await bySystemMade(clinic, anObservation(patient, []));
    const { id } = await bySystemMade(
      clinic,
      aRelative(patient, friend, "FRND"),
    );
    const read = async () => {
      const as = asPatient(friend);
      const one = await clinic.ask("GET", `/Observation/${observation.id}`, {
        as,
      });
      const many = await clinic.ask("GET", "/Observation", {
        as,
        query: { patient },
      });
      return [one.status, many.text.includes(canary)];
    };
    expect(await read()).toEqual([403, false]);
    const consent = await bySystemMade(
      clinic,
      aConsent(patient, { type: "permit", actor: named(id), ...narrowing }),
    );
    expect(await read()).toEqual([403, false]);
    await clinic.records.change(bySystem, (work) =>
      work.update({
        ...consent,
        provision: { type: "permit", actor: named(id) },
      }),
    );
    expect(await read()).toEqual([200, true]);
  });
});
