import { isDeepStrictEqual } from "node:util";
import { rangeOf } from "../dates.ts";
import { compile, type Expression, type Scope } from "./fhirpath.ts";
import { targetOf } from "../search/target.ts";
import { isNarrative } from "./narrative.ts";

/** An invariant of the definitions. */
export interface Rule {
  readonly key: string;
  readonly human: string;
  readonly holds: (value: Node) => boolean;
}

type Node = Scope["value"];

/** What a rule is about: its type, and which properties each choice element of it has. */
export type Context = Pick<Scope, "type" | "choices">;

export const rule = (
  key: string,
  [expression, human]: readonly [string, string],
  context: Context,
): Rule => ({
  key,
  human,
  holds: natively[key] ?? evaluating(expression, context),
});

/** Compiled at the first use: most rules are of datatypes that few resources have. */
const evaluating = (source: string, context: Context): Rule["holds"] => {
  let compiled: Expression | undefined;
  return (value) => {
    compiled ??= compile(source);
    return compiled([value], { ...context, value })[0] === true;
  };
};

/** What takes more than FHIRPath on JSON: dates of unequal precision, amounts with units, the text of a narrative. */
const natively: Readonly<Record<string, (value: Node) => boolean>> = {
  "per-1": ({ start, end }) => !isAfter(start, end),
  "inv-1": ({ authoredOn, lastModified }) => !isAfter(authoredOn, lastModified),
  "rng-2": ({ low, high }) => !isMore(low, high),
  "txt-1": ({ div }) => typeof div !== "string" || isNarrative(div),
  // The type of a choice.
  "que-7": ({ operator, answerBoolean }) =>
    operator !== "exists" || answerBoolean !== undefined,
  "ras-2": ({ probabilityDecimal }) =>
    typeof probabilityDecimal !== "number" || probabilityDecimal <= 100,
  // The resource referred to is not at hand: the type that its reference names is.
  "ctm-1": ({ onBehalfOf, member }) =>
    onBehalfOf === undefined || mayBe("Practitioner", member),
  "obs-7": (observation) => !hasValue(observation) || !repeatsCode(observation),
  // Part of txt-1.
  "txt-2": () => true,
  // Checked with the walk, which knows the contained resources.
  "ref-1": () => true,
};

export const isNative = (key: string): boolean => Object.hasOwn(natively, key);

const nodeOf = (value: unknown): Node =>
  typeof value === "object" && value !== null ? (value as Node) : {};

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : [];

const mayBe = (type: string, reference: unknown): boolean => {
  const named = targetOf(String(nodeOf(reference).reference)).type;
  return named === undefined || named === type;
};

const hasValue = (node: Node): boolean =>
  Object.keys(node).some((name) => /^_?value[A-Z]/u.test(name));

/** Whether a component of an observation has a coding of the whole. */
const repeatsCode = ({ code, component }: Node): boolean => {
  const own = listOf(nodeOf(code).coding);
  return listOf(component)
    .flatMap((each) => listOf(nodeOf(nodeOf(each).code).coding))
    .some((coding) => own.some((one) => isDeepStrictEqual(one, coding)));
};

/** Whether the first is certainly later than the second. */
const isAfter = (first: unknown, second: unknown): boolean => {
  if (typeof first !== "string" || typeof second !== "string") return false;
  const [earlier, later] = [rangeOf(first), rangeOf(second)];
  return (
    earlier !== undefined && later !== undefined && earlier.from >= later.to
  );
};

/** Whether the first is certainly more: amounts in different units are not compared. */
const isMore = (first: unknown, second: unknown): boolean => {
  const [a, b] = [nodeOf(first), nodeOf(second)];
  return (
    a.code === b.code && a.unit === b.unit && Number(a.value) > Number(b.value)
  );
};
