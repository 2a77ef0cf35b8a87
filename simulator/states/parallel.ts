import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { ParallelState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { aside, record } from "../execution.ts";
import { fiber, park, type Fiber } from "../fiber.ts";
import { data, type Data } from "../json.ts";
import { innerScope } from "../jsonata/scope.ts";
import { present } from "../present.ts";
import { evaluate } from "../template.ts";
import { cutAll, fork } from "./fork.ts";
import type { RunFlow } from "./run-flow.ts";
import { surroundings, type Completion, type Visit } from "./visit.ts";

const abortable = new Set(["Task", "Wait", "Parallel", "Map"]);

/** The event of a state that was cut off, if its type has one. */
export const abortedEvent = (line: Fiber): HistoryEventType | undefined =>
  line.inside !== undefined && abortable.has(line.inside)
    ? (`${line.inside}StateAborted` as HistoryEventType)
    : undefined;

type Joined =
  | { readonly outputs: readonly Data[] }
  | { readonly failing: Fiber; readonly error: unknown };

const join = (
  visit: Visit<ParallelState>,
  input: Data,
  runFlow: RunFlow,
  branches: readonly Fiber[],
  finished: Set<Fiber>,
): Promise<Joined> =>
  park(visit.host.clock, visit.line, (resume) => {
    const { host, execution, variables, item } = visit;
    const outputs: Data[] = [];
    for (const [i, flow] of visit.state.branches.entries()) {
      const line = present(branches[i]);
      const work = async () => {
        await Promise.resolve();
        return runFlow(
          {
            host,
            execution,
            line,
            input,
            variables: innerScope(variables),
            item,
          },
          flow,
        );
      };
      fork(visit.host.clock, work, {
        done: (output) => {
          finished.add(line);
          outputs[i] = output;
          visit.line.tail = line.tail;
          if (finished.size === branches.length) resume({ outputs });
        },
        failed: (error) => resume({ failing: line, error }),
      });
    }
    return () => cutAll(branches);
  });

export const parallel = async (
  visit: Visit<ParallelState>,
  runFlow: RunFlow,
): Promise<Completion> => {
  const { host, execution, line, state } = visit;
  const evaluated =
    state.arguments && (await evaluate(state.arguments, surroundings(visit)));
  const input = evaluated === undefined ? visit.input : data(evaluated);
  const started = record(host, execution, line, "ParallelStateStarted");
  const branches = state.branches.map(() => fiber(started));
  const finished = new Set<Fiber>();
  const joined = await join(visit, input, runFlow, branches, finished);
  if ("failing" in joined) {
    line.tail = joined.failing.tail;
    if (joined.error instanceof StateFailure) {
      for (const each of branches) {
        const event = finished.has(each) ? undefined : abortedEvent(each);
        if (event) aside(host, execution, line, event);
      }
    }
    throw joined.error;
  }
  visit.exitFrom = line.tail;
  record(host, execution, line, "ParallelStateSucceeded");
  const { outputs } = joined;
  return {
    ending: state,
    result: {
      value: outputs.map(({ value }) => value),
      text: `[${outputs.map(({ text }) => text).join(",")}]`,
    },
  };
};
