import type { Patient } from "@medplum/fhirtypes";
import { usMinors } from "../../packs/minors/us.ts";
import { dayIn } from "./period.ts";
import { currentAddresses, zoneOf } from "./zone.ts";

/**
 * Whole years on a day (`2026-05-31`); undefined when nothing is known of the birth. A birth date without a day counts as its
 * first, and who was born on 29 February is a year older on 1 March.
 */
export const ageOf = (
  { birthDate }: Patient,
  on: string,
): number | undefined => {
  if (birthDate === undefined || !/^\d{4}(-\d\d){0,2}$/u.test(birthDate))
    return undefined;
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  const birthday = `${birthDate}-01-01`.slice(5, 10);
  return on.slice(5, 10) < birthday ? years - 1 : years;
};

/** Whether the patient is below the age of majority where they live; undefined when the age is not known. */
export const isMinor = (
  patient: Patient,
  now: string,
  zone = "UTC",
): boolean | undefined => {
  const age = ageOf(patient, dayOf(patient, now, zone));
  return age === undefined ? undefined : age < majorityOf(patient);
};

/** Years of age at which the patient is, or was, of age. */
export const majorityOf = (patient: Patient): number => {
  const { age, states } = usMinors.majority;
  const state = stateOf(patient);
  return states.find((one) => one.state === state)?.age ?? age;
};

/**
 * Whether data with these security labels stays between a minor and the clinic, because the minor may consent to such care
 * alone in one of the states: those given (`CA` or `us-ca`) and that of the patient's address. When the age is not known it is
 * for all that a minor of any age may consent to there. Where no state is known, or none of which we have the rule, the
 * pack's default counts.
 */
export const isTeenPrivate = (
  patient: Patient,
  labels: readonly string[],
  now: string,
  {
    states,
    zone,
  }: { readonly states: readonly string[]; readonly zone?: string },
): boolean => {
  const minor = isMinor(patient, now, zone);
  if (minor === false) return false;
  const age = ageOf(patient, dayOf(patient, now, zone)) ?? Infinity;
  const known = [stateOf(patient), ...states]
    .map((state = "") => state.toUpperCase().replace(/^US-/u, ""))
    .filter((state) => /^[A-Z]{2}$/u.test(state));
  return (known.length > 0 ? known : [""]).some((state) =>
    labels.some((label) => {
      const from = selfConsentAge(label, state);
      return from !== undefined && age >= from;
    }),
  );
};

/** The years from which a minor keeps to themself what carries the label; undefined for never. */
const selfConsentAge = (label: string, state: string): number | undefined => {
  const rules = usMinors.states[state] ?? usMinors.default;
  const ages = rules
    .filter(({ kinds }) =>
      kinds.some((kind) => usMinors.kinds[kind].includes(label)),
    )
    .flatMap(({ from }) => (from === "never" ? [] : from));
  return ages.length > 0 ? Math.min(...ages) : undefined;
};

const stateOf = (patient: Patient): string | undefined =>
  currentAddresses(patient).find(({ country = "US" }) => country === "US")
    ?.state;

const dayOf = (patient: Patient, now: string, zone = "UTC"): string =>
  dayIn(zoneOf(patient, undefined, zone), now);
