import type { Json } from "./exact.ts";

interface Judgement {
  /** What a finding of ours must name. */
  readonly place: RegExp;
  readonly why: string;
  /** Why Medplum's validator, the second opinion, does not refuse it too; absent when it does. */
  readonly unseenByOther?: string;
}

/** Official examples that break R4. Each was read and judged. */
export const defective: Readonly<Record<string, Judgement>> = {
  "ActivityDefinition-blood-tubes-supply.json": {
    place: /^ActivityDefinition\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    unseenByOther: "does not look into narratives",
  },
  "ActivityDefinition-heart-valve-replacement.json": {
    place: /^ActivityDefinition\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    unseenByOther: "does not look into narratives",
  },
  "Questionnaire-zika-virus-exposure-assessment.json": {
    place: /^Questionnaire\.text$/u,
    why: "a narrative of white space alone (txt-2)",
    unseenByOther: "does not look into narratives",
  },
  "MedicationRequest-medrx0301.json": {
    place: /^MedicationRequest\.dispenseRequest\.performer\.reference$/u,
    why: "a practitioner where R4 has an organization only",
    unseenByOther: "warns of a reference's type, no more",
  },
  "Observation-clinical-gender.json": {
    place: /^Observation\.performer\[0\]\.reference$/u,
    why: "a device as performer",
    unseenByOther: "warns of a reference's type, no more",
  },
  "Questionnaire-qs1.json": {
    place: /^Questionnaire(\.item\[\d+\])+\.linkId$/u,
    why: "inner items without a linkId",
  },
};

/** Valid R4 that Medplum's validator refuses, and we do not. */
export const validAfterAll: Readonly<Record<string, string>> = {
  "Binary-example.json": "R4's pattern of base64Binary allows blanks",
};

interface Rule {
  readonly place: RegExp;
  readonly why: string;
  /** The example without what the rule forbids. */
  readonly without: (resource: Json) => Json;
}

const quiet: Rule = {
  place: /^Subscription\.channel\.(payload|header)$/u,
  why: "notifications hold ids and are signed: no resource as payload, no header of the subscriber's choice",
  without: ({ channel, ...rest }) => {
    const { payload: _, header: _header, ...kept } = channel as Json;
    return { ...rest, channel: kept };
  },
};

/** Valid R4 that we refuse by a rule of our own, on purpose; kept without what the rule forbids. */
export const forbidden: Readonly<Record<string, Rule>> = {
  "Subscription-example.json": quiet,
  "Subscription-example-error.json": quiet,
};
