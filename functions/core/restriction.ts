import type { Consent, ConsentProvision, Task } from "@medplum/fhirtypes";
import { categorySystem } from "./consent.ts";
import { detailsOf } from "./privacy-request.ts";
import { requestSystem } from "./request-kind.ts";

const purpose = (code: string) => [
  { system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code },
];

const actor = (reference: string): ConsentProvision["actor"] => [
  {
    role: {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
          code: "IRCP",
        },
      ],
    },
    reference: { reference },
  },
];

/** What a restriction that was agreed to denies (45 CFR 164.522(a); GDPR Art. 18): by purpose, by recipient, or any use. */
export const restriction = (
  task: Task & { readonly id: string },
  now: string,
): Consent => {
  const { toward = "everyone", recipient, selfPaid } = detailsOf(task);
  return {
    resourceType: "Consent",
    identifier: [{ system: requestSystem, value: task.id }],
    status: "active",
    scope: {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/consentscope",
          code: "patient-privacy",
        },
      ],
    },
    category: [{ coding: [{ system: categorySystem, code: "restriction" }] }],
    patient: { reference: task.for?.reference ?? "" },
    dateTime: now,
    policyRule: {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes",
          code: selfPaid === true ? "hipaa-self-pay" : "hipaa-restrictions",
        },
      ],
    },
    provision: {
      type: "deny",
      ...(toward === "payer" && { purpose: purpose("HPAYMT") }),
      ...(toward === "operations" && { purpose: purpose("HOPERAT") }),
      ...(typeof recipient === "string" && { actor: actor(recipient) ?? [] }),
    },
  };
};
