import type { ContactPoint, HumanName } from "@medplum/fhirtypes";
import type { Entry } from "./declaration.ts";
import {
  email,
  beginnings,
  phoneKey,
  words,
  type CountryCode,
} from "./normalise.ts";

const entry = (list: string, ...key: readonly string[]): Entry => ({
  list,
  key,
  hashed: true,
});

/** Look-ups by phone (SMS included) and e-mail. */
export const contactEntries = (
  telecom: readonly ContactPoint[] = [],
  country?: CountryCode,
): readonly Entry[] =>
  telecom.flatMap(({ system, value }) => {
    if (!value) return [];
    if (system === "phone" || system === "sms")
      return [entry("phone", phoneKey(value, country))];
    return system === "email" ? [entry("email", email(value))] : [];
  });

/** Look-ups by each word of each part of each name: names in use before old ones, beginnings before whole words. */
export const nameEntries = (
  names: readonly HumanName[] = [],
): readonly Entry[] => {
  const parts = names
    .toSorted((a, b) => Number(a.use === "old") - Number(b.use === "old"))
    .flatMap(({ family, given, text }) => [family, ...(given ?? []), text])
    .flatMap((part) => (part === undefined ? [] : words(part)));
  return [...parts.flatMap(beginnings), ...parts].map((part) =>
    entry("name", part),
  );
};

/** Each entry once, the first `limit` of them. */
export const distinct = (
  entries: readonly Entry[],
  limit: number,
): readonly Entry[] =>
  [
    ...new Map(
      entries.map((each) => [JSON.stringify([each.list, each.key]), each]),
    ).values(),
  ].slice(0, limit);
