import type { Patient } from "@medplum/fhirtypes";
import {
  comparisons,
  conflicts,
  fields,
  type Comparison,
  type Field,
  type Likeness,
} from "./match-fields.ts";
import {
  identityOf,
  type Identity,
  type MatchTerms,
} from "./match-identity.ts";
import {
  grades,
  matchRules,
  type Grade,
  type MatchRule,
} from "./match-rules.ts";

type Conflict = ReturnType<typeof conflicts>[number];

/** How sure it is that two patients are one person, and why: names of rules and fields, never values. */
export interface Match {
  readonly grade: Grade;
  /** 0 to 1 */
  readonly score: number;
  /** Absent when no rule holds. */
  readonly rule?: string;
  readonly agreed: readonly Field[];
  readonly fuzzy: readonly Field[];
  readonly disagreed: readonly (Field | Conflict)[];
  readonly missing: readonly Field[];
}

/** Grades two patients by the rule that says most. The order of the two does not matter. */
export const matchPatients = (
  one: Patient,
  other: Patient,
  terms: MatchTerms,
): Match => matchIdentities(identityOf(one, terms), identityOf(other, terms));

export const matchIdentities = (one: Identity, other: Identity): Match => {
  const against = conflicts(one, other);
  return comparisons(one, other)
    .map((comparison) => judged(comparison, against))
    .reduce((best, next) => (surer(next, best) < 0 ? next : best));
};

/** Sorts the surest first. */
export const surer = (one: Match, other: Match): number =>
  grades.indexOf(one.grade) - grades.indexOf(other.grade) ||
  other.score - one.score ||
  other.agreed.length - one.agreed.length ||
  (likenessOf(one) < likenessOf(other) ? -1 : 1);

/** Of two pairs of names that say equally much, always the same is told. */
const likenessOf = ({ agreed, fuzzy, disagreed }: Match): string =>
  [agreed, fuzzy, disagreed].map((some) => some.join()).join("|");

const judged = (
  comparison: Comparison,
  against: readonly Conflict[],
): Match => {
  const [best] = matchRules
    .flatMap((rule) => verdict(rule, comparison, against))
    .toSorted(
      (a, b) =>
        grades.indexOf(a.grade) - grades.indexOf(b.grade) || b.score - a.score,
    );
  const having = (likeness: Likeness): readonly Field[] =>
    fields.filter((field) => comparison[field] === likeness);
  return {
    ...(best ?? { grade: "none", score: 0 }),
    agreed: having("agreed"),
    fuzzy: having("fuzzy"),
    disagreed: [...having("disagreed"), ...against],
    missing: having("missing"),
  };
};

const fuzzyCosts = 0.02;
const bestUncertain = 0.89;

/** A conflict, and a given name that is only alike (twins are named alike), leave no certainty. */
const verdict = (
  { id, grade, score, needs, fuzzy = [], sameAge = false }: MatchRule,
  comparison: Comparison,
  against: readonly Conflict[],
): readonly Required<Pick<Match, "grade" | "score" | "rule">>[] => {
  const alike = needs.filter((field) => comparison[field] !== "agreed");
  const holds =
    alike.length <= 1 &&
    !(sameAge && comparison.birthdate === "disagreed") &&
    alike.every(
      (field) => comparison[field] === "fuzzy" && fuzzy.includes(field),
    );
  if (!holds) return [];
  const earned = Math.round((score - alike.length * fuzzyCosts) * 100) / 100;
  const doubted = against.length > 0 || alike.includes("given");
  return grade === "certain" && doubted
    ? [{ rule: id, grade: "probable", score: Math.min(earned, bestUncertain) }]
    : [{ rule: id, grade, score: earned }];
};
