import type { Patient } from "@medplum/fhirtypes";
import { contactEntries, distinct, nameEntries } from "./contact-index.ts";
import type { Declaration, Entry } from "./declaration.ts";
import { fold, words, type CountryCode } from "./normalise.ts";

/** Of a resource's 40 entries, so many are the names', phones' and e-mails'; the rest is left to identifiers. */
const entryLimit = 32;

/** `country` is the organization's: numbers written without a country code are read as dialled there. */
const index = (
  { name = [], telecom, birthDate }: Patient,
  country?: CountryCode,
): readonly Entry[] =>
  distinct(
    [
      ...contactEntries(telecom, country),
      ...name.flatMap(({ family, given: [first] = [] }) => [
        ...born(birthDate, "birthdate-family", family),
        ...born(birthDate, "birthdate-given", words(first ?? "")[0]),
      ]),
      ...nameEntries(name),
    ],
    entryLimit,
  );

/** Who was born that day and has that name: found whatever is misspelt in the rest. */
const born = (
  birthDate: string | undefined,
  list: string,
  name: string | undefined,
): readonly Entry[] =>
  name && birthDate
    ? [{ list, key: [birthDate, fold(name)], hashed: true }]
    : [];

const died = ({ deceasedBoolean, deceasedDateTime }: Patient): boolean =>
  deceasedBoolean === true || deceasedDateTime !== undefined;

const merged = ({ link = [] }: Patient): boolean =>
  link.some(({ type }) => type === "replaced-by");

export const patient = {
  type: "Patient",
  home: "self",
  links: ["link.other"],
  index,
  event: (after, before) => {
    if (!after || !before) return undefined;
    if (died(after) && !died(before)) return "PatientDied";
    return merged(after) && !merged(before) ? "PatientMerged" : undefined;
  },
} as const satisfies Declaration<Patient>;
