import type { MapState } from "../definition.ts";
import { RuntimeFailure, StateFailure } from "../errors.ts";
import { aside, record } from "../execution.ts";
import { fiber, park, type Fiber } from "../fiber.ts";
import { data, type Data, type Json } from "../json.ts";
import { innerScope } from "../jsonata/scope.ts";
import { limits } from "../limits.ts";
import { evaluate, EvaluationFailure } from "../template.ts";
import { cutAll, fork } from "./fork.ts";
import { abortedEvent } from "./parallel.ts";
import type { RunFlow } from "./run-flow.ts";
import {
  attributed,
  count,
  evaluationFailed,
  surroundings,
  typed,
  type Completion,
  type Visit,
} from "./visit.ts";

interface Iteration {
  readonly index: number;
  readonly line: Fiber;
  state: "preparing" | "running" | "finished";
}
const itemsOf = async (visit: Visit<MapState>): Promise<readonly Json[]> => {
  const all = visit.state.items ?? {
    kind: "constant",
    value: visit.input.value,
  };
  return (await typed(all, surroundings(visit), {
    name: "Items",
    types: ["array"],
  })) as readonly Json[];
};

const itemContext = (Index: number, Value: Json): Json => ({ Index, Value });

type Joined =
  | { readonly outputs: readonly Data[] }
  | { readonly failing: Iteration; readonly error: unknown };

interface Plan {
  readonly visit: Visit<MapState>;
  readonly items: readonly Json[];
  readonly atOnce: number;
  readonly started: number;
  readonly iterations: Iteration[];
  readonly runFlow: RunFlow;
}

/** One iteration; what it returns is its output and the event that the next one in its place starts from. */
const iterate = async (
  { visit, items, runFlow }: Plan,
  iteration: Iteration,
): Promise<{ output: Data; last: number }> => {
  const { host, execution, state } = visit;
  const { index, line } = iteration;
  const value = items[index] as Json;
  const item = itemContext(index, value);
  const selected =
    state.itemSelector &&
    (await evaluate(state.itemSelector, surroundings(visit, { item })));
  const details = { index, name: state.name };
  record(host, execution, line, "MapIterationStarted", details);
  iteration.state = "running";
  await Promise.resolve();
  const output = await runFlow(
    {
      host,
      execution,
      line,
      input: data(selected ?? value),
      variables: innerScope(visit.variables),
      item,
    },
    state.processor,
  );
  const last = line.tail;
  record(host, execution, line, "MapIterationSucceeded", details);
  return { output, last };
};

const join = (plan: Plan): Promise<Joined> => {
  const { visit, items, atOnce, iterations } = plan;
  return park(visit.host.clock, visit.line, (resume) => {
    const outputs: Data[] = [];
    let finished = 0;
    const start = (previous: number) => {
      const iteration: Iteration = {
        index: iterations.length,
        line: fiber(previous),
        state: "preparing",
      };
      iterations.push(iteration);
      fork(visit.host.clock, () => iterate(plan, iteration), {
        done: ({ output, last }) => {
          iteration.state = "finished";
          outputs[iteration.index] = output;
          visit.line.tail = iteration.line.tail;
          finished += 1;
          if (finished === items.length) resume({ outputs });
          else if (iterations.length < items.length) start(last);
        },
        failed: (error) => resume({ failing: iteration, error }),
      });
    };
    if (items.length === 0) resume({ outputs });
    while (iterations.length < Math.min(atOnce, items.length))
      start(plan.started);
    return () => cutAll(iterations.map(({ line }) => line));
  });
};

// In the order of the items, whichever failed.
const recordFailure = ({ visit, iterations }: Plan, failing: Iteration) => {
  const { host, execution, line, state } = visit;
  for (const iteration of iterations) {
    if (iteration.state !== "running") continue;
    aside(
      host,
      execution,
      line,
      iteration === failing ? "MapIterationFailed" : "MapIterationAborted",
      { index: iteration.index, name: state.name },
    );
    const event = abortedEvent(iteration.line);
    if (event) aside(host, execution, line, event);
  }
};

export const map = async (
  visit: Visit<MapState>,
  runFlow: RunFlow,
): Promise<Completion> => {
  const { host, execution, line, state } = visit;
  const items = await itemsOf(visit);
  const wanted =
    (await count(state.maxConcurrency, surroundings(visit), {
      name: "MaxConcurrency",
      most: Number.MAX_SAFE_INTEGER,
    })) ?? 0;
  const atOnce = Math.min(
    wanted === 0 ? Infinity : wanted,
    limits.inlineMapConcurrency,
  );
  const started = record(host, execution, line, "MapStateStarted", {
    length: items.length,
  });
  const plan: Plan = { visit, items, atOnce, started, iterations: [], runFlow };
  const joined = await join(plan);
  if ("failing" in joined) {
    const { failing } = joined;
    line.tail = failing.line.tail;
    // An ItemSelector is the Map's own field: its failure is the Map's, not the iteration's.
    const error =
      joined.error instanceof EvaluationFailure
        ? evaluationFailed(visit, joined.error)
        : joined.error;
    if (error instanceof StateFailure) {
      recordFailure(plan, failing);
      if (state.tolerates)
        throw new RuntimeFailure(
          attributed(
            visit,
            "Unsupported by this engine: tolerated failures of a Map",
          ),
        );
    }
    throw error;
  }
  visit.exitFrom = line.tail;
  record(host, execution, line, "MapStateSucceeded");
  const { outputs } = joined;
  return {
    ending: state,
    result: {
      value: outputs.map(({ value }) => value),
      text: `[${outputs.map(({ text }) => text).join(",")}]`,
    },
  };
};
