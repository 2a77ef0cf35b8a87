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

/** What a token sorts by. */
export const tokenText = (found: Found): string =>
  readingsOf(found, undefined).map(({ code: own = "" }) => own)[0] ?? "";
