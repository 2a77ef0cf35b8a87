import { isObject, type Json } from "./json.ts";
import {
  expression,
  expressionSource,
  ExpressionError,
  type Expression,
} from "./jsonata/expression.ts";
import type { Surroundings } from "./jsonata/scope.ts";

/** An expression of a state that could not be evaluated; `location` is the field as Step Functions names it (`Output/a/b[0]`). */
export class EvaluationFailure extends Error {
  readonly location: string;
  constructor(location: string, message: string) {
    super(message);
    this.location = location;
  }
}

/** A JSON value in which every string of the form `{% … %}` is an expression; keys are never evaluated. */
export type Template =
  | { readonly kind: "constant"; readonly value: Json }
  | {
      readonly kind: "expression";
      readonly expression: Expression;
      readonly location: string;
    }
  | { readonly kind: "array"; readonly items: readonly Template[] }
  | {
      readonly kind: "object";
      readonly fields: readonly (readonly [string, Template])[];
    };

const isConstant = (template: Template) => template.kind === "constant";

export const template = (value: unknown, location: string): Template => {
  if (typeof value === "string") {
    const source = expressionSource(value);
    return source === undefined
      ? { kind: "constant", value }
      : { kind: "expression", expression: expression(source), location };
  }
  if (Array.isArray(value)) {
    const items = value.map((item, i) => template(item, `${location}[${i}]`));
    return items.every(isConstant)
      ? { kind: "constant", value: value as Json }
      : { kind: "array", items };
  }
  if (isObject(value)) {
    const fields = Object.entries(value).map(
      ([key, item]) => [key, template(item, `${location}/${key}`)] as const,
    );
    return fields.every(([, field]) => isConstant(field))
      ? { kind: "constant", value: value as Json }
      : { kind: "object", fields };
  }
  return { kind: "constant", value: value as Json };
};

const prefix = (node: Extract<Template, { kind: "expression" }>) =>
  `The JSONata expression '${node.expression.source}' specified for the field '${node.location}'`;

const settled = (
  node: Extract<Template, { kind: "expression" }>,
  value: Json | undefined,
): Json => {
  if (value === undefined)
    throw new EvaluationFailure(
      node.location,
      `${prefix(node)} returned nothing (undefined).`,
    );
  return value;
};

const failed = (
  node: Extract<Template, { kind: "expression" }>,
  error: unknown,
): never => {
  if (!(error instanceof ExpressionError)) throw error;
  throw new EvaluationFailure(
    node.location,
    `${prefix(node)} threw an error during evaluation. ${error.message}`,
  );
};

const evaluateExpression = (
  node: Extract<Template, { kind: "expression" }>,
  surroundings: Surroundings,
): Json | Promise<Json> => {
  const value = node.expression.evaluate(surroundings);
  return value instanceof Promise
    ? value.then(
        (result) => settled(node, result),
        (error: unknown) => failed(node, error),
      )
    : settled(node, value);
};

// One after the other, so that the first expression in the document order is the one that is reported.
const inOrder = async (
  parts: readonly Template[],
  surroundings: Surroundings,
): Promise<Json[]> => {
  const values: Json[] = [];
  for (const part of parts) values.push(await evaluate(part, surroundings));
  return values;
};

const assemble = (
  parts: readonly Template[],
  surroundings: Surroundings,
): Json[] | Promise<Json[]> => {
  const values: Json[] = [];
  for (const part of parts) {
    const value = evaluate(part, surroundings);
    if (value instanceof Promise) {
      return value.then(async (first) => [
        ...values,
        first,
        ...(await inOrder(parts.slice(values.length + 1), surroundings)),
      ]);
    }
    values.push(value);
  }
  return values;
};

const zip = (
  fields: readonly (readonly [string, Template])[],
  values: readonly Json[],
): Json => {
  const result: Record<string, Json> = {};
  for (const [i, [key]] of fields.entries()) result[key] = values[i] as Json;
  return result;
};

/** The template's value, at once when no expression needs jsonata's own evaluator. Throws (or rejects with) EvaluationFailure. */
export const evaluate = (
  node: Template,
  surroundings: Surroundings,
): Json | Promise<Json> => {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "expression":
      return evaluateExpression(node, surroundings);
    case "array":
      return assemble(node.items, surroundings);
    case "object": {
      const values = assemble(
        node.fields.map(([, field]) => field),
        surroundings,
      );
      return values instanceof Promise
        ? values.then((all) => zip(node.fields, all))
        : zip(node.fields, values);
    }
  }
};
