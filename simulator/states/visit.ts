import type { Ending, State } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { record, type Execution, type Host } from "../execution.ts";
import type { Fiber } from "../fiber.ts";
import type { Data, Json } from "../json.ts";
import type { Scope, Surroundings } from "../jsonata/scope.ts";
import { evaluate, EvaluationFailure, type Template } from "../template.ts";

/** One visit to a state, from its entry to its exit, over all attempts. */
export interface Visit<S extends State = State> {
  readonly host: Host;
  readonly execution: Execution;
  readonly line: Fiber;
  readonly state: S;
  readonly input: Data;
  readonly variables: Scope;
  /** The item of the Map iteration that this is in. */
  readonly item?: Json | undefined;
  readonly enteredId: number;
  readonly enteredTime: string;
  retryCount: number;
  taskToken?: string | undefined;
  /** The event that the exit points at, when it is not the last one. */
  exitFrom?: number | undefined;
}

/** How an attempt went that did not fail. */
export interface Completion {
  readonly ending: Ending;
  readonly result?: Data | undefined;
}

const retryable = new Set<State["type"]>(["Task", "Parallel", "Map"]);

const contextObject = (visit: Visit, item = visit.item): Json => ({
  ...visit.execution.context,
  State: {
    Name: visit.state.name,
    EnteredTime: visit.enteredTime,
    ...(retryable.has(visit.state.type) && { RetryCount: visit.retryCount }),
  },
  ...(visit.taskToken !== undefined && { Task: { Token: visit.taskToken } }),
  ...(item !== undefined && { Map: { Item: item } }),
});

export const surroundings = (
  visit: Visit,
  more: { result?: Json; errorOutput?: Json; item?: Json } = {},
): Surroundings => {
  let context: Json | undefined;
  const { result, errorOutput, item } = more;
  return {
    states: {
      input: visit.input.value,
      // Made when it is first asked for: most expressions do not look at it.
      get context() {
        return (context ??= contextObject(visit, item));
      },
      ...(result !== undefined && { result }),
      ...(errorOutput !== undefined && { errorOutput }),
    },
    variables: visit.variables,
    now: visit.host.clock.now(),
    random: visit.host.random,
  };
};

const places = (visit: Visit) =>
  `An error occurred while executing the state '${visit.state.name}' (entered at the event id #${visit.enteredId}). `;

/** The cause of a failure that the interpreter itself finds. */
export const attributed = (visit: Visit, cause: string): string =>
  places(visit) + cause;

/** Records the failure of an expression and makes it the state's. */
export const evaluationFailed = (
  visit: Visit,
  { location, message }: EvaluationFailure,
  previous?: number,
): StateFailure => {
  const error = "States.QueryEvaluationError";
  const cause = attributed(visit, message);
  record(
    visit.host,
    visit.execution,
    visit.line,
    "EvaluationFailed",
    { cause, error, location, state: visit.state.name },
    previous,
  );
  return new StateFailure(error, cause);
};

const typeName = (value: Json): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** Evaluates a field that must have one of those types. */
export const typed = async (
  node: Template,
  against: Surroundings,
  field: { name: string; types: readonly string[] },
): Promise<Json> => {
  const value = await evaluate(node, against);
  if (field.types.includes(typeName(value))) return value;
  const subject =
    node.kind === "expression"
      ? `The JSONata expression '${node.expression.source}' specified for the field '${field.name}'`
      : `The field '${field.name}'`;
  throw new EvaluationFailure(
    field.name,
    `${subject} returned an unexpected result type. Expected '${field.types[0] ?? ""}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
  );
};

/** Evaluates a field that is a number of seconds, or any other count. */
export const count = async (
  node: Template | undefined,
  against: Surroundings,
  field: { name: string; most: number },
): Promise<number | undefined> => {
  if (!node) return undefined;
  const value = (await typed(node, against, {
    name: field.name,
    types: ["number"],
  })) as number;
  if (!Number.isInteger(value))
    throw new EvaluationFailure(
      field.name,
      `The ${field.name} field cannot be parsed as an integer: ${value}`,
    );
  if (value < 0 || value > field.most) {
    throw new EvaluationFailure(
      field.name,
      `${field.name} must be between 0 and ${field.most} but was: ${value}`,
    );
  }
  return value;
};
