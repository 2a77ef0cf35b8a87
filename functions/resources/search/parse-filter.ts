import { isKnown } from "../all.ts";
import type { KnownType } from "../declaration.ts";
import type { CountryCode } from "../normalise.ts";
import { parametersOf, type Parameter } from "./parameter.ts";
import { criterionOf } from "./parse-parameter.ts";
import type { Chain, Filter, Referrer } from "./query.ts";
import { deepest, stepOf, type Back, type Forward } from "./steps.ts";
import { invalid } from "./values.ts";

/** What one parameter adds to a filter. */
type Part = Pick<Filter, "criteria" | "chains" | "referrers">;

const nothing: Part = { criteria: [], chains: [], referrers: [] };

/** The filter that the parameter stands for; undefined for a parameter that the type does not have. Throws 400. */
export const partOf = (
  type: KnownType,
  [key, value]: readonly [string, string],
  country: CountryCode | undefined,
  depth = 0,
): Part | undefined => {
  const step = stepOf(key);
  if (step === undefined) {
    const criterion = criterionOf(type, key, value);
    return criterion && { ...nothing, criteria: [criterion] };
  }
  if (depth >= deepest)
    throw invalid(step.name, `follows at most ${deepest} references`);
  const next = [step.rest, value] as const;
  const below = { country, depth: depth + 1 };
  return "from" in step
    ? referrer(type, step, next, below)
    : chain(type, step, next, below);
};

interface Below {
  readonly country: CountryCode | undefined;
  readonly depth: number;
}

const chain = (
  type: KnownType,
  { name, of }: Forward,
  next: readonly [string, string],
  below: Below,
): Part | undefined => {
  const parameter = parametersOf(type).get(name);
  if (!parameter) return undefined;
  const [first, ...others] = targetsOf(parameter, of).flatMap(
    (target) => filterOf(target, next, below) ?? [],
  );
  if (!first)
    throw invalid(name, "what stands behind the dot is no parameter of its");
  const found: Chain = { parameter, filters: [first, ...others] };
  return { ...nothing, chains: [found] };
};

const targetsOf = (
  { name, type, targets }: Parameter,
  of: string | undefined,
): readonly KnownType[] => {
  if (type !== "reference")
    throw invalid(name, "is no reference, so nothing can stand behind a dot");
  if (of === undefined && targets === undefined)
    throw invalid(name, `may be of any type: name one, ${name}:Type.parameter`);
  const named = of === undefined ? [...(targets ?? [])] : [of];
  const kept = named.filter(isKnown);
  if (kept.length === 0 || (of !== undefined && targets?.has(of) === false))
    throw invalid(name, "does not refer to a type that is kept here");
  return kept;
};

const referrer = (
  type: KnownType,
  { from, by }: Back,
  next: readonly [string, string],
  below: Below,
): Part => {
  const parameter = isKnown(from) ? parametersOf(from).get(by) : undefined;
  const refersHere =
    parameter?.type === "reference" && (parameter.targets?.has(type) ?? true);
  const filter =
    isKnown(from) && refersHere ? filterOf(from, next, below) : undefined;
  if (!parameter || !filter)
    throw invalid(
      "_has",
      "takes _has:Type:reference:parameter, where the reference may lead here",
    );
  const found: Referrer = { parameter, filter };
  return { ...nothing, referrers: [found] };
};

const filterOf = (
  type: KnownType,
  pair: readonly [string, string],
  { country, depth }: Below,
): Filter | undefined => {
  const part = partOf(type, pair, country, depth);
  return part && { type, country, ...part };
};
