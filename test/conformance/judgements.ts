interface Judgement {
  /** What a finding of ours must name. */
  readonly place: RegExp;
  readonly why: string;
  /** Whether Medplum's validator, the second opinion, refuses it too; and when not, why not. */
  readonly other: "refuses" | string;
}

/** Official examples that break R4. Each was read and judged. */
export const defective: Readonly<Record<string, Judgement>> = {
  "ActivityDefinition-blood-tubes-supply.json": {
    place: /^ActivityDefinition\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    other: "does not look into narratives",
  },
  "ActivityDefinition-heart-valve-replacement.json": {
    place: /^ActivityDefinition\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    other: "does not look into narratives",
  },
  "Questionnaire-zika-virus-exposure-assessment.json": {
    place: /^Questionnaire\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    other: "does not look into narratives",
  },
  "MedicationRequest-medrx0301.json": {
    place: /^MedicationRequest\.dispenseRequest\.performer\.reference$/u,
    why: "a practitioner where R4 has an organization only",
    other: "warns of a reference's type, no more",
  },
  "Observation-clinical-gender.json": {
    place: /^Observation\.performer\[0\]\.reference$/u,
    why: "a device as performer",
    other: "warns of a reference's type, no more",
  },
  "Questionnaire-qs1.json": {
    place: /^Questionnaire(\.item\[\d+\])+\.linkId$/u,
    why: "inner items without a linkId",
    other: "refuses",
  },
};

/** Valid R4 that we refuse by a rule of our own, on purpose. */
export const notKept: Readonly<Record<string, Omit<Judgement, "other">>> = {
  "Subscription-example.json": {
    place: /^Subscription\.channel\.payload$/u,
    why: "notifications hold ids, never resources",
  },
  "Subscription-example-error.json": {
    place: /^Subscription\.channel\.payload$/u,
    why: "notifications hold ids, never resources",
  },
};
