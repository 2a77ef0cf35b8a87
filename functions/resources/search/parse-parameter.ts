import type { KnownType } from "../declaration.ts";
import {
  parametersOf,
  type Parameter,
  type ParameterType,
} from "./parameter.ts";
import type { Criterion, Modifier } from "./query.ts";
import { invalid, split, valueOf } from "./values.ts";

const modifiers: Readonly<Record<ParameterType, readonly Modifier[]>> = {
  string: ["exact", "contains", "missing"],
  token: ["not", "missing"],
  date: ["missing"],
  number: ["missing"],
  quantity: ["missing"],
  reference: ["identifier", "missing"],
  uri: ["missing"],
};

const maxAlternatives = 200;

/** Parameters that would narrow the answer and that we do not understand: to ignore them would answer too much. */
const refused = new Set([
  "_has",
  "_filter",
  "_query",
  "_list",
  "_text",
  "_content",
]);

/** One criterion of a search; undefined for a parameter that the type does not have. */
export const criterionOf = (
  type: KnownType,
  key: string,
  value: string,
): Criterion | undefined => {
  const [name = "", modifier, ...more] = key.split(":");
  if (refused.has(name)) throw invalid(name, "is not supported");
  const [head = "", ...chain] = name.split(".");
  const parameter = parametersOf(type).get(head);
  if (!parameter) return undefined;
  if (chain.length > 0 || more.length > 0 || modifier?.includes("."))
    throw invalid(head, "chained search is not supported");
  const { modifier: known, of } = modifierOf(parameter, modifier);
  const texts = split(value, ",");
  if (texts.length > maxAlternatives)
    throw invalid(head, `takes at most ${maxAlternatives} alternatives`);
  const [first, ...others] = texts.map((text) =>
    valueOf(parameter, known, of, text),
  );
  if (!first) throw invalid(head, "has no value");
  return { parameter, modifier: known, values: [first, ...others] };
};

const modifierOf = (
  { name, type, targets }: Parameter,
  text: string | undefined,
): { modifier: Modifier | undefined; of: string | undefined } => {
  if (text === undefined) return { modifier: undefined, of: undefined };
  const modifier = modifiers[type].find((each) => each === text);
  if (modifier) return { modifier, of: undefined };
  const isTarget =
    type === "reference" &&
    (targets?.has(text) ?? /^[A-Z][A-Za-z]+$/u.test(text));
  if (isTarget) return { modifier: undefined, of: text };
  throw invalid(
    name,
    `supports the modifiers ${modifiers[type].map((each) => `:${each}`).join(", ")}${type === "reference" ? " and :Type" : ""} only`,
  );
};
