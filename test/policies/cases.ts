import type { Principal, Question } from "../../functions/core/permission.ts";

type Resource = NonNullable<Question["resource"]>;

/** What differs from a nurse who reads an Observation of a patient to treat, without a Consent that speaks. */
export type Asked = Partial<Omit<Question, "resource">> & {
  readonly resource?: Partial<Resource>;
};

export const question = ({ resource, ...asked }: Asked): Question => ({
  principal: staff("nurse"),
  action: "read",
  resource: {
    type: "Observation",
    place: "another",
    labels: [],
    teenPrivate: false,
    ...resource,
  },
  purpose: "TREAT",
  scoped: true,
  consent: "silent",
  restricted: false,
  emergency: false,
  freshSignIn: false,
  ...asked,
});

const staff = (
  ...roles: Extract<Principal, { kind: "Staff" }>["roles"]
): Principal => ({ kind: "Staff", roles });

const client = (location: string): Principal => ({
  kind: "Client",
  location,
  purposes: ["TREAT", "HPAYMT", "HOPERAT", "HMARKT", "HRESCH"],
});

const proxy: Principal = {
  kind: "Proxy",
  basis: "attorney",
  state: "in-force",
};
const task = (name: string): Principal => ({ kind: "System", name });
const patient: Principal = { kind: "Patient" };

const labelled = (...labels: readonly string[]): Asked => ({
  resource: { type: "DocumentReference", labels },
});
const withConsent = {
  when: "with the patient's consent",
  but: { consent: "permitted" },
} as const;
const inEmergency = {
  when: "in an emergency that is open",
  but: { emergency: true, purpose: "ETREAT" },
} as const;
const own = {
  when: "to the patient",
  but: { principal: patient, purpose: "PATRQT" },
};
const ofOwn = (...labels: readonly string[]) => ({
  ...own,
  but: {
    ...own.but,
    resource: { type: "DocumentReference", place: "own", labels } as const,
  },
});

/** For each policy of a pack at least one request that the pack alone refuses, and what opens it again. */
export const cases: readonly {
  readonly policy: string;
  readonly says: string;
  readonly asked: Asked;
  readonly unless: readonly { readonly when: string; readonly but: Asked }[];
}[] = [
  {
    policy: "us-hipaa-payment-minimum",
    says: "billing reads no findings",
    asked: { principal: staff("front-desk"), purpose: "HPAYMT" },
    unless: [
      withConsent,
      { when: "to treat", but: { purpose: "TREAT" } },
      { when: "of a claim", but: { resource: { type: "Claim" } } },
      {
        when: "of the directory",
        but: { resource: { type: "PlanDefinition", place: "directory" } },
      },
    ],
  },
  {
    policy: "us-hipaa-payment-minimum",
    says: "a billing system finds no documents",
    asked: {
      principal: client("US-NY"),
      purpose: "HPAYMT",
      action: "search",
      resource: { type: "DocumentReference" },
    },
    unless: [withConsent],
  },
  {
    policy: "us-hipaa-operations-minimum",
    says: "quality work reads nothing labelled sensitive",
    asked: {
      principal: staff("clinician"),
      purpose: "HOPERAT",
      ...labelled("HIV"),
    },
    unless: [
      withConsent,
      { when: "to treat", but: { purpose: "TREAT" } },
      { when: "without the label", but: labelled() },
      {
        when: "to the privacy officer",
        but: { principal: staff("privacy-officer") },
      },
    ],
  },
  {
    policy: "us-hipaa-psychotherapy-notes",
    says: "treating staff read no psychotherapy notes",
    asked: labelled("PSYTHPN"),
    unless: [withConsent, inEmergency, ofOwn("PSYTHPN")],
  },
  {
    policy: "us-hipaa-psychotherapy-notes",
    says: "neither do other systems, by HL7's other label",
    asked: { principal: client("US-NY"), ...labelled("HIPAAPsyNotes") },
    unless: [withConsent],
  },
  {
    policy: "us-hipaa-psychotherapy-notes",
    says: "nor do proxies",
    asked: {
      principal: proxy,
      purpose: "PATRQT",
      resource: {
        type: "DocumentReference",
        place: "own",
        labels: ["PSYTHPN"],
      },
    },
    unless: [withConsent],
  },
  {
    policy: "us-hipaa-authorization",
    says: "marketing needs an authorization",
    asked: { principal: client("US-NY"), purpose: "HMARKT" },
    unless: [
      withConsent,
      {
        when: "of the directory",
        but: { resource: { type: "HealthcareService", place: "directory" } },
      },
    ],
  },
  {
    policy: "us-hipaa-authorization",
    says: "so does research",
    asked: { principal: client("US-NY"), purpose: "HRESCH" },
    unless: [withConsent],
  },
  {
    policy: "us-hipaa-self-pay",
    says: "our own code takes nothing to the payer that the patient paid for",
    asked: {
      principal: task("read-answer"),
      purpose: "HPAYMT",
      resource: { type: "Appointment" },
      consent: "denied",
      restricted: true,
    },
    unless: [
      { when: "for treatment", but: { purpose: "TREAT" } },
      { when: "without the restriction", but: { restricted: false } },
    ],
  },
  {
    policy: "us-part2-consent",
    says: "treating staff need the consent",
    asked: labelled("42CFRPart2"),
    unless: [
      withConsent,
      inEmergency,
      ofOwn("42CFRPart2"),
      { when: "without the label", but: labelled() },
    ],
  },
  ...["ETH", "SUD", "ETHUD", "OPIOIDUD"].map((label) => ({
    policy: "us-part2-consent",
    says: `other systems need it for ${label}`,
    asked: { principal: client("US-NY"), ...labelled("R", label) },
    unless: [withConsent],
  })),
  {
    policy: "us-part2-consent",
    says: "proxies need it",
    asked: {
      principal: proxy,
      purpose: "PATRQT",
      resource: { type: "Condition", place: "own", labels: ["SUD"] },
    },
    unless: [withConsent],
  },
  {
    policy: "us-part2-consent",
    says: "emergency access for another purpose does not replace it",
    asked: { ...labelled("SUD"), emergency: true },
    unless: [withConsent],
  },
  {
    policy: "us-part2-counseling-notes",
    says: "no consent opens counselling notes for operations",
    asked: {
      purpose: "HOPERAT",
      consent: "permitted",
      ...labelled("42CFRPart2", "PSYTHPN"),
    },
    unless: [
      { when: "to treat", but: { purpose: "TREAT" } },
      { when: "of other records", but: labelled("42CFRPart2") },
    ],
  },
  {
    policy: "us-part2-tasks",
    says: "our own code does not read where such records come from",
    asked: {
      principal: task("import-slice"),
      resource: { type: "Provenance", labels: ["42CFRPart2"] },
    },
    unless: [
      {
        when: "without the label",
        but: { resource: { type: "Provenance" } },
      },
      {
        when: "to remind of a visit",
        but: {
          principal: task("send-message"),
          resource: { type: "Appointment", labels: ["42CFRPart2"] },
        },
      },
      {
        when: "of what endangers whoever asked for a copy",
        but: {
          principal: task("privacy-acknowledge"),
          resource: { type: "DetectedIssue", labels: ["42CFRPart2"] },
        },
      },
      {
        when: "to ask what a subscriber may see",
        but: { principal: task("notify-subscribers") },
      },
    ],
  },
  ...["SEX", "GENDER"].flatMap((label) =>
    ["US-TX", "", "CA-ON"].map((location) => ({
      policy: "us-ca-sensitive-services",
      says: `${label} stays from a system in ${location || "no registered place"}`,
      asked: { principal: client(location), ...labelled(label) },
      unless: [
        withConsent,
        { when: "in California", but: { principal: client("US-CA") } },
        { when: "without the label", but: labelled("STD") },
        { when: "to staff", but: { principal: staff("nurse") } },
      ],
    })),
  ),
  {
    policy: "us-ca-marketing",
    says: "marketing needs an authorization",
    asked: { principal: client("US-CA"), purpose: "HMARKT" },
    unless: [withConsent, { when: "for research", but: { purpose: "HRESCH" } }],
  },
  ...["CA-ON", "IN-KA", ""].map((location) => ({
    policy: "us-tx-kept-in-us",
    says: `nothing is kept in ${location || "no registered place"}, whatever the patient permits`,
    asked: { principal: client(location), consent: "permitted" as const },
    unless: [
      { when: "in the United States", but: { principal: client("US-TX") } },
      { when: "in a territory", but: { principal: client("PR") } },
      {
        when: "of the directory",
        but: {
          resource: { type: "Location", place: "directory" } as const,
        },
      },
    ],
  })),
  {
    policy: "us-tx-electronic-disclosure",
    says: "research needs an authorization",
    asked: { principal: client("US-TX"), purpose: "HRESCH" },
    unless: [
      withConsent,
      ...["TREAT", "HPAYMT", "HOPERAT"].map((purpose) => ({
        when: `for ${purpose}`,
        but: { purpose },
      })),
    ],
  },
  {
    policy: "us-wa-purpose",
    says: "what a prospect told serves no operations",
    asked: {
      purpose: "HOPERAT",
      resource: { type: "Communication", labels: ["CONSUMER"] },
    },
    unless: [
      withConsent,
      { when: "to answer", but: { purpose: "TREAT" } },
      {
        when: "of patients",
        but: { resource: { type: "Communication" } },
      },
    ],
  },
  {
    policy: "us-wa-sharing",
    says: "nothing of a prospect goes to other systems",
    asked: {
      principal: client("US-WA"),
      resource: { type: "Patient", labels: ["CONSUMER"] },
    },
    unless: [
      withConsent,
      { when: "to staff", but: { principal: staff("front-desk") } },
    ],
  },
  ...(["update", "delete"] as const).map((action) => ({
    policy: "eu-gdpr-restriction",
    says: `nobody's ${action} reaches what is restricted`,
    asked: { action, consent: "denied" as const, restricted: true },
    unless: [
      { when: "without the restriction", but: { restricted: false } },
      inEmergency,
      {
        when: "of the restriction itself",
        but: { resource: { type: "Consent" } as const },
      },
      {
        when: "to the privacy officer",
        but: {
          principal: staff("privacy-officer"),
          resource: { type: "Task" } as const,
        },
      },
    ],
  })),
  ...["HMARKT", "HRESCH"].map((purpose) => ({
    policy: "eu-gdpr-explicit-consent",
    says: `${purpose} needs an explicit consent`,
    asked: { principal: client("DE"), purpose },
    unless: [withConsent, { when: "to treat", but: { purpose: "TREAT" } }],
  })),
  ...["US-NY", "CA-ON", "IN-KA", ""].map((location) => ({
    policy: "eu-gdpr-transfer",
    says: `nothing goes to ${location || "no registered place"} without consent`,
    asked: { principal: client(location) },
    unless: [
      withConsent,
      ...["DE-BE", "IS", "CH", "GB-SCT", "BR-SP"].map((adequate) => ({
        when: `to ${adequate}`,
        but: { principal: client(adequate) },
      })),
    ],
  })),
  {
    policy: "eu-gdpr-minimisation",
    says: "billing reads no findings, consent or not",
    asked: {
      principal: staff("front-desk"),
      purpose: "HPAYMT",
      consent: "permitted",
    },
    unless: [
      { when: "to treat", but: { purpose: "TREAT" } },
      { when: "of an invoice", but: { resource: { type: "Invoice" } } },
    ],
  },
  {
    policy: "eu-gdpr-minimisation",
    says: "operations read nothing labelled sensitive",
    asked: { purpose: "HOPERAT", ...labelled("SDV") },
    unless: [
      { when: "to treat", but: { purpose: "TREAT" } },
      {
        when: "to the privacy officer",
        but: { principal: staff("privacy-officer") },
      },
    ],
  },
];
