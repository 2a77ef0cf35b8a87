import type { Patient, RelatedPerson } from "@medplum/fhirtypes";

/** v3-RoleCode: who may be written to on behalf of a child. */
const guardians = [
  "PRN",
  "MTH",
  "FTH",
  "NMTH",
  "NFTH",
  "ADOPTP",
  "PRNFOST",
  "STPPRN",
  "GUARD",
  "POWATT",
  "HPOWATT",
  "SPOWATT",
];

/** Who is contacted in a minor's place; none for adults. Without one the addresses that were given for the child are used. */
export const proxiesOf = (
  patient: Patient,
  relatedPersons: readonly RelatedPerson[],
  now: string,
): readonly RelatedPerson[] =>
  isMinor(patient, now)
    ? relatedPersons.filter(
        (person) => isGuardian(person) && isInForce(person, now),
      )
    : [];

const majority = 18;

const isMinor = ({ birthDate }: Patient, now: string): boolean => {
  if (birthDate === undefined || birthDate.length < 10) return false;
  const birthday = `${String(Number(birthDate.slice(0, 4)) + majority)}${birthDate.slice(4)}`;
  return now.slice(0, 10) < birthday;
};

const isGuardian = ({ relationship = [] }: RelatedPerson): boolean =>
  relationship.some(({ coding = [] }) =>
    coding.some(({ code }) => code !== undefined && guardians.includes(code)),
  );

const isInForce = ({ active, period }: RelatedPerson, now: string): boolean =>
  active !== false &&
  (period?.start === undefined ||
    Date.parse(period.start) <= Date.parse(now)) &&
  (period?.end === undefined || Date.parse(now) <= Date.parse(period.end));
