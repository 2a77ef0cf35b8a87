import { nicknames } from "../../packs/nicknames/en.ts";
import { isNear } from "./match-distance.ts";
import type { Identity, PersonName } from "./match-identity.ts";

export const fields = [
  "identifier",
  "given",
  "family",
  "birthdate",
  "gender",
  "phone",
  "email",
  "address",
] as const;
export type Field = (typeof fields)[number];

/** `fuzzy`: alike, though not the same; `missing`: one of the two does not say. */
export type Likeness = "agreed" | "fuzzy" | "disagreed" | "missing";
export type Comparison = Readonly<Record<Field, Likeness>>;

/** How two patients compare, once for each pair of their names. */
export const comparisons = (
  one: Identity,
  other: Identity,
): readonly Comparison[] => {
  const rest = {
    identifier: identifiers(one, other),
    birthdate: values(
      one.birthdate,
      other.birthdate,
      (a, b) => isSwapped(a, b) || isNear(digits(a), digits(b)),
    ),
    gender: values(one.gender, other.gender, () => false),
    phone: values(one.phone, other.phone, isNear),
    email: values(one.email, other.email, isNear),
    address: values(one.address, other.address, isNear),
  };
  const pairs = one.names.flatMap((name) =>
    other.names.map((against) => names(name, against)),
  );
  const unnamed = { given: "missing", family: "missing" } as const;
  return (pairs.length > 0 ? pairs : [unnamed]).map((pair) => ({
    ...rest,
    ...pair,
  }));
};

/** What tells two patients apart, however much else agrees. */
export const conflicts = (
  one: Identity,
  other: Identity,
): readonly ("suffix" | "unique-identifier")[] => {
  const differ = (some: readonly string[], others: readonly string[]) =>
    some.length > 0 &&
    others.length > 0 &&
    !some.some((value) => others.includes(value));
  const unique = ({ identifiers: all }: Identity, system: string) =>
    all
      .filter((each) => each.isUnique && each.system === system)
      .map(({ value }) => value);
  const systems = one.identifiers.map(({ system }) => system);
  return [
    ...(differ(one.generations, other.generations) ? ["suffix" as const] : []),
    ...(systems.some((system) =>
      differ(unique(one, system), unique(other, system)),
    )
      ? ["unique-identifier" as const]
      : []),
  ];
};

const values = (
  some: readonly string[],
  others: readonly string[],
  alike: (one: string, other: string) => boolean,
): Likeness => {
  if (some.length === 0 || others.length === 0) return "missing";
  if (some.some((value) => others.includes(value))) return "agreed";
  return some.some((one) => others.some((other) => alike(one, other)))
    ? "fuzzy"
    : "disagreed";
};

const identifiers = (one: Identity, other: Identity): Likeness => {
  const common = one.identifiers.flatMap(({ system, value }) =>
    other.identifiers
      .filter((each) => each.system === system)
      .map((each) => each.value === value),
  );
  if (common.length === 0) return "missing";
  return common.includes(true) ? "agreed" : "disagreed";
};

const digits = (date: string): string => date.replaceAll("-", "");

const isSwapped = (one: string, other: string): boolean =>
  swapped(one) === other;

/** 1980-02-11 for 1980-11-02. */
export const swapped = (date: string): string =>
  `${date.slice(0, 4)}-${date.slice(8)}-${date.slice(5, 7)}`;

const names = (
  one: PersonName,
  other: PersonName,
): Pick<Comparison, "given" | "family"> => {
  const pair = {
    given: givenNames(one.given, other.given),
    family: familyNames(one.family, other.family),
  };
  const isTurned =
    pair.given !== "agreed" &&
    givenNames(one.given, other.family) === "agreed" &&
    givenNames(one.family, other.given) === "agreed";
  return isTurned ? { given: "agreed", family: "fuzzy" } : pair;
};

const joined = (parts: readonly string[]): string => parts.join("");

const familyNames = (
  one: readonly string[],
  other: readonly string[],
): Likeness => {
  if (one.length === 0 || other.length === 0) return "missing";
  if (joined(one) === joined(other)) return "agreed";
  return isNear(joined(one), joined(other)) || isWithin(one, other)
    ? "fuzzy"
    : "disagreed";
};

/** The first name counts; a further one that only one side has, or has as an initial, does not. */
const givenNames = (
  one: readonly string[],
  other: readonly string[],
): Likeness => {
  const [first = "", ...more] = one;
  const [otherFirst = "", ...otherMore] = other;
  if (first === "" || otherFirst === "") return "missing";
  const isSame = joined(one) === joined(other);
  if (isSame && !isInitial(joined(one))) return "agreed";
  const moreAgree = more.every((word, index) => {
    const against = otherMore[index] ?? word;
    return word === against || isShort(word, against);
  });
  if (first === otherFirst && !isInitial(first) && moreAgree) return "agreed";
  return isSame ||
    first === otherFirst ||
    isShort(first, otherFirst) ||
    isNear(first, otherFirst) ||
    isNear(joined(one), joined(other)) ||
    isNickname(first, otherFirst) ||
    isWithin(one, other)
    ? "fuzzy"
    : "disagreed";
};

/** A letter alone: an initial in Latin script, a whole name in others. */
const isInitial = (word: string): boolean => /^[a-z]$/u.test(word);

const isShort = (one: string, other: string): boolean =>
  (isInitial(one) && other.startsWith(one)) ||
  (isInitial(other) && one.startsWith(other));

/** `Lopez` in `García López`, and the same words in another order; particles and initials alone are in nobody's name. */
const isWithin = (
  one: readonly string[],
  other: readonly string[],
): boolean => {
  const [short, long] =
    one.length <= other.length ? [one, other] : [other, one];
  return (
    short.some((word) => word.length > 2) &&
    short.every((word) => long.includes(word))
  );
};

const isNickname = (one: string, other: string): boolean =>
  nicknames.groups.some(
    (group) => group.includes(one) && group.includes(other),
  );
