import type { Patient, RelatedPerson } from "@medplum/fhirtypes";
import { Temporal } from "temporal-polyfill";

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
  const birthday = Temporal.PlainDate.from(birthDate).add({ years: majority });
  return (
    Temporal.PlainDate.compare(
      Temporal.PlainDate.from(now.slice(0, 10)),
      birthday,
    ) < 0
  );
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
