import type { Address, HumanName } from "@medplum/fhirtypes";
import { fold, words } from "../normalise.ts";
import type { Found } from "./extract.ts";
import type { Modifier } from "./query.ts";

const nameParts = ({
  text,
  family,
  given = [],
  prefix = [],
  suffix = [],
}: HumanName): readonly (string | undefined)[] => [
  text,
  family,
  ...given,
  ...prefix,
  ...suffix,
];

const addressParts = ({
  text,
  line = [],
  city,
  district,
  state,
  postalCode,
  country,
}: Address): readonly (string | undefined)[] => [
  text,
  ...line,
  city,
  district,
  state,
  postalCode,
  country,
];

/** The texts of a value: one, or the parts of a name or an address. */
export const partsOf = ({ datatype, value }: Found): readonly string[] => {
  if (datatype === "HumanName")
    return nameParts(value as HumanName).filter(
      (part) => typeof part === "string",
    );
  if (datatype === "Address")
    return addressParts(value as Address).filter(
      (part) => typeof part === "string",
    );
  return typeof value === "string" ? [value] : [];
};

/**
 * A part begins with the text, without case and marks. Names and addresses also match when each word asked for begins a
 * word of theirs: people search `maria garcia`, and R4 leaves to the server how the parts make up a whole.
 */
export const matchesString = (
  text: string,
  modifier: Modifier | undefined,
  found: Found,
): boolean => {
  const parts = partsOf(found);
  if (modifier === "exact") return parts.includes(text);
  const asked = fold(text);
  const folded = parts.map(fold);
  if (modifier === "contains")
    return folded.some((part) => part.includes(asked));
  if (folded.some((part) => part.startsWith(asked))) return true;
  const wanted = words(asked);
  const have = folded.flatMap(words);
  return (
    (found.datatype === "HumanName" || found.datatype === "Address") &&
    wanted.length > 0 &&
    wanted.every((word) => have.some((each) => each.startsWith(word)))
  );
};
