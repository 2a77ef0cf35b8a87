import type {
  Consent,
  ConsentProvision,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";

/** The day on which everything is asked. */
export const noon = "2026-05-15T12:00:00.000Z";

/** When something holds, seen from that day. */
export type When = "past" | "present" | "future";

export interface Provision {
  readonly type: "permit" | "deny";
  readonly actor?: string;
  readonly purpose?: string;
  readonly class?: string;
  readonly labels?: readonly string[];
  readonly when?: When;
  /** A criterion that nobody can evaluate. */
  readonly mystery?: true;
  readonly inner: readonly Provision[];
}

export interface PlainConsent {
  readonly status: Consent["status"];
  readonly category:
    "privacy" | "restriction" | "contact" | "confidential-communications";
  readonly scope: "patient-privacy" | "research" | "treatment";
  readonly byPatient: boolean;
  readonly given: "2020-01-01" | "2026-05-01";
  readonly provision: Provision;
}

export interface Person {
  readonly relationship: "MTH" | "HPOWATT" | "FRND";
  readonly active: boolean;
  readonly when?: When;
}

export interface PlainPatient {
  readonly born?: string;
  readonly state?: string;
}

/** Who may be named as a recipient; `clinic` is an Organization of which we do not know who belongs to it. */
export const actors = [
  "staff:nora",
  "role:nurse",
  "role:front-desk",
  "client:lab",
  "person",
  "clinic",
] as const;

export const periods: Readonly<
  Record<When, { readonly start?: string; readonly end?: string }>
> = {
  past: { start: "2020-01-01", end: "2021-12-31" },
  present: { start: "2022-01-01", end: "2027-12-31" },
  future: { start: "2027-01-01" },
};

const actorOf = (actor: string, person: string) => {
  const [kind = "", value = ""] = actor.split(":");
  return {
    role: { coding: [{ code: "IRCP" }] },
    reference:
      actor === "person"
        ? { reference: person }
        : actor === "clinic"
          ? { reference: "Organization/01KJQH0CC05C8ZPX17A8T47AHX" }
          : { identifier: { system: `urn:sojourn:${kind}`, value } },
  };
};

const provisionOf = (plain: Provision, person: string): ConsentProvision => ({
  type: plain.type,
  ...(plain.actor !== undefined && { actor: [actorOf(plain.actor, person)] }),
  ...(plain.purpose !== undefined && {
    purpose: [
      {
        system: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        code: plain.purpose,
      },
    ],
  }),
  ...(plain.class !== undefined && {
    class: [
      { system: "http://hl7.org/fhir/resource-types", code: plain.class },
    ],
  }),
  ...(plain.labels !== undefined && {
    securityLabel: plain.labels.map((code) => ({ code })),
  }),
  ...(plain.when !== undefined && { period: periods[plain.when] }),
  ...(plain.mystery && { dataPeriod: { start: "2020" } }),
  ...(plain.inner.length > 0 && {
    provision: plain.inner.map((one) => provisionOf(one, person)),
  }),
});

const parent = "RelatedPerson/01KJQH0CC05C8ZPX17A8T47AHX";

/** The Consent of a patient in which `person` is called by this reference. */
export const consentOf = (
  { status, category, scope, byPatient, given, provision }: PlainConsent,
  patient: string,
  person: string,
): Consent => ({
  resourceType: "Consent",
  status,
  scope: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/consentscope",
        code: scope,
      },
    ],
  },
  category: [
    {
      coding: [
        category === "privacy"
          ? { system: "http://loinc.org", code: "59284-0" }
          : { system: "urn:sojourn:consent", code: category },
      ],
    },
  ],
  patient: { reference: `Patient/${patient}` },
  dateTime: given,
  performer: [{ reference: byPatient ? `Patient/${patient}` : parent }],
  policyRule: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        code: "OPTIN",
      },
    ],
  },
  provision: provisionOf(provision, person),
});

export const personOf = (
  { relationship, active, when }: Person,
  patient: string,
  user: string,
): RelatedPerson => ({
  resourceType: "RelatedPerson",
  active,
  patient: { reference: `Patient/${patient}` },
  identifier: [{ system: "urn:sojourn:user", value: user }],
  relationship: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
          code: relationship,
        },
      ],
    },
  ],
  ...(when !== undefined && { period: periods[when] }),
});

export const patientOf = ({ born, state }: PlainPatient): Patient => ({
  resourceType: "Patient",
  name: [{ family: "Johnson" }],
  ...(born !== undefined && { birthDate: born }),
  ...(state !== undefined && { address: [{ state, country: "US" }] }),
});
