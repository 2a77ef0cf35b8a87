import jsonata from "jsonata";
import type { Json } from "../json.ts";
import { direct, unsure } from "./direct.ts";
import { awsFunctions, evaluationKey, type Evaluation } from "./functions.ts";
import { depthLimit, guard, levels, needsGuard } from "./guard.ts";
import { plainJson } from "./plain.ts";
import type { Surroundings } from "./scope.ts";
import { depth, references, type Node } from "./syntax.ts";

/** What an expression throws; the message is what Step Functions puts at the end of the cause. */
export class ExpressionError extends Error {}

export interface Expression {
  readonly source: string;
  readonly references: readonly {
    readonly name: string;
    readonly fields: readonly string[];
  }[];
  /** The JSON value or undefined ("returned nothing"), at once where that is certain, else a promise. Throws ExpressionError. */
  evaluate(
    surroundings: Surroundings,
  ): Json | undefined | Promise<Json | undefined>;
}

const milliseconds = 1000;

const explain = (error: unknown): ExpressionError => {
  if (error instanceof ExpressionError) return error;
  const { code, message } = error as { code?: string; message?: string };
  return new ExpressionError(
    code ? `${code}: ${message ?? ""}` : (message ?? String(error)),
  );
};

const prepare = (source: string) => {
  const expression = jsonata(source);
  const tree = expression.ast() as unknown as Node;
  const names = [...new Set(references(tree).map(({ name }) => name))];
  for (const [name, { signature, run }] of Object.entries(awsFunctions))
    expression.registerFunction(name, run as never, signature);
  expression.assign("eval", undefined);
  if (needsGuard(tree)) guard(expression, depthLimit(tree));
  return {
    expression,
    tree,
    names: names.filter(
      (name) => name !== "" && name !== "$" && name !== "states",
    ),
  };
};

const make = (source: string): Expression => {
  const { expression, tree, names } = prepare(source);
  const swift = depth(tree) > levels ? undefined : direct(tree);

  const slow = async (surroundings: Surroundings) => {
    const evaluation: Evaluation = {
      surroundings,
      depth: 0,
      deadline: performance.now() + milliseconds,
    };
    const bindings: Record<string, unknown> = {
      states: surroundings.states,
      [evaluationKey]: evaluation,
    };
    for (const name of names)
      if (name in surroundings.variables)
        bindings[name] = surroundings.variables[name];
    try {
      return plainJson(await expression.evaluate(undefined, bindings));
    } catch (error) {
      throw explain(error);
    }
  };
  return {
    source,
    references: references(tree),
    evaluate: (surroundings) => {
      const result = swift ? swift(surroundings) : unsure;
      return result === unsure
        ? slow(surroundings)
        : (result as Json | undefined);
    },
  };
};

const known = new Map<string, Expression>();

/** Parses the text between `{%` and `%}`, once per process. Throws what jsonata throws on a syntax error. */
export const expression = (source: string): Expression => {
  const found = known.get(source);
  if (found) return found;
  const made = make(source);
  known.set(source, made);
  return made;
};

/** The source of `{% … %}` when the braces span the entire string. */
export const expressionSource = (text: string): string | undefined =>
  text.length >= 4 && text.startsWith("{%") && text.endsWith("%}")
    ? text.slice(2, -2).trim()
    : undefined;
