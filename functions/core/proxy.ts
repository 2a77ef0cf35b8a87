import type {
  Consent,
  ConsentProvision,
  Patient,
  Period,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { speaksOfActing } from "./consent.ts";
import { ageOf, isMinor, majorityOf } from "./minors.ts";
import { isDuring, isOver } from "./period.ts";
import { zoneOf } from "./zone.ts";

export { ageOf, isTeenPrivate } from "./minors.ts";

/** By which right, and whether still, somebody acts for a patient. */
export interface Standing {
  readonly basis: "guardian" | "authorization" | "attorney";
  /** `RelatedPerson/<id>`. */
  readonly person: string;
  readonly state: "in-force" | "not-yet" | "expired" | "ended" | "aged-out";
}
type State = Standing["state"];

const best: readonly State[] = [
  "in-force",
  "not-yet",
  "aged-out",
  "expired",
  "ended",
];

/** Identifier system under which a RelatedPerson has the name of their portal user. */
const userSystem = "urn:sojourn:user";

interface Moment {
  readonly now: string;
  /** In whose days periods and birthdays count where the patient's own zone is not known. */
  readonly zone: string;
}

/**
 * How the portal's user stands to the patient; undefined for strangers. Parents and guardians act for minors, until
 * majority (45 CFR 164.502(g)(3)); for anybody, who has a power of attorney for health care (164.502(g)(2)) and whom an active
 * Consent permits by name (164.508). What a guardian signed ends with their right, and gives nobody more than that: whom
 * it permits, without conditions, stands as a guardian does. The best of several standings counts. While the birth date is
 * not known a guardian acts only up to an end that the record names.
 */
export const standingOf = (
  patient: Patient,
  persons: readonly RelatedPerson[],
  consents: readonly Consent[],
  { user, now, zone: fallback }: Moment & { readonly user: string },
): Standing | undefined => {
  const moment = { now, zone: zoneOf(patient, undefined, fallback) };
  return persons
    .filter(({ identifier = [] }) =>
      identifier.some(
        ({ system, value }) => system === userSystem && value === user,
      ),
    )
    .flatMap((person) => standings(patient, person, consents, moment))
    .toSorted(
      (one, other) => best.indexOf(one.state) - best.indexOf(other.state),
    )
    .at(0);
};

/** Who is contacted in a minor's place; none for adults. Without one the addresses that were given for the child are used. */
export const proxiesOf = (
  patient: Patient,
  relatedPersons: readonly RelatedPerson[],
  { now, zone: fallback }: Moment,
): readonly RelatedPerson[] => {
  const moment = { now, zone: zoneOf(patient, undefined, fallback) };
  return relatedPersons.filter(
    (person) =>
      isRelated(person, guardians) &&
      guardianState(patient, person, moment) === "in-force",
  );
};

const standings = (
  patient: Patient,
  person: RelatedPerson,
  consents: readonly Consent[],
  moment: Moment,
): readonly Standing[] => {
  const reference = `RelatedPerson/${person.id ?? ""}`;
  const own = personState(person, moment);
  return [
    ...(isRelated(person, guardians)
      ? [
          {
            basis: "guardian" as const,
            person: reference,
            state: guardianState(patient, person, moment),
          },
        ]
      : []),
    ...(isRelated(person, attorneys)
      ? [{ basis: "attorney" as const, person: reference, state: own }]
      : []),
    ...consents
      .filter(speaksOfActing)
      .flatMap((consent) => authorizations(patient, reference, consent, moment))
      .map((one) => (own === "in-force" ? one : { ...one, state: own })),
  ];
};

/** v3-RoleCode: who decides for a child. */
const guardians = [
  "PRN",
  "MTH",
  "FTH",
  "NMTH",
  "NFTH",
  "ADOPTP",
  "ADOPTM",
  "ADOPTF",
  "PRNFOST",
  "MTHFOST",
  "FTHFOST",
  "STPPRN",
  "STPMTH",
  "STPFTH",
  "GUARD",
];
/** v3-RoleCode: whom an adult has made their representative for health care. */
const attorneys = ["HPOWATT", "POWATT"];

const isRelated = (
  { relationship = [] }: RelatedPerson,
  codes: readonly string[],
): boolean =>
  relationship.some(({ coding = [] }) =>
    coding.some(({ code = "" }) => codes.includes(code)),
  );

const guardianState = (
  patient: Patient,
  person: RelatedPerson,
  moment: Moment,
): State => {
  const state = personState(person, moment);
  if (state !== "in-force") return state;
  const minor =
    isMinor(patient, moment.now, moment.zone) ??
    person.period?.end !== undefined;
  return minor ? "in-force" : "aged-out";
};

const personState = (
  { active, period }: RelatedPerson,
  moment: Moment,
): State => (active === false ? "ended" : periodState(period, moment));

/** An end that is no date is past. */
const periodState = (
  period: Period | undefined,
  { now, zone }: Moment,
): State => {
  if (period === undefined || isDuring(period, now, zone) === true)
    return "in-force";
  return period.end === undefined || isOver(period.end, now, zone) === false
    ? "not-yet"
    : "expired";
};

const authorizations = (
  patient: Patient,
  person: string,
  consent: Consent,
  moment: Moment,
): readonly Standing[] => {
  const whose = wordOf(patient, person, consent, moment);
  if (whose === "theirs") return [];
  return permissions(consent.provision, person)
    .filter((around) => whose !== "guardian" || around.every(isWhole))
    .map((around) => {
      const state = authorizationState(consent, around, moment);
      return {
        basis: whose === "guardian" ? "guardian" : "authorization",
        person,
        state: state === "in-force" && whose === "nobody" ? "aged-out" : state,
      };
    });
};

/** Each provision that permits by this name, with those around it. */
const permissions = (
  provision: ConsentProvision | undefined,
  person: string,
): readonly (readonly ConsentProvision[])[] => {
  if (provision === undefined) return [];
  const { type, actor = [], provision: inner = [] } = provision;
  const isNamed = actor.some(
    ({ reference: { reference } }) => reference === person,
  );
  return [
    ...(type === "permit" && isNamed ? [[provision]] : []),
    ...inner
      .flatMap((one) => permissions(one, person))
      .map((some) => [provision, ...some]),
  ];
};

const unconditional: readonly string[] = [
  "id",
  "type",
  "actor",
  "period",
  "provision",
];

/** Whether it speaks of the whole record, for whatever purpose. */
const isWhole = (provision: ConsentProvision): boolean =>
  Object.keys(provision).every((name) => unconditional.includes(name));

const authorizationState = (
  { status }: Consent,
  around: readonly ConsentProvision[],
  moment: Moment,
): State => {
  if (status === "draft" || status === "proposed") return "not-yet";
  if (status !== "active") return "ended";
  const states = around.map(({ period }) => periodState(period, moment));
  return best.findLast((state) => states.includes(state)) ?? "in-force";
};

/**
 * Whose word a Consent is that permits a person. A guardian's lasts while the patient is a minor, and is then nobody's; what
 * the person alone signed is theirs, and permits them nothing.
 */
const wordOf = (
  patient: Patient,
  person: string,
  { dateTime, meta, performer = [] }: Consent,
  { now, zone }: Moment,
): "patient" | "guardian" | "nobody" | "theirs" => {
  if (performer.some(({ reference }) => reference?.startsWith("Patient/")))
    return "patient";
  if (
    performer.length > 0 &&
    performer.every(({ reference }) => reference === person)
  )
    return "theirs";
  if (isMinor(patient, now, zone) === true) return "guardian";
  // What bears a date to come was signed no later than it was written down.
  const ages = [dateTime, meta?.lastUpdated].map((given) =>
    given === undefined ? undefined : ageOf(patient, given),
  );
  return ages.some((age) => age !== undefined && age < majorityOf(patient))
    ? "nobody"
    : "patient";
};
