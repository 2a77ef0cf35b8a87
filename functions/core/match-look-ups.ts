import type { Patient } from "@medplum/fhirtypes";
import { fold, longestFragment, words } from "../resources/normalise.ts";
import { swapped } from "./match-fields.ts";
import {
  socialSecurity,
  type Identity,
  type PersonIdentifier,
  type PersonName,
} from "./match-identity.ts";
import { realWords } from "./match-placeholders.ts";

/** A list of the index of patients, and the value to look up in it. */
export interface LookUp {
  readonly list: string;
  readonly key: readonly string[];
}

/** Of one kind, so many are looked up. */
const most = 8;

/**
 * The lists in which whoever matches certainly stands, and nearly everybody who matches probably. Each is as long as the
 * number of people who share the value, however many patients there are.
 */
export const lookUpsOf = (
  { name = [] }: Patient,
  { identifiers, phone, email, birthdate, names }: Identity,
): readonly LookUp[] => {
  const families = [
    ...new Set([
      ...name.flatMap(({ family = "" }) =>
        realWords(words(family)).length > 0 ? [fold(family)] : [],
      ),
      ...names.flatMap(spellings),
    ]),
  ].slice(0, most);
  const all = [
    ...identifiers.flatMap(written),
    ...phone.slice(0, most).map((value) => ({ list: "phone", key: [value] })),
    ...email.slice(0, most).map((value) => ({ list: "email", key: [value] })),
    ...birthdate.flatMap((date) => [
      ...families.map((family) => born(date, family)),
      ...(date.slice(8) <= "12" && date !== swapped(date)
        ? families.map((family) => born(swapped(date), family))
        : []),
      ...names
        .slice(0, 2)
        .flatMap(({ given: [first] }) =>
          first === undefined
            ? []
            : [{ list: "birthdate-given", key: [date, first] }],
        ),
      // Names given in the other order.
      ...names
        .slice(0, 2)
        .flatMap(({ given }) =>
          given.length > 0 ? [born(date, given.join(" "))] : [],
        ),
    ]),
  ];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
};

const born = (date: string, family: string): LookUp => ({
  list: "birthdate-family",
  key: [date, family],
});

/** An index of identifiers keeps them as written; social security numbers are written in two ways. */
const written = ({ system, value }: PersonIdentifier): readonly LookUp[] =>
  (system === socialSecurity
    ? [value, value.replace(/^(...)(..)(....)$/u, "$1-$2-$3")]
    : [value]
  ).map((text) => ({ list: "identifier", key: [system, text] }));

/** `de la Cruz`, `de-la-cruz` and `delacruz` are filed apart; of `García López` each name alone may be on file. */
const spellings = ({ family }: PersonName): readonly string[] =>
  family.length === 0
    ? []
    : [
        ...[" ", "-", ""].map((between) => family.join(between)),
        ...family.filter((word) => word.length > 2),
      ];

/**
 * Pairs of lists whose common patients have about this name, for who has no birth date. These lists grow with the number
 * of patients.
 */
export const namesOf = ({
  names,
  birthdate,
}: Identity): readonly (readonly [LookUp, LookUp])[] =>
  names.slice(0, 2).flatMap(({ given: [first], family }) => {
    const [longest] = family.toSorted((a, b) => b.length - a.length);
    if (first === undefined || longest === undefined || birthdate.length > 0)
      return [];
    return [[byName(first), byName(longestFragment(longest))] as const];
  });

const byName = (word: string): LookUp => ({ list: "name", key: [word] });
