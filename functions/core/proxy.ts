import type {
  Consent,
  ConsentProvision,
  Patient,
  Period,
  RelatedPerson,
} from "@medplum/fhirtypes";
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

/**
 * How the portal's user stands to the patient; undefined for strangers. Parents and guardians act for minors, until
 * majority (45 CFR 164.502(g)(3)); for anybody, who has a power of attorney for health care (164.502(g)(2)) and whom an active
 * Consent permits by name (164.508). What a guardian signed ends with their right. The best of several standings counts.
 * While the birth date is not known a guardian acts only up to an end that the record names.
 */
export const standingOf = (
  patient: Patient,
  persons: readonly RelatedPerson[],
  consents: readonly Consent[],
  user: string,
  now: string,
): Standing | undefined =>
  persons
    .filter(({ identifier = [] }) =>
      identifier.some(
        ({ system, value }) => system === userSystem && value === user,
      ),
    )
    .flatMap((person) => standings(patient, person, consents, now))
    .toSorted(
      (one, other) => best.indexOf(one.state) - best.indexOf(other.state),
    )
    .at(0);

/** Who is contacted in a minor's place; none for adults. Without one the addresses that were given for the child are used. */
export const proxiesOf = (
  patient: Patient,
  relatedPersons: readonly RelatedPerson[],
  now: string,
): readonly RelatedPerson[] =>
  relatedPersons.filter(
    (person) =>
      isRelated(person, guardians) &&
      guardianState(patient, person, now) === "in-force",
  );

const standings = (
  patient: Patient,
  person: RelatedPerson,
  consents: readonly Consent[],
  now: string,
): readonly Standing[] => {
  const reference = `RelatedPerson/${person.id ?? ""}`;
  const zone = zoneOf(patient, undefined, "UTC");
  const own = personState(person, now, zone);
  return [
    ...(isRelated(person, guardians)
      ? [
          {
            basis: "guardian" as const,
            person: reference,
            state: guardianState(patient, person, now),
          },
        ]
      : []),
    ...(isRelated(person, attorneys)
      ? [{ basis: "attorney" as const, person: reference, state: own }]
      : []),
    ...consents.flatMap((consent) =>
      permissions(consent.provision, reference).map((periods) => ({
        basis: "authorization" as const,
        person: reference,
        state:
          own === "in-force"
            ? authorizationState(patient, consent, { periods, now, zone })
            : own,
      })),
    ),
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
  now: string,
): State => {
  const zone = zoneOf(patient, undefined, "UTC");
  const state = personState(person, now, zone);
  if (state !== "in-force") return state;
  const minor = isMinor(patient, now) ?? person.period?.end !== undefined;
  return minor ? "in-force" : "aged-out";
};

const personState = (
  { active, period }: RelatedPerson,
  now: string,
  zone: string,
): State => (active === false ? "ended" : periodState(period, now, zone));

/** An end that is no date is past. */
const periodState = (
  period: Period | undefined,
  now: string,
  zone: string,
): State => {
  if (period === undefined || isDuring(period, now, zone) === true)
    return "in-force";
  return period.end === undefined || isOver(period.end, now, zone) === false
    ? "not-yet"
    : "expired";
};

/** The periods of each provision that permits by this name, with those around it. */
const permissions = (
  provision: ConsentProvision | undefined,
  person: string,
): readonly (readonly Period[])[] => {
  if (provision === undefined) return [];
  const { type, actor = [], period, provision: inner = [] } = provision;
  const around = period === undefined ? [] : [period];
  const isNamed = actor.some(
    ({ reference: { reference } }) => reference === person,
  );
  return [
    ...(type === "permit" && isNamed ? [around] : []),
    ...inner
      .flatMap((one) => permissions(one, person))
      .map((periods) => [...around, ...periods]),
  ];
};

const authorizationState = (
  patient: Patient,
  consent: Consent,
  {
    periods,
    now,
    zone,
  }: {
    readonly periods: readonly Period[];
    readonly now: string;
    readonly zone: string;
  },
): State => {
  if (consent.status === "draft" || consent.status === "proposed")
    return "not-yet";
  if (consent.status !== "active") return "ended";
  const states = periods.map((period) => periodState(period, now, zone));
  const worst = best.findLast((state) => states.includes(state)) ?? "in-force";
  return worst === "in-force" && isGuardiansWord(patient, consent, now)
    ? "aged-out"
    : worst;
};

/** Whether a Consent was given for a child who is of age by now. */
const isGuardiansWord = (
  patient: Patient,
  { dateTime, meta, performer = [] }: Consent,
  now: string,
): boolean => {
  const given = dateTime ?? meta?.lastUpdated;
  const age = given === undefined ? undefined : ageOf(patient, given);
  return (
    age !== undefined &&
    age < majorityOf(patient) &&
    isMinor(patient, now) === false &&
    !performer.some(({ reference }) => reference?.startsWith("Patient/"))
  );
};
