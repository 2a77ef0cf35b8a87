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
  token: ["not", "text", "missing"],
  date: ["missing"],
  number: ["missing"],
  quantity: ["missing"],
  reference: ["identifier", "missing"],
  uri: ["missing"],
};

const maxAlternatives = 200;

/** One criterion of a search; undefined for a parameter that the type does not have. */
export const criterionOf = (
  type: KnownType,
  key: string,
  value: string,
): Criterion | undefined => {
  const [head = "", modifier, ...more] = key.split(":");
  const parameter = parametersOf(type).get(head);
  if (!parameter) return undefined;
  if (more.length > 0) throw invalid(head, "takes one modifier");
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
