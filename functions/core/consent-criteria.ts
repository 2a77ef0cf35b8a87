import type {
  CodeableConcept,
  Coding,
  ConsentProvision,
  ConsentProvisionActor,
} from "@medplum/fhirtypes";
import type { Channel } from "./settings.ts";
import { isDuring } from "./period.ts";

export interface ConsentQuestion {
  readonly use: "read" | "send";
  /** v3-PurposeOfUse: TREAT, HPAYMT, HOPERAT, PATRQT, ETREAT, HMARKT, HRESCH … */
  readonly purpose: string;
  /**
   * Everything that the recipient is known as: `staff:<id>`, `role:nurse`, `client:<name>`, `RelatedPerson/<id>`,
   * `patient:<id>`, `system:<name>`, `Practitioner/<id>` …
   */
  readonly recipients: readonly string[];
  /** Codes of the resource's security labels. */
  readonly labels: readonly string[];
  /** Resource type; a send is a Communication. */
  readonly type?: string;
  readonly channel?: Channel;
  readonly topic?: string;
  readonly now: string;
  /** In whose calendar days of a period count; UTC when absent. */
  readonly zone?: string;
}

/** `unknown`: a criterion that we cannot evaluate. */
export type Truth = "yes" | "no" | "unknown";

type Type = ConsentProvision["type"];
type Criterion = (
  provision: ConsentProvision,
  question: ConsentQuestion,
  type: Type,
) => Truth;

/** Whether all that a provision of the type names holds. */
export const speaksTo: Criterion = (provision, question, type) => {
  let truth: Truth = "yes";
  for (const criterion of criteria) {
    const one = criterion(provision, question, type);
    if (one === "no") return "no";
    if (one === "unknown") truth = "unknown";
  }
  return truth;
};

const period: Criterion = ({ period: named }, { now, zone = "UTC" }) => {
  const holds = named === undefined || isDuring(named, now, zone);
  return holds === undefined ? "unknown" : holds ? "yes" : "no";
};

/** Yes if one of them is meant; what is not understood may be meant. */
const anyOf = <T>(named: readonly T[], truthOf: (one: T) => Truth): Truth => {
  let truth: Truth = named.length === 0 ? "yes" : "no";
  for (const one of named) {
    const here = truthOf(one);
    if (here === "yes") return "yes";
    if (here === "unknown") truth = "unknown";
  }
  return truth;
};

const actor: Criterion = ({ actor: named = [] }, { recipients }) =>
  anyOf(named, (one) => recipient(one, recipients));

const identifierKinds: Readonly<Record<string, string>> = {
  "urn:sojourn:staff": "staff",
  "urn:sojourn:role": "role",
  "urn:sojourn:client": "client",
  "urn:sojourn:user": "user",
};

/** v3 roles of those whom data comes from, not of those whom it goes to. */
const sourceRoles = ["AUT", "AUTHOR", "CST", "CUST", "ENT", "INF", "SBJ"];

const recipient = (
  { role, reference: { reference, identifier } }: ConsentProvisionActor,
  recipients: readonly string[],
): Truth => {
  if (role.coding?.some(({ code = "" }) => sourceRoles.includes(code)) === true)
    return "unknown";
  if (reference?.startsWith("Patient/") === true)
    return among(`patient:${reference.slice("Patient/".length)}`, recipients);
  if (reference?.startsWith("RelatedPerson/") === true)
    return among(reference, recipients);
  const kind = identifierKinds[identifier?.system ?? ""];
  if (kind !== undefined && identifier?.value !== undefined)
    return among(`${kind}:${identifier.value}`, recipients);
  // A person whom the patient brought is none of the practitioners and organizations that other references mean.
  return recipients.includes(reference ?? "")
    ? "yes"
    : recipients.every((one) => /^(patient:|RelatedPerson\/)/u.test(one))
      ? "no"
      : "unknown";
};

const among = (name: string, recipients: readonly string[]): Truth =>
  recipients.includes(name) ? "yes" : "no";

/** To read is to get access, to use or to be disclosed to; and so is to be written to. */
const reaching = ["access", "use", "disclose"];

const action: Criterion = ({ action: named = [] }) =>
  anyOf(named.flatMap(codings), ({ code = "" }) =>
    reaching.includes(code)
      ? "yes"
      : code === "collect" || code === "correct"
        ? "no"
        : "unknown",
  );

const confidentiality = ["U", "L", "M", "N", "R", "V"];
const isConfidentiality = (code: string): boolean =>
  confidentiality.includes(code);

/** What a broader sensitivity covers: of a denial all of it; a permission names each, but for the law that names its subject. */
const narrower: Readonly<Record<string, readonly string[]>> = {
  "42CFRPart2": ["ETH", "SUD", "ETHUD", "OPIOIDUD"],
  ETH: ["42CFRPart2", "SUD", "ETHUD", "OPIOIDUD"],
  SUD: ["42CFRPart2", "ETH", "ETHUD", "OPIOIDUD"],
  BH: ["MH", "PSY", "PSYTHPN", "SUD", "ETHUD", "OPIOIDUD", "COGN", "EMOTDIS"],
  MH: ["PSY", "PSYTHPN"],
  SEX: ["STD"],
};
const law = "42CFRPart2";

/** A permission must name these (42 CFR 2.31; 45 CFR 164.508(a)(2)): none in general opens them. */
const subjectsOfTheirOwn = [
  ["42CFRPart2", "ETH", "SUD", "ETHUD", "OPIOIDUD"],
  ["PSYTHPN", "HIPAAPsyNotes"],
];

/** Whether a permission opens what is so labelled; what it does not open it may still refuse further in. */
export const namesSubjects = (
  { securityLabel: named = [] }: ConsentProvision,
  { labels }: ConsentQuestion,
): boolean =>
  subjectsOfTheirOwn.every(
    (subject) =>
      !labels.some((label) => subject.includes(label)) ||
      named.some(({ code = "" }) => subject.includes(code)),
  );

/**
 * A denial speaks of what carries any label it names, and of higher confidentiality; a permission only of what carries no
 * other sensitivity than it names, and of lower confidentiality. What is sensitive is restricted (R), all else normal (N).
 */
const securityLabel: Criterion = (
  { securityLabel: named = [] },
  { labels },
  type,
) => {
  if (named.length === 0) return "yes";
  if (named.some(({ code }) => code === undefined)) return "unknown";
  const codes = named.flatMap(({ code }) => code ?? []);
  const levels = codes
    .filter(isConfidentiality)
    .map((code) => confidentiality.indexOf(code));
  const subjects = codes.filter((code) => !isConfidentiality(code));
  const sensitive = labels.filter((label) => !isConfidentiality(label));
  const level = Math.max(
    confidentiality.indexOf(sensitive.length > 0 ? "R" : "N"),
    ...labels.map((label) => confidentiality.indexOf(label)),
  );
  const holds =
    type === "permit"
      ? (levels.length === 0 || level <= Math.max(...levels)) &&
        (subjects.length === 0 ||
          (sensitive.length > 0 &&
            sensitive.every(
              (label) =>
                subjects.includes(label) ||
                (label === law && subjects.some(isUnder(law))) ||
                (subjects.includes(law) && isUnder(law)(label)),
            )))
      : levels.some((one) => one <= level) ||
        subjects.some(
          (subject) =>
            sensitive.includes(subject) || sensitive.some(isUnder(subject)),
        );
  return holds ? "yes" : "no";
};

const isUnder =
  (subject: string) =>
  (label: string): boolean =>
    narrower[subject]?.includes(label) === true;

const purposeSystem = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/** v3-PurposeOfUse, release of 2018-08: what lies within what. */
const purposes = {
  HMARKT: "HMARKT",
  HOPERAT:
    "CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN HTEST LABELING MEMADMIN METAMGT MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN",
  HPAYMT: "CLMATTCH COVAUTH COVERAGE ELIGDTRM ELIGVER ENROLLM MILDCRG REMITADV",
  HRESCH: "BIORCH CLINTRCH CLINTRCHNPC CLINTRCHPC DSRCH POARCH TRANSRCH",
  PATRQT: "FAMRQT PWATRNY SUPNWK",
  PUBHLTH: "DISASTER THREAT",
  TREAT: "CLINTRL COC ETREAT BTG ERTREAT POPHLTH",
  ETREAT: "BTG ERTREAT",
};
const emergencies = ["ETREAT", "BTG", "ERTREAT"];
const within = new Map(
  Object.entries(purposes).map(([purpose, parts]) => [
    purpose,
    parts.split(" "),
  ]),
);
const knownPurposes = new Set([...within].flat(2));

/** Whether acting under the purpose is acting under the one that is named. */
export const isPurpose = (named: Coding, purpose: string): Truth => {
  const { system = purposeSystem, code = "" } = named;
  if (system !== purposeSystem || !knownPurposes.has(code)) return "unknown";
  if (code === purpose || within.get(code)?.includes(purpose) === true)
    return "yes";
  // Emergencies are never asked about as treatment in general; other parts of a purpose may be what is done.
  const isPart = within.get(purpose)?.includes(code) === true;
  return isPart && !(purpose === "TREAT" && emergencies.includes(code))
    ? "unknown"
    : "no";
};

const purpose: Criterion = ({ purpose: named = [] }, question) =>
  anyOf(named, (one) => isPurpose(one, question.purpose));

const typeSystems = [
  "http://hl7.org/fhir/resource-types",
  "http://hl7.org/fhir/fhir-types",
];

const contentClass: Criterion = (
  { class: named = [] },
  { use, type = use === "send" ? "Communication" : undefined },
) =>
  anyOf(named, ({ system = "", code }) =>
    type === undefined || !typeSystems.includes(system)
      ? "unknown"
      : code === type
        ? "yes"
        : "no",
  );

export const channelSystem = "urn:sojourn:channel";
export const topicSystem = "urn:sojourn:topic";

/** Our codes are channels and topics of messages; others mean content. */
const code: Criterion = ({ code: named = [] }, { use, channel, topic }) => {
  const all = named.flatMap(codings);
  const channels = codesIn(all, channelSystem);
  const topics = codesIn(all, topicSystem);
  if (use === "read" && channels.length + topics.length > 0) return "no";
  const truths: readonly Truth[] = [
    anyOf(channels, (one) => isMeant(one, channel)),
    anyOf(topics, (one) => isMeant(one, topic)),
  ];
  if (truths.includes("no")) return "no";
  return truths.includes("unknown") ||
    all.length > channels.length + topics.length
    ? "unknown"
    : "yes";
};

const isMeant = (one: string, asked: string | undefined): Truth =>
  asked === undefined ? "unknown" : one === asked ? "yes" : "no";

const notUnderstood: Criterion = ({ data, dataPeriod, modifierExtension }) =>
  data === undefined &&
  dataPeriod === undefined &&
  modifierExtension === undefined
    ? "yes"
    : "unknown";

const criteria: readonly Criterion[] = [
  period,
  actor,
  action,
  securityLabel,
  purpose,
  contentClass,
  code,
  notUnderstood,
];

/** Words without a code are not understood. */
const codings = ({ coding = [{}] }: CodeableConcept): readonly Coding[] =>
  coding;

export const codesIn = (
  all: readonly Coding[],
  wanted: string,
): readonly string[] =>
  all.flatMap(({ system, code: found }) =>
    system === wanted && found !== undefined ? [found] : [],
  );
