import type {
  Address,
  HumanName,
  Identifier,
  Patient,
} from "@medplum/fhirtypes";
import {
  countryOf,
  email,
  fold,
  identifierValue,
  phoneKey,
  words,
  type CountryCode,
} from "../resources/normalise.ts";
import {
  isRealAddress,
  isRealBirthDate,
  isRealEmail,
  isRealIdentifier,
  isRealPhone,
  realWords,
} from "./match-placeholders.ts";
import type { OrganizationSettings } from "./settings.ts";

export const socialSecurity = "http://hl7.org/fhir/sid/us-ssn";

/** What of the organization decides how patients are compared. */
export interface MatchTerms {
  /** Numbers written without a country code are read as dialled here. */
  readonly country: CountryCode | undefined;
  /** The organization's own number, which is entered for patients who have none. */
  readonly ownPhone: string;
  /** Identifier systems of which a person has one value. */
  readonly unique: ReadonlySet<string>;
}

export const matchTerms = ({
  phone,
  uniqueIdentifiers,
}: Pick<OrganizationSettings, "phone" | "uniqueIdentifiers">): MatchTerms => {
  const country = countryOf(phone);
  return {
    country,
    ownPhone: phoneKey(phone, country),
    unique: new Set([...uniqueIdentifiers, socialSecurity]),
  };
};

export interface PersonName {
  readonly given: readonly string[];
  readonly family: readonly string[];
}

export interface PersonIdentifier {
  readonly system: string;
  readonly value: string;
  /** A person has one of it, and it is in use: another value means another person. */
  readonly isUnique: boolean;
}

/** What of a patient is compared: folded, without placeholders. */
export interface Identity {
  readonly names: readonly PersonName[];
  /** 1 senior or first, 2 junior or second, and so on. */
  readonly generations: readonly string[];
  readonly birthdate: readonly string[];
  readonly gender: readonly string[];
  readonly phone: readonly string[];
  readonly email: readonly string[];
  readonly address: readonly string[];
  readonly identifiers: readonly PersonIdentifier[];
}

/** More of one kind are not compared: nobody has so many, and comparing takes time by pairs. */
const most = 12;

export const identityOf = (patient: Patient, terms: MatchTerms): Identity => {
  const { name = [], telecom = [], birthDate = "", gender } = patient;
  const { address = [], identifier = [] } = patient;
  const contacts = (systems: readonly string[]): readonly string[] =>
    telecom.flatMap(({ system = "", value }) =>
      value !== undefined && systems.includes(system) ? [value] : [],
    );
  const named = name.filter(({ use }) => use !== "anonymous").slice(0, most);
  return {
    names: named
      .map(nameOf)
      .filter(({ given, family }) => given.length > 0 || family.length > 0),
    generations: distinct(named.flatMap(generationsIn)),
    birthdate: isRealBirthDate(birthDate) ? [birthDate] : [],
    gender: gender === "female" || gender === "male" ? [gender] : [],
    phone: distinct(
      contacts(["phone", "sms"]).map((value) => phoneKey(value, terms.country)),
    ).filter((phone) => phone !== terms.ownPhone && isRealPhone(phone)),
    email: distinct(contacts(["email"]).map(email)).filter(isRealEmail),
    address: distinct(address.flatMap(addressIn)),
    identifiers: identifier
      .flatMap((one) => identifierIn(one, terms))
      .slice(0, most),
  };
};

const distinct = (values: readonly string[]): readonly string[] =>
  [...new Set(values)].slice(0, most);

const generations: Readonly<Record<string, string>> = {
  sr: "1",
  senior: "1",
  jr: "2",
  junior: "2",
  ii: "2",
  "2nd": "2",
  iii: "3",
  "3rd": "3",
  iv: "4",
  "4th": "4",
};

/** `Smith Jr`: the family name often carries what belongs into the suffix. */
const withoutGeneration = (all: readonly string[]): readonly string[] =>
  all.filter((word, index) => index === 0 || generations[word] === undefined);

const generationsIn = ({
  family = "",
  given = [],
  suffix = [],
}: HumanName): readonly string[] =>
  [
    ...suffix.flatMap(words),
    ...words(family).slice(1),
    ...words(given.join(" ")).slice(1),
  ].flatMap((word) => generations[word] ?? []);

const nameOf = (name: HumanName): PersonName => {
  const { family, given } = partsOf(name);
  const real = (text: string): readonly string[] =>
    withoutGeneration(realWords(words(text).slice(0, most)));
  return { given: real(given), family: real(family) };
};

const partsOf = ({
  family,
  given,
  text = "",
}: HumanName): { family: string; given: string } => {
  if (family !== undefined || given !== undefined)
    return { family: family ?? "", given: given?.join(" ") ?? "" };
  const [last = "", first] = text.split(",", 2);
  if (first !== undefined) return { family: last, given: first };
  const all = withoutGeneration(words(text));
  return {
    family: all.slice(1).slice(-1).join(""),
    given: all.slice(0, -1).join(" "),
  };
};

const streets: Readonly<Record<string, string>> = {
  street: "st",
  avenue: "ave",
  av: "ave",
  road: "rd",
  drive: "dr",
  lane: "ln",
  court: "ct",
  boulevard: "blvd",
  place: "pl",
  square: "sq",
  terrace: "ter",
  highway: "hwy",
  parkway: "pkwy",
  circle: "cir",
  apartment: "apt",
  unit: "apt",
  suite: "ste",
  north: "n",
  south: "s",
  east: "e",
  west: "w",
};

/** Lines with their street words shortened, and the postal code (of nine digits five) or else the town. */
const addressIn = ({
  line = [],
  city,
  postalCode,
}: Address): readonly string[] => {
  const street = fold(line.join(" "))
    .split(/[\s,.#]+/u)
    .filter((word) => word !== "")
    .map((word) => streets[word] ?? word)
    .join(" ");
  const place = postalCode
    ? fold(postalCode).replace(/^(\d{5})-?\d{4}$/u, "$1")
    : fold(city ?? "");
  return isRealAddress(street) && place !== "" ? [`${street}|${place}`] : [];
};

/** HL7 v2-0203: numbers that a family shares, whoever of it is meant. */
const shared = ["MB", "SN", "FI", "AN"];

const identifierIn = (
  { system = "", value, type, use }: Identifier,
  { unique }: MatchTerms,
): readonly PersonIdentifier[] => {
  if (value === undefined || system === "") return [];
  if (type?.coding?.some(({ code = "" }) => shared.includes(code))) return [];
  const isSocial = system === socialSecurity;
  if (!isRealIdentifier(value, isSocial)) return [];
  return [
    {
      system,
      value: isSocial ? value.replaceAll(/\D/gu, "") : identifierValue(value),
      isUnique: use !== "old" && unique.has(system),
    },
  ];
};
