import type { Patient } from "@medplum/fhirtypes";
import { contactEntries, distinct, nameEntries } from "./contact-index.ts";
import type { Declaration, Entry } from "./declaration.ts";
import { fold, type CountryCode } from "./normalise.ts";

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
      ...name.flatMap(({ family }) =>
        family && birthDate
          ? [
              {
                list: "birthdate-family",
                key: [birthDate, fold(family)],
                hashed: true,
              },
            ]
          : [],
      ),
      ...nameEntries(name),
    ],
    entryLimit,
  );

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
