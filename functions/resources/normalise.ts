import {
  parsePhoneNumberFromString,
  type CountryCode,
} from "libphonenumber-js/core";
import { plans } from "./numbering/plans.ts";

export type { CountryCode } from "libphonenumber-js/core";

/** The country whose numbering plan a phone number follows; an organization's own number names its default. */
export const countryOf = (phone: string): CountryCode | undefined => {
  const parsed = parsePhoneNumberFromString(phone, plans());
  // Shared plans (+1, +7, +44) do not tell their members apart without full metadata: their main country dials alike.
  return (
    parsed?.country ?? (parsed && mainCountries[parsed.countryCallingCode])
  );
};

const mainCountries: Readonly<Record<string, CountryCode>> = {
  "1": "US",
  "7": "RU",
  "44": "GB",
};

/** E.164, or undefined for what is no phone number. An extension is dropped: it does not reach a handset. */
export const phone = (
  text: string,
  country?: CountryCode,
): string | undefined => {
  const parsed = parsePhoneNumberFromString(
    text.normalize("NFKC").replace(/^\s*tel:/iu, ""),
    country === undefined ? {} : { defaultCountry: country },
    plans(),
  );
  return parsed?.isPossible() ? parsed.number : undefined;
};

/** What a phone number is looked up by: E.164, or the bare digits when its country is unknown. */
export const phoneKey = (text: string, country?: CountryCode): string =>
  phone(text, country) ?? text.normalize("NFKC").replace(/\D/gu, "");

/** Case is folded in the local part too: no mail system in use tells mailboxes apart by case. */
export const email = (text: string): string =>
  text
    .normalize("NFKC")
    .trim()
    .replace(/^mailto:/iu, "")
    .toLowerCase();

const untouched = /^[a-z0-9]*$/u;
/** Nobody looks for more of a text, and one character can fold into eighteen. */
const longestFolded = 10_000;

/** A name or an address line as people mean it: no case, no marks, single spaces. */
export const fold = (text: string): string => {
  if (untouched.test(text)) return text;
  let folded = text.slice(0, longestFolded);
  // Folding can bring about what folding removes (a capital that decomposes), so until nothing changes.
  for (let last = ""; last !== folded;) {
    last = folded;
    folded = folded
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toUpperCase()
      .toLowerCase()
      .normalize("NFKD")
      .replace(/[\p{M}\p{Cf}]/gu, "")
      // O'Brien, O’Brien and Obrien are one.
      .replace(/['’ʼ`´]/gu, "")
      .replace(/[‐‑‒–—]/gu, "-")
      .replace(/\s+/gu, " ")
      .trim();
  }
  return folded;
};

/** The words of a name, folded; hyphens part words too. */
export const words = (text: string): readonly string[] =>
  fold(text)
    .split(/[\s\-,.]+/u)
    .filter((word) => word !== "");

const prefixLengths = [8, 5, 3] as const;
/** Code points: a prefix never cuts a surrogate pair. */
const letters = (word: string): readonly string[] => Array.from(word);

/** What a word of a name is filed under besides itself: its first 3, 5 and 8 characters. */
export const beginnings = (word: string): readonly string[] =>
  prefixLengths
    .filter((length) => letters(word).length >= length)
    .map((length) => letters(word).slice(0, length).join(""));

/** What to look a word up by: the longest beginning that every word beginning with it shares; words under 3 characters match whole only. */
export const longestFragment = (word: string): string => {
  const all = letters(word);
  const length = prefixLengths.find((candidate) => candidate <= all.length);
  return length === undefined ? word : all.slice(0, length).join("");
};

/** Codes are compared without case (R4 3.1.1.4.10: unless the code system is known to be case sensitive). */
export const code = (text: string): string =>
  text.normalize("NFC").trim().toLowerCase();

/** Identifier values keep their case: two systems in use tell `a1` and `A1` apart. */
export const identifierValue = (text: string): string =>
  text.normalize("NFC").trim();

/** The UTC day of an instant or dateTime; a partial date has none. */
export const utcDay = (instant: string): string | undefined =>
  utcInstant(instant)?.slice(0, 10);

/** The same instant in UTC with milliseconds, so that text sorts by time. */
export const utcInstant = (instant: string): string | undefined => {
  const time = Date.parse(
    /^\d{4}-\d{2}-\d{2}/u.test(instant)
      ? instant.replace(/:60(?=[.Z+-])/u, ":59")
      : "",
  );
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};
