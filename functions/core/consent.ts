import type { Consent, ConsentProvision } from "@medplum/fhirtypes";
import {
  channelSystem,
  codesIn,
  isPurpose,
  namesSubjects,
  speaksTo,
  type ConsentQuestion,
} from "./consent-criteria.ts";
import type { Channel, OrganizationSettings } from "./settings.ts";
import { isDuring } from "./period.ts";

export type { ConsentQuestion } from "./consent-criteria.ts";

export interface ConsentAnswer {
  readonly answer: "permitted" | "denied" | "silent";
  /** A restriction that the organization accepted speaks (45 CFR 164.522(a); GDPR Art. 18). */
  readonly restricted: boolean;
  /** Something else than such a restriction denies. */
  readonly refused: boolean;
  /** Ids of the Consents that decided. */
  readonly by: readonly string[];
}

/**
 * What a patient's Consents say to one read or send. A denial wins over a permission, whatever their dates; inside one
 * Consent the innermost provision that holds wins over those around it. What has ended, or is not active, says nothing.
 * What we cannot evaluate may hold: so it denies, and permits nothing.
 */
export const consentAnswer = (
  consents: readonly Consent[],
  question: ConsentQuestion,
): ConsentAnswer => {
  const answers = consents.map((consent) => ({
    consent,
    says: sayingOf(consent, question),
  }));
  const denials = answers.filter(({ says }) => says === "deny");
  const decisive =
    denials.length > 0
      ? denials
      : answers.filter(({ says }) => says === "permit");
  return {
    answer:
      denials.length > 0
        ? "denied"
        : decisive.length > 0
          ? "permitted"
          : "silent",
    restricted: denials.some(({ consent }) => isOf(consent, "restriction")),
    refused: denials.some(({ consent }) => !isOf(consent, "restriction")),
    by: decisive.flatMap(({ consent: { id } }) => id ?? []),
  };
};

/** What the answer is to the policies, to which restrictions are told apart from other denials. */
export const saidOfReading = ({
  answer,
  restricted,
  refused,
}: ConsentAnswer): Pick<ConsentAnswer, "restricted"> & {
  readonly consent: ConsentAnswer["answer"];
} => ({
  consent: answer === "denied" && !refused ? "silent" : answer,
  restricted,
});

/** Whether a Consent can matter to who reads; others are about contact only, or about treatment itself. */
export const speaksOfReads = (consent: Consent): boolean =>
  !isOf(consent, "contact") && !isScope(consent, "treatment", "adr");

/** Whether a Consent can let somebody act for the patient in the portal. */
export const speaksOfActing = (consent: Consent): boolean =>
  speaksOfReads(consent) &&
  !isScope(consent, "research") &&
  !isOf(consent, confidentialCategory);

/** Whether an active Consent about contact refuses the topic on the channel. */
export const isRefused = (
  consents: readonly Consent[],
  channel: Channel,
  topic: string,
  now: string,
): boolean =>
  consentAnswer(
    consents.filter((consent) => isOf(consent, "contact")),
    {
      use: "send",
      purpose: "TREAT",
      recipients: [],
      labels: [],
      channel,
      topic,
      now,
    },
  ).answer === "denied";

/** The channels that consent leaves for a topic; none means that the patient has opted out of it altogether. */
export const openChannels = (
  consents: readonly Consent[],
  topic: string,
  now: string,
  { channels }: OrganizationSettings,
): readonly Channel[] =>
  channels.filter((channel) => !isRefused(consents, channel, topic, now));

/** The active refusals that an opt-in on the channel takes back. */
export const refusalsOf = <T extends Consent>(
  consents: readonly T[],
  channel: Channel,
): readonly T[] =>
  consents.filter(
    (consent) =>
      consent.status === "active" &&
      isOf(consent, "contact") &&
      consent.provision?.type === "deny" &&
      codesIn(
        (consent.provision.code ?? []).flatMap(({ coding = [] }) => coding),
        channelSystem,
      ).includes(channel),
  );

/** The record of an opt-out: from now on nothing goes to the patient by this channel. */
export const optOut = (
  patientId: string,
  channel: Channel,
  at: string,
): Consent => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: scopeSystem, code: "patient-privacy" }] },
  category: [{ coding: [{ system: categorySystem, code: "contact" }] }],
  patient: { reference: `Patient/${patientId}` },
  dateTime: at,
  policyRule: {
    coding: [{ system: "urn:sojourn:policy", code: "contact-opt-out" }],
  },
  provision: {
    type: "deny",
    code: [{ coding: [{ system: channelSystem, code: channel }] }],
  },
});

export const categorySystem = "urn:sojourn:consent";
export const confidentialCategory = "confidential-communications";
const scopeSystem = "http://terminology.hl7.org/CodeSystem/consentscope";

const isOf = ({ category }: Consent, code: string): boolean =>
  category.some(({ coding = [] }) =>
    coding.some((one) => one.system === categorySystem && one.code === code),
  );

const isScope = ({ scope }: Consent, ...codes: readonly string[]): boolean =>
  scope.coding?.some(
    ({ system, code = "" }) => system === scopeSystem && codes.includes(code),
  ) === true;

type Type = NonNullable<ConsentProvision["type"]>;

const sayingOf = (
  consent: Consent,
  question: ConsentQuestion,
): Type | undefined => {
  if (consent.status !== "active") return undefined;
  if (isOf(consent, confidentialCategory))
    return hidesAddresses(consent, question) ? "deny" : undefined;
  if (!isAbout(consent, question)) return undefined;
  const { provision = {}, implicitRules, modifierExtension } = consent;
  const { deny, permit, silent } = outcomes(
    {
      ...provision,
      ...((implicitRules !== undefined || modifierExtension !== undefined) && {
        modifierExtension: [{ url: "urn:sojourn:not-understood" }],
      }),
    },
    question,
    {
      type: provision.type ?? baseOf(consent),
      isNamed: question.purpose !== "HMARKT" || isOf(consent, "contact"),
    },
  );
  if (deny) return "deny";
  return permit && !silent ? "permit" : undefined;
};

/** What tells where a patient asked to be reached. */
const addressed = ["Communication", "CommunicationRequest", "Consent", "Task"];

/** A patient's request for confidential communications keeps from who acts for them what tells of it (45 CFR 164.522(b)). */
const hidesAddresses = (
  consent: Consent,
  { use, recipients, type, now, zone = "UTC" }: ConsentQuestion,
): boolean =>
  use === "read" &&
  recipients.some((one) => one.startsWith("RelatedPerson/")) &&
  (type === undefined || addressed.includes(type)) &&
  isByPatient(consent) &&
  isDuring(consent.provision?.period ?? {}, now, zone) !== false;

/** Whether the patient made it, and not somebody who acts for them. */
export const isByPatient = ({ performer = [] }: Consent): boolean =>
  performer.length === 0 ||
  performer.some(({ reference }) => reference?.startsWith("Patient/"));

const isAbout = (
  consent: Consent,
  { use, purpose, recipients }: ConsentQuestion,
): boolean => {
  if (use === "read" && !speaksOfReads(consent)) return false;
  if (isScope(consent, "treatment", "adr")) return false;
  if (isScope(consent, "research"))
    return isPurpose({ code: "HRESCH" }, purpose) === "yes";
  // No Consent stands between patients and their own record (45 CFR 164.524).
  const { reference = "" } = consent.patient ?? {};
  return (
    use === "send" ||
    !recipients.includes(`patient:${reference.slice("Patient/".length)}`)
  );
};

const bases: Readonly<Record<string, Type>> = {
  OPTIN: "permit",
  OPTINR: "permit",
  OPTOUT: "deny",
  OPTOUTE: "deny",
};

/** What a root provision without a type does, as FHIR R4 has it: the base policy. */
const baseOf = ({ policyRule }: Consent): Type | undefined =>
  policyRule?.coding
    ?.map(({ code = "" }) => bases[code])
    .find((base) => base !== undefined);

/** What a provision may turn out to say, considering what we cannot evaluate. */
interface Outcomes {
  readonly deny: boolean;
  readonly permit: boolean;
  readonly silent: boolean;
}

const silence: Outcomes = { deny: false, permit: false, silent: true };

const outcomes = (
  provision: ConsentProvision,
  question: ConsentQuestion,
  {
    type,
    isNamed,
  }: {
    readonly type: Type | undefined;
    /** Marketing is permitted by name only (45 CFR 164.508(a)(3); 47 CFR 64.1200(f)(9)). */
    readonly isNamed: boolean;
  },
): Outcomes => {
  const holds = speaksTo(provision, question, type);
  if (holds === "no") return silence;
  const named =
    isNamed ||
    provision.purpose?.some(
      (one) => isPurpose(one, question.purpose) === "yes",
    ) === true;
  const inner = (provision.provision ?? [])
    .map((one) => outcomes(one, question, { type: one.type, isNamed: named }))
    .reduce(together, silence);
  const own =
    type === "permit" && !(named && namesSubjects(provision, question))
      ? undefined
      : type;
  return {
    deny: inner.deny || (inner.silent && own === "deny"),
    permit: inner.permit || (inner.silent && own === "permit"),
    silent: (inner.silent && own === undefined) || holds === "unknown",
  };
};

const together = (one: Outcomes, other: Outcomes): Outcomes => ({
  deny: one.deny || other.deny,
  permit:
    (one.permit && (other.permit || other.silent)) ||
    (other.permit && one.silent),
  silent: one.silent && other.silent,
});
