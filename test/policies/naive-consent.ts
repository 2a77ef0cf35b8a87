import { usMinors } from "../../packs/minors/us.ts";
import type {
  Person,
  PlainConsent,
  PlainPatient,
  Provision,
} from "./decision-words.ts";

/** A read, as a Consent may speak of it. `person`: who reads acts for the patient. */
export interface Reading {
  readonly names: readonly string[];
  readonly purpose: string;
  readonly type: string;
  readonly labels: readonly string[];
}

export interface Said {
  readonly consent: "permitted" | "denied" | "silent";
  readonly restricted: boolean;
}

/** In every world, that is with every guess at what nobody knows, each Consent is read from the inside out. */
export const saidBy = (
  consents: readonly PlainConsent[],
  reading: Reading,
): Said => {
  const verdicts = consents
    .filter(({ status }) => status === "active")
    .map((consent) => ({ consent, verdict: verdictOf(consent, reading) }));
  const denials = verdicts.filter(({ verdict }) => verdict === "deny");
  const isPlainly = denials.some(
    ({ consent }) => consent.category !== "restriction",
  );
  return {
    consent: isPlainly
      ? "denied"
      : denials.length > 0
        ? "silent"
        : verdicts.some(({ verdict }) => verdict === "permit")
          ? "permitted"
          : "silent",
    restricted: denials.some(
      ({ consent }) => consent.category === "restriction",
    ),
  };
};

type Verdict = "permit" | "deny" | undefined;

const toldOfAddress = [
  "Communication",
  "CommunicationRequest",
  "Consent",
  "Task",
];

const verdictOf = (
  { category, scope, byPatient, provision }: PlainConsent,
  reading: Reading,
): Verdict => {
  if (category === "contact") return undefined;
  if (category === "confidential-communications")
    return reading.names.includes("person") &&
      toldOfAddress.includes(reading.type) &&
      byPatient &&
      (provision.when ?? "present") === "present"
      ? "deny"
      : undefined;
  if (scope === "treatment") return undefined;
  if (scope === "research" && reading.purpose !== "HRESCH") return undefined;
  const open = everything(provision).filter(
    (one) => truthOf(one, reading) === "unknown",
  );
  const worlds = Array.from({ length: 2 ** open.length }, (_, guess) =>
    said(provision, reading, false, (one) =>
      open.includes(one)
        ? Boolean(guess & (1 << open.indexOf(one)))
        : truthOf(one, reading) === "yes",
    ),
  );
  if (worlds.includes("deny")) return "deny";
  return worlds.every((world) => world === "permit") ? "permit" : undefined;
};

const everything = (provision: Provision): readonly Provision[] => [
  provision,
  ...provision.inner.flatMap(everything),
];

/** Marketing is permitted by name only, in the provision or around it. */
const said = (
  provision: Provision,
  reading: Reading,
  around: boolean,
  holds: (provision: Provision) => boolean,
): Verdict => {
  if (!holds(provision)) return undefined;
  const named =
    around ||
    reading.purpose !== "HMARKT" ||
    provision.purpose === reading.purpose;
  const inner = provision.inner.map((one) => said(one, reading, named, holds));
  if (inner.includes("deny")) return "deny";
  if (inner.includes("permit")) return "permit";
  return provision.type === "permit" &&
    !(named && namesProtected(provision, reading))
    ? undefined
    : provision.type;
};

const truthOf = (
  provision: Provision,
  { names, purpose, type, labels }: Reading,
): "yes" | "no" | "unknown" => {
  const isPerson = names.some((name) => /^(?:person$|patient:)/.test(name));
  const no =
    (provision.actor !== undefined &&
      (provision.actor === "clinic"
        ? isPerson
        : !names.includes(provision.actor))) ||
    (provision.purpose !== undefined &&
      provision.purpose !== purpose &&
      !(provision.purpose === "TREAT" && purpose === "ETREAT")) ||
    (provision.class !== undefined && provision.class !== type) ||
    (provision.when !== undefined && provision.when !== "present") ||
    (provision.labels !== undefined &&
      !speaksOf(provision.type, provision.labels, labels));
  if (no) return "no";
  return provision.mystery === true || provision.actor === "clinic"
    ? "unknown"
    : "yes";
};

const addiction = ["42CFRPart2", "ETH", "SUD", "ETHUD", "OPIOIDUD"];
const notes = ["PSYTHPN", "HIPAAPsyNotes"];

/** Addiction and a therapist's notes are permitted by their names only; who is refused more is not permitted by that. */
const namesProtected = (
  { labels: named = [] }: Provision,
  { labels: carried }: Reading,
): boolean =>
  [addiction, notes].every(
    (family) =>
      !carried.some((label) => family.includes(label)) ||
      named.some((label) => family.includes(label)),
  );

const levels = "ULMNRV";
const isLevel = (label: string): boolean =>
  label.length === 1 && levels.includes(label);
const wider: Readonly<Record<string, readonly string[]>> = {
  "42CFRPart2": addiction,
  ETH: addiction,
  SUD: addiction,
  BH: ["MH", "PSY", "PSYTHPN", "SUD", "ETHUD", "OPIOIDUD"],
  MH: ["PSY", "PSYTHPN"],
  SEX: ["STD"],
};

/** A denial means all that is at least so confidential, or of such a kind; a permission what is nothing else and nothing more. */
const speaksOf = (
  verdict: Provision["type"],
  named: readonly string[],
  carried: readonly string[],
): boolean => {
  const kinds = carried.filter((label) => !isLevel(label));
  const height = Math.max(
    levels.indexOf(kinds.length > 0 ? "R" : "N"),
    ...carried.filter(isLevel).map((label) => levels.indexOf(label)),
  );
  const namedLevels = named.filter(isLevel).map((one) => levels.indexOf(one));
  const namedKinds = named.filter((one) => !isLevel(one));
  if (verdict === "deny")
    return (
      namedLevels.some((level) => height >= level) ||
      namedKinds.some((kind) =>
        kinds.some((one) => one === kind || wider[kind]?.includes(one)),
      )
    );
  const lawNamed = namedKinds.includes("42CFRPart2");
  const isNamed = (kind: string): boolean =>
    namedKinds.includes(kind) ||
    (addiction.includes(kind) && lawNamed) ||
    (kind === "42CFRPart2" &&
      namedKinds.some((one) => addiction.includes(one)));
  return (
    (namedLevels.length === 0 || height <= Math.max(...namedLevels)) &&
    (namedKinds.length === 0 || (kinds.length > 0 && kinds.every(isNamed)))
  );
};

/** On the day of the question: years, or undefined when the birth is not known. */
const ageOn = ({ born }: PlainPatient, day: string): number | undefined => {
  if (born === undefined) return undefined;
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
};
const today = "2026-05-15";
const majority = 18;

export type Standing =
  | {
      readonly basis: "guardian" | "authorization" | "attorney";
      readonly state: "in-force" | "not-yet" | "aged-out" | "expired" | "ended";
    }
  | undefined;
type State = NonNullable<Standing>["state"];

const best: readonly State[] = [
  "in-force",
  "not-yet",
  "aged-out",
  "expired",
  "ended",
];
const stateAt = {
  past: "expired",
  present: "in-force",
  future: "not-yet",
} as const;

/** The best of all rights under which the person could act; of equal ones the one that tells them least. */
export const standingOf = (
  patient: PlainPatient,
  person: Person | undefined,
  consents: readonly PlainConsent[],
): Standing => {
  if (person === undefined) return undefined;
  const own: State = person.active
    ? stateAt[person.when ?? "present"]
    : "ended";
  const age = ageOn(patient, today);
  const rights: NonNullable<Standing>[] = [];
  if (person.relationship === "MTH") {
    // Without a birth date only up to an end that the record names.
    const isChild =
      age === undefined
        ? person.when === "past" || person.when === "present"
        : age < majority;
    rights.push({
      basis: "guardian",
      state: own === "in-force" && !isChild ? "aged-out" : own,
    });
  }
  if (person.relationship === "HPOWATT")
    rights.push({ basis: "attorney", state: own });
  for (const consent of consents.filter(isOfReading)) {
    // Who speaks for a minor passes on all of the own rights, and no others.
    const isGuardians =
      !consent.byPatient && age !== undefined && age < majority;
    for (const { times, isNarrowed } of permissionsIn(consent.provision, []))
      if (!isGuardians || !isNarrowed)
        rights.push({
          basis: isGuardians ? "guardian" : "authorization",
          state: own === "in-force" ? authorized(patient, consent, times) : own,
        });
  }
  return best
    .flatMap((state) => rights.filter((right) => right.state === state))
    .at(0);
};

const isOfReading = ({ category, scope }: PlainConsent): boolean =>
  scope === "patient-privacy" &&
  (category === "privacy" || category === "restriction");

interface Permission {
  readonly times: readonly State[];
  readonly isNarrowed: boolean;
}

/** The periods around each permission by name, and whether anything narrows it. */
const permissionsIn = (
  provision: Provision,
  around: readonly Provision[],
): readonly Permission[] => {
  const { type, actor, inner } = provision;
  const path = [...around, provision];
  const here: Permission = {
    times: path.flatMap(({ when }) =>
      when === undefined ? [] : stateAt[when],
    ),
    isNarrowed: path.some(
      ({ purpose, class: content, labels, mystery }) =>
        purpose !== undefined ||
        content !== undefined ||
        labels !== undefined ||
        mystery !== undefined,
    ),
  };
  return [
    ...(type === "permit" && actor === "person" ? [here] : []),
    ...inner.flatMap((one) => permissionsIn(one, path)),
  ];
};

const authorized = (
  patient: PlainPatient,
  { status, byPatient, given }: PlainConsent,
  times: readonly State[],
): State => {
  if (status === "draft" || status === "proposed") return "not-yet";
  if (status !== "active") return "ended";
  const worst = best.findLast((state) => times.includes(state)) ?? "in-force";
  if (worst !== "in-force") return worst;
  const then = ageOn(patient, given);
  const now = ageOn(patient, today);
  const isOutgrown =
    !byPatient &&
    then !== undefined &&
    now !== undefined &&
    then < majority &&
    now >= majority;
  return isOutgrown ? "aged-out" : "in-force";
};

/** Whether what is so labelled stays between a minor and the clinic, by the rules of any state that has a say. */
export const isTeenPrivate = (
  patient: PlainPatient,
  labels: readonly string[],
  packs: readonly string[],
): boolean => {
  // While the age is not known, whatever a minor of any age may consent to.
  const age = ageOn(patient, today) ?? majority - 1;
  if (age >= majority) return false;
  const states = [
    ...(patient.state === undefined ? [] : [patient.state]),
    ...["CA", "TX", "WA"].filter((state) =>
      packs.includes(`us-${state.toLowerCase()}`),
    ),
  ];
  const rules =
    states.length === 0
      ? [usMinors.default]
      : states.map((state) => usMinors.states[state] ?? usMinors.default);
  return rules
    .flat()
    .some(
      ({ kinds, from }) =>
        from !== "never" &&
        age >= from &&
        kinds.some((kind) =>
          usMinors.kinds[kind].some((label) => labels.includes(label)),
        ),
    );
};
