import type {
  CodeableConcept,
  Coding,
  ContactPoint,
  Identifier,
} from "@medplum/fhirtypes";
import {
  code,
  email,
  identifierValue,
  phoneKey,
  words,
  type CountryCode,
} from "../normalise.ts";
import type { Found } from "./extract.ts";
import type { Value } from "./query.ts";

type Token = Extract<Value, { kind: "token" }>;

/** One way to read a value as `system|code`. */
interface Reading {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  /** How the asked code and this one are made comparable. */
  readonly normal: (text: string) => string;
}

const exactly = (text: string): string => text;

export const matchesToken = (
  asked: Token,
  found: Found,
  country: CountryCode | undefined,
): boolean =>
  readingsOf(found, country).some(
    ({ system, code: own, normal }) =>
      (asked.system === undefined || asked.system === (system ?? "")) &&
      (asked.code === undefined
        ? own !== undefined
        : own !== undefined && normal(asked.code) === normal(own)),
  );

const coding = ({ system, code: own }: Coding): Reading => ({
  system,
  code: own,
  normal: code,
});

const readingsOf = (
  { datatype, value }: Found,
  country: CountryCode | undefined,
): readonly Reading[] => {
  if (value === undefined || value === null) return [];
  switch (datatype) {
    case "CodeableConcept":
      return ((value as CodeableConcept).coding ?? []).map(coding);
    case "Coding":
      return [coding(value)];
    case "Identifier": {
      const { system, value: own } = value as Identifier;
      return [{ system, code: own, normal: identifierValue }];
    }
    case "ContactPoint":
      return [contact(value, country)];
    case "exists":
      return [{ code: "true", normal: exactly }];
    case "code":
      return [{ code: text(value), normal: code }];
    default:
      return [{ code: text(value), normal: exactly }];
  }
};

const text = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "boolean"
    ? String(value)
    : undefined;

const contact = (
  { system, value }: ContactPoint,
  country: CountryCode | undefined,
): Reading => {
  const isPhone =
    system === "phone" ||
    system === "sms" ||
    system === "fax" ||
    system === "pager";
  return {
    system,
    code: value,
    normal: isPhone ? (text) => phoneKey(text, country) : email,
  };
};

/** `:text`: a word of what people read of the code begins so. */
export const matchesText = (asked: string, { value }: Found): boolean => {
  const { text: own, display, coding = [], type } = value as Readable;
  const wanted = words(asked);
  const have = [
    own,
    display,
    ...coding.map((each) => each.display),
    type?.text,
  ].flatMap((each) => (each === undefined ? [] : words(each)));
  return (
    wanted.length > 0 &&
    wanted.every((word) => have.some((each) => each.startsWith(word)))
  );
};

/** A CodeableConcept, a Coding or an Identifier. */
interface Readable {
  readonly text?: string;
  readonly display?: string;
  readonly coding?: readonly Coding[];
  readonly type?: CodeableConcept;
}

/** What a token sorts by. */
export const tokenText = (found: Found): string =>
  readingsOf(found, undefined).map(({ code: own = "" }) => own)[0] ?? "";
