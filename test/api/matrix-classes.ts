import type { Resource } from "@medplum/fhirtypes";

interface Class {
  readonly type: Resource["resourceType"];
  /** In a patient's record, in the directory that everybody sees, or in the rest of the directory. */
  readonly place: "record" | "public" | "house";
  /** In `meta.security`: R (restricted), PSYTHPN (a therapist's notes). */
  readonly label?: "R" | "PSYTHPN";
}

/** Kinds of resource that the rules tell apart; each stands for its like. */
export const classNames = [
  "Patient",
  "Observation",
  "Claim",
  "Task",
  "Consent",
  "Appointment",
  "Binary",
  "restricted",
  "session",
  "Practitioner",
  "Group",
  "Subscription",
] as const;
export type ClassName = (typeof classNames)[number];

export const classes: Readonly<Record<ClassName, Class>> = {
  Patient: { type: "Patient", place: "record" },
  Observation: { type: "Observation", place: "record" },
  Claim: { type: "Claim", place: "record" },
  Task: { type: "Task", place: "record" },
  Consent: { type: "Consent", place: "record" },
  Appointment: { type: "Appointment", place: "record" },
  Binary: { type: "Binary", place: "record" },
  restricted: { type: "DocumentReference", place: "record", label: "R" },
  session: { type: "Observation", place: "record", label: "PSYTHPN" },
  Practitioner: { type: "Practitioner", place: "public" },
  Group: { type: "Group", place: "house" },
  Subscription: { type: "Subscription", place: "house" },
};

const codes = {
  R: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
  PSYTHPN: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
};

/** A valid resource of the class that holds the word where a text may stand. */
export const aResource = (
  name: ClassName,
  word: string,
  patient: string,
): object => {
  const { type, label } = classes[name];
  return {
    resourceType: type,
    ...(label !== undefined && {
      meta: { security: [{ system: codes[label], code: label }] },
    }),
    ...contents[name](word, { reference: `Patient/${patient}` }),
  };
};

type Reference = Readonly<Record<"reference", string>>;

const contents: Readonly<
  Record<ClassName, (word: string, subject: Reference) => object>
> = {
  Patient: (word) => ({ name: [{ family: word, given: ["Given"] }] }),
  Observation: (text, subject) => ({
    status: "final",
    code: { text },
    subject,
  }),
  Claim: (text, patient) => ({
    status: "draft",
    type: { text },
    use: "claim",
    patient,
    created: "2026-01-05",
    provider: { display: "The clinic" },
    priority: { text: "normal" },
    insurance: [{ sequence: 1, focal: true, coverage: { display: "None" } }],
  }),
  Task: (description, subject) => ({
    status: "requested",
    intent: "order",
    description,
    for: subject,
  }),
  // Inactive, so that it decides nothing.
  Consent: (text, patient) => ({
    status: "inactive",
    scope: { text },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
    policyRule: { text: "None" },
    patient,
  }),
  Appointment: (comment, actor) => ({
    status: "proposed",
    comment,
    participant: [{ actor, status: "needs-action" }],
  }),
  Binary: (word, securityContext) => ({
    contentType: "text/plain",
    data: Buffer.from(word).toString("base64"),
    securityContext,
  }),
  restricted: (title, subject) => ({
    status: "current",
    subject,
    content: [{ attachment: { contentType: "text/plain", title } }],
  }),
  session: (text, subject) => ({ status: "final", code: { text }, subject }),
  Practitioner: (word) => ({ name: [{ family: word }] }),
  Group: (name) => ({ type: "person", actual: true, name }),
  // Off, so that it notifies nobody.
  Subscription: (reason) => ({
    status: "off",
    reason,
    criteria: "Appointment?status=booked",
    channel: { type: "rest-hook", endpoint: "https://notified.example/hook" },
  }),
};
