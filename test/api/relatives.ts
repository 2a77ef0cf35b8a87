import type {
  Consent,
  ConsentProvision,
  Observation,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { bySystem } from "../record.ts";
import type { Server } from "./server.ts";

export const canary = "Zzyzx";

export const anObservation = (
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

export const bySystemMade = <
  T extends Observation | RelatedPerson | Consent | Patient,
>(
  { records }: Pick<Server, "records">,
  resource: T,
) => records.change(bySystem, (work) => work.create(resource));

export const aRelative = (
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

export const aConsent = (
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

export const named = (relative: string) => [
  {
    role: { coding: [{ code: "IRCP" }] },
    reference: { reference: `RelatedPerson/${relative}` },
  },
];
