import type { KnownType } from "../../functions/resources/declaration.ts";
import type { Json } from "./exact.ts";

interface Break {
  readonly key: string;
  /** What is changed on a valid example. */
  readonly change: Readonly<Record<string, unknown>>;
  /** Below the resource; empty for the resource as a whole. */
  readonly at: string;
}

const concept = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const item = (given: Readonly<Record<string, unknown>>) => ({
  item: [{ linkId: "sojourn", type: "string", ...given }],
});
const gone = undefined;

/** Changes that break an invariant of any resource. */
export const common: readonly Break[] = [
  {
    key: "dom-3",
    change: { contained: [{ resourceType: "Patient", id: "orphan" }] },
    at: "contained",
  },
  {
    key: "dom-2",
    change: {
      contained: [
        {
          resourceType: "Patient",
          id: "outer",
          contained: [{ resourceType: "Patient", id: "inner" }],
        },
      ],
    },
    at: "contained[0].contained",
  },
  {
    key: "dom-4",
    change: {
      contained: [
        { resourceType: "Patient", id: "p", meta: { versionId: "1" } },
      ],
    },
    at: "contained[0].meta.versionId",
  },
  {
    key: "dom-5",
    change: {
      contained: [
        {
          resourceType: "Patient",
          id: "p",
          meta: { security: [{ code: "R" }] },
        },
      ],
    },
    at: "contained[0].meta.security",
  },
];

/** Changes that break an invariant of one type, each on whatever example of it. */
export const breaks: Readonly<Partial<Record<KnownType, readonly Break[]>>> = {
  AllergyIntolerance: [
    {
      key: "ait-1",
      change: { clinicalStatus: gone, verificationStatus: gone },
      at: "",
    },
    {
      key: "ait-2",
      change: {
        clinicalStatus: concept("allergyintolerance-clinical", "active"),
        verificationStatus: concept(
          "allergyintolerance-verification",
          "entered-in-error",
        ),
      },
      at: "",
    },
  ],
  Appointment: [
    {
      key: "app-2",
      change: { start: gone, end: "2024-01-01T10:00:00Z" },
      at: "",
    },
    {
      key: "app-3",
      change: { status: "booked", start: gone, end: gone },
      at: "",
    },
    {
      key: "app-4",
      change: { status: "booked", cancelationReason: { text: "x" } },
      at: "",
    },
  ],
  CarePlan: [
    {
      key: "cpl-3",
      change: {
        activity: [
          { reference: { display: "x" }, detail: { status: "scheduled" } },
        ],
      },
      at: "activity[0]",
    },
  ],
  Condition: [
    {
      key: "con-4",
      change: {
        abatementString: "gone",
        abatementDateTime: gone,
        abatementBoolean: gone,
        abatementAge: gone,
        clinicalStatus: concept("condition-clinical", "active"),
      },
      at: "",
    },
    {
      key: "con-5",
      change: {
        clinicalStatus: concept("condition-clinical", "active"),
        verificationStatus: concept("condition-ver-status", "entered-in-error"),
      },
      at: "",
    },
    {
      key: "con-1",
      change: { stage: [{ type: { text: "x" } }] },
      at: "stage[0]",
    },
  ],
  Consent: [
    { key: "ppc-1", change: { policy: gone, policyRule: gone }, at: "" },
  ],
  CoverageEligibilityResponse: [
    {
      key: "ces-1",
      change: {
        insurance: [{ coverage: { display: "x" }, item: [{ excluded: true }] }],
      },
      at: "insurance[0].item[0]",
    },
  ],
  Goal: [
    {
      key: "gol-1",
      change: { target: [{ detailString: "x" }] },
      at: "target[0]",
    },
  ],
  Group: [
    {
      key: "grp-1",
      change: { actual: false, member: [{ entity: { display: "x" } }] },
      at: "",
    },
  ],
  Immunization: [
    {
      key: "imm-1",
      change: { education: [{ publicationDate: "2024-01-01" }] },
      at: "education[0]",
    },
  ],
  MeasureReport: [
    {
      key: "mrp-1",
      change: { type: "data-collection", group: [{ code: { text: "x" } }] },
      at: "",
    },
  ],
  Observation: [
    {
      key: "obs-6",
      change: {
        valueString: "x",
        valueQuantity: gone,
        valueCodeableConcept: gone,
        valueSampledData: gone,
        valueInteger: gone,
        valueDateTime: gone,
        valueBoolean: gone,
        dataAbsentReason: { text: "x" },
      },
      at: "",
    },
    {
      key: "obs-3",
      change: { referenceRange: [{ type: { text: "x" } }] },
      at: "referenceRange[0]",
    },
  ],
  Organization: [
    { key: "org-1", change: { identifier: gone, name: gone }, at: "" },
    {
      key: "org-3",
      change: { telecom: [{ system: "phone", value: "1", use: "home" }] },
      at: "",
    },
    { key: "org-2", change: { address: [{ use: "home" }] }, at: "" },
  ],
  Patient: [
    {
      key: "pat-1",
      change: { contact: [{ gender: "female" }] },
      at: "contact[0]",
    },
  ],
  Questionnaire: [
    {
      key: "que-2",
      change: {
        item: [
          { linkId: "same", type: "string" },
          { linkId: "same", type: "string" },
        ],
      },
      at: "",
    },
    { key: "que-1", change: item({ type: "group" }), at: "item[0]" },
    {
      key: "que-3",
      change: item({ type: "display", code: [{ code: "x" }] }),
      at: "item[0]",
    },
    {
      key: "que-4",
      change: item({
        type: "choice",
        answerOption: [{ valueString: "x" }],
        answerValueSet: "urn:x",
      }),
      at: "item[0]",
    },
    {
      key: "que-5",
      change: item({ type: "boolean", answerValueSet: "urn:x" }),
      at: "item[0]",
    },
    {
      key: "que-6",
      change: item({ type: "display", required: true }),
      at: "item[0]",
    },
    {
      key: "que-7",
      change: item({
        enableWhen: [
          { question: "sojourn", operator: "exists", answerString: "x" },
        ],
      }),
      at: "item[0].enableWhen[0]",
    },
    {
      key: "que-8",
      change: item({ type: "display", initial: [{ valueString: "x" }] }),
      at: "item[0]",
    },
    {
      key: "que-9",
      change: item({ type: "display", readOnly: true }),
      at: "item[0]",
    },
    {
      key: "que-10",
      change: item({ type: "date", maxLength: 3 }),
      at: "item[0]",
    },
    {
      key: "que-11",
      change: item({
        type: "choice",
        answerOption: [{ valueString: "x" }],
        initial: [{ valueString: "x" }],
      }),
      at: "item[0]",
    },
    {
      key: "que-12",
      change: item({
        enableWhen: [1, 2, 3].map(() => ({
          question: "sojourn",
          operator: "=",
          answerString: "x",
        })),
      }),
      at: "item[0]",
    },
    {
      key: "que-13",
      change: item({ initial: [{ valueString: "x" }, { valueString: "y" }] }),
      at: "item[0]",
    },
  ],
  QuestionnaireResponse: [
    {
      key: "qrs-1",
      change: {
        item: [
          {
            linkId: "1",
            answer: [{ valueString: "x" }],
            item: [{ linkId: "2" }],
          },
        ],
      },
      at: "item[0]",
    },
  ],
  RequestGroup: [
    { key: "rqg-1", change: { action: [{ title: "x" }] }, at: "action[0]" },
  ],
  RiskAssessment: [
    {
      key: "ras-2",
      change: { prediction: [{ probabilityDecimal: 101 }] },
      at: "prediction[0]",
    },
  ],
  ServiceRequest: [
    {
      key: "prr-1",
      change: { code: gone, orderDetail: [{ text: "x" }] },
      at: "",
    },
  ],
  Task: [
    {
      key: "inv-1",
      change: {
        authoredOn: "2024-01-02T00:00:00Z",
        lastModified: "2024-01-01T00:00:00Z",
      },
      at: "",
    },
  ],
};

export const broken = (
  resource: Json,
  { change, at }: Break,
): { readonly copy: Json; readonly path: string } => ({
  copy: { ...resource, ...change },
  path: `${String(resource.resourceType)}${at === "" ? "" : `.${at}`}`,
});
