import type {
  Coding,
  Consent,
  ConsentProvision,
  ConsentProvisionActor,
} from "@medplum/fhirtypes";
import type { ConsentQuestion } from "../../functions/core/consent.ts";

export const noon = "2026-05-15T12:00:00.000Z";
const patient = "01KJQH0CC05C8ZPX17A8T47AHX";

export const aConsent = (
  provision: ConsentProvision | undefined,
  consent: Partial<Consent> = {},
): Consent => ({
  resourceType: "Consent",
  id: "a",
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
  ...(provision !== undefined && { provision }),
  ...consent,
});

/** A Consent of a category of our own: contact, restriction … */
export const ofCategory = (code: string): Pick<Consent, "category"> => ({
  category: [{ coding: [{ system: "urn:sojourn:consent", code }] }],
});

export const aRead = (
  question: Partial<ConsentQuestion> = {},
): ConsentQuestion => ({
  use: "read",
  purpose: "TREAT",
  recipients: ["staff:nora", "role:nurse"],
  labels: [],
  type: "Observation",
  now: noon,
  ...question,
});

export const aSend = (
  question: Partial<ConsentQuestion> = {},
): ConsentQuestion => ({
  use: "send",
  purpose: "TREAT",
  recipients: [`patient:${patient}`],
  labels: [],
  channel: "sms",
  topic: "appointment",
  now: noon,
  ...question,
});

export const known = (
  kind: "staff" | "role" | "client",
  value: string,
): ConsentProvisionActor => ({
  role: { coding: [{ code: "IRCP" }] },
  reference: { identifier: { system: `urn:sojourn:${kind}`, value } },
});

export const literally = (
  reference: string,
  role = "IRCP",
): ConsentProvisionActor => ({
  role: { coding: [{ code: role }] },
  reference: { reference },
});

export const purpose = (code: string): Coding => ({
  system: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
  code,
});
export const type = (code: string): Coding => ({
  system: "http://hl7.org/fhir/resource-types",
  code,
});
export const label = (code: string): Coding => ({ code });
export const coded = (kind: "channel" | "topic", code: string) => ({
  coding: [{ system: `urn:sojourn:${kind}`, code }],
});
