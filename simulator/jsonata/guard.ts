import type { Expression } from "jsonata";
import {
  EvaluationError,
  evaluationKey,
  memoryExceeded,
  type Evaluation,
} from "./functions.ts";
import { children, depth, somewhere, type Node } from "./syntax.ts";

// Measured on AWS by others: an evaluation may nest 100 levels and a value may hold this many bytes, a number being eight and a character one.
export const levels = 100;
const bytes = 6_990_256;

const overflow = (reached: number) =>
  new EvaluationError(
    `Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=${reached} max=${levels}`,
    { code: "U1001" },
  );
const timeout = () =>
  new EvaluationError(
    "Expression evaluation timeout: Check for infinite loop",
    { code: "U1001" },
  );

const members = (node: Node): number =>
  node.type !== "unary"
    ? 0
    : Array.isArray(node.lhs)
      ? node.lhs.length
      : (node.expressions?.length ?? 0);
const widest = (node: Node): number =>
  Math.max(members(node), ...children(node).map(widest));

/** jsonata evaluates the members of an object or array side by side, so that many more steps may be under way than are nested. */
export const depthLimit = (tree: Node): number => levels + widest(tree);

/** Only a function of the expression's own, a range or sheer length can exceed a limit. */
export const needsGuard = (tree: Node): boolean =>
  depth(tree) > levels ||
  somewhere(
    tree,
    (node) =>
      node.type === "lambda" ||
      node.value === ".." ||
      (node.type === "variable" && node.value === "pad"),
  );

interface Environment {
  lookup: (name: string | symbol) => unknown;
}

const size = (value: unknown): number =>
  Array.isArray(value)
    ? value.length * 8
    : typeof value === "string"
      ? value.length
      : 0;

export const guard = (expression: Expression, limit: number): void => {
  const hooks = expression as unknown as {
    assign: (name: symbol, hook: unknown) => void;
  };
  hooks.assign(
    Symbol.for("jsonata.__evaluate_entry"),
    (_node: unknown, _input: unknown, environment: Environment) => {
      const evaluation = environment.lookup(evaluationKey) as Evaluation;
      evaluation.depth += 1;
      if (evaluation.depth > limit)
        throw overflow(evaluation.depth - limit + levels);
      if (performance.now() > evaluation.deadline) throw timeout();
    },
  );
  hooks.assign(
    Symbol.for("jsonata.__evaluate_exit"),
    (
      _node: unknown,
      _input: unknown,
      environment: Environment,
      result: unknown,
    ) => {
      (environment.lookup(evaluationKey) as Evaluation).depth -= 1;
      if (size(result) > bytes) throw memoryExceeded();
    },
  );
};
