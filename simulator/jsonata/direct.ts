import { isObject } from "../json.ts";
import { present } from "../present.ts";
import type { Node } from "./syntax.ts";
import type { Surroundings } from "./scope.ts";

/** Said by a direct evaluator that has met something it leaves to jsonata. */
export const unsure = Symbol("unsure");

type Direct = (surroundings: Surroundings) => unknown;

const inherited = (name: string) => name in Object.prototype;
const plain = (node: Node, ...keys: string[]) =>
  Object.entries(node).every(
    ([key, value]) =>
      key === "type" ||
      key === "position" ||
      keys.includes(key) ||
      value === undefined,
  );
const isPrimitive = (value: unknown) =>
  value === null || typeof value !== "object";

const variable = (node: Node): Direct | undefined => {
  const name = node.value as string;
  if (!plain(node, "value") || name === "" || name === "$" || inherited(name))
    return undefined;
  if (name === "states") return ({ states }) => states;
  return ({ variables }) => (name in variables ? variables[name] : unsure);
};

/** `$list[$index]`, when that is one object of the list. */
const element = (node: Node): Direct | undefined => {
  const [filter, ...more] = node.predicate ?? [];
  const { predicate: _predicate, ...bare } = node;
  const list = variable(bare);
  const index = filter?.type === "filter" && filter.expr && direct(filter.expr);
  if (!list || !index || more.length > 0 || node.value === "states")
    return undefined;
  return (surroundings) => {
    const [values, at] = [list(surroundings), index(surroundings)];
    if (!Array.isArray(values) || typeof at !== "number") return unsure;
    const value: unknown = values[at];
    return isObject(value) && !Array.isArray(value) ? value : unsure;
  };
};

const path = (node: Node): Direct | undefined => {
  const [first, ...rest] = node.steps ?? [];
  const start = first && (first.predicate ? element(first) : variable(first));
  if (!start || first.type !== "variable" || !plain(node, "steps"))
    return undefined;
  if (
    !rest.every(
      (step) =>
        step.type === "name" &&
        plain(step, "value") &&
        !inherited(step.value as string),
    )
  )
    return undefined;
  const names = rest.map((step) => step.value as string);
  return (surroundings) => {
    let value = start(surroundings);
    for (const name of names) {
      if (Array.isArray(value) || value === unsure) return unsure;
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  };
};

const compare: Record<
  string,
  (a: number | string, b: number | string) => boolean
> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
const calculate: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
};

const strict = (operator: string, a: unknown, b: unknown): unknown => {
  if (a === unsure || b === unsure) return unsure;
  if (operator === "=" || operator === "!=") {
    if (a === undefined || b === undefined) return false;
    return isPrimitive(a) && isPrimitive(b)
      ? (a === b) === (operator === "=")
      : unsure;
  }
  if (operator === "&")
    return typeof a === "string" && typeof b === "string" ? a + b : unsure;
  const comparison = compare[operator];
  if (comparison) {
    const alike =
      (typeof a === "number" && typeof b === "number") ||
      (typeof a === "string" && typeof b === "string");
    return alike ? comparison(a, b) : unsure;
  }
  const result =
    typeof a === "number" && typeof b === "number"
      ? calculate[operator]?.(a, b)
      : undefined;
  return Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)
    ? result
    : unsure;
};

const binary = (node: Node): Direct | undefined => {
  const lhs = direct(node.lhs as Node);
  const rhs = node.rhs && direct(node.rhs);
  const operator = node.value as string;
  if (!lhs || !rhs || !plain(node, "value", "lhs", "rhs")) return undefined;
  if (operator === "and" || operator === "or") {
    return (surroundings) => {
      const a = lhs(surroundings) ?? false;
      if (typeof a !== "boolean") return unsure;
      if (a === (operator === "or")) return a;
      const b = rhs(surroundings) ?? false;
      return typeof b === "boolean" ? b : unsure;
    };
  }
  const known =
    ["=", "!=", "&"].includes(operator) ||
    Object.hasOwn(compare, operator) ||
    Object.hasOwn(calculate, operator);
  return known
    ? (surroundings) => strict(operator, lhs(surroundings), rhs(surroundings))
    : undefined;
};

const condition = (node: Node): Direct | undefined => {
  const test = node.condition && direct(node.condition);
  const yes = node.then && direct(node.then);
  const no = node.else ? direct(node.else) : () => undefined;
  if (
    !test ||
    !yes ||
    !no ||
    !plain(node, "condition", "then", "else", "value")
  )
    return undefined;
  return (surroundings) => {
    const outcome = test(surroundings);
    return typeof outcome === "boolean"
      ? (outcome ? yes : no)(surroundings)
      : unsure;
  };
};

const object = (node: Node): Direct | undefined => {
  const pairs = node.lhs as readonly (readonly [Node, Node])[];
  const names = pairs.map(([key]) =>
    key.type === "string" && plain(key, "value") ? (key.value as string) : "",
  );
  const values = pairs.map(([, value]) => direct(value));
  if (!plain(node, "value", "lhs") || new Set(names).size < names.length)
    return undefined;
  if (
    names.some((name) => name === "" || inherited(name)) ||
    values.includes(undefined)
  )
    return undefined;
  return (surroundings) => {
    const result: Record<string, unknown> = {};
    for (const [i, evaluate] of values.entries()) {
      const value = evaluate?.(surroundings);
      if (value === unsure) return unsure;
      if (value !== undefined) result[present(names[i])] = value;
    }
    return result;
  };
};

const call = (node: Node): Direct | undefined => {
  const [only, ...more] = node.arguments ?? [];
  const argument = only && direct(only);
  const name = node.procedure?.value;
  if (
    !argument ||
    more.length > 0 ||
    !plain(node, "value", "arguments", "procedure") ||
    node.procedure?.type !== "variable"
  )
    return undefined;
  const counts = name === "count" && only.type === "variable";
  if (!counts && name !== "exists" && name !== "not") return undefined;
  return (surroundings) => {
    const value = argument(surroundings);
    if (value === unsure || name in surroundings.variables) return unsure;
    if (counts) return Array.isArray(value) ? value.length : unsure;
    if (name === "exists") return value !== undefined;
    return typeof value === "boolean" ? !value : unsure;
  };
};

/**
 * A synchronous evaluator for the expressions that only select, compare and assemble, or undefined for all others. Whatever is not certain to be the same as in jsonata (sequences, coercion,
 * errors) it answers with `unsure`.
 */
export const direct = (node: Node): Direct | undefined => {
  switch (node.type) {
    case "string":
    case "number":
    case "value":
      return plain(node, "value") ? () => node.value : undefined;
    case "variable":
      return variable(node);
    case "path":
      return path(node);
    case "binary":
      return binary(node);
    case "condition":
      return condition(node);
    case "function":
      return call(node);
    case "block":
      return node.expressions?.length === 1 && plain(node, "expressions")
        ? direct(present(node.expressions[0]))
        : undefined;
    case "unary":
      return node.value === "{" ? object(node) : undefined;
    default:
      return undefined;
  }
};
