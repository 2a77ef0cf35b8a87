import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type {
  Catcher,
  ChoiceState,
  FailState,
  Flow,
  MapState,
  ParallelState,
  State,
  TaskState,
  WaitState,
} from "../definition.ts";
import { errorOutput, matches, StateFailure } from "../errors.ts";
import { record } from "../execution.ts";
import { sleepUntil } from "../fiber.ts";
import { truncated } from "../history.ts";
import { data, type Data } from "../json.ts";
import { present } from "../present.ts";
import { EvaluationFailure } from "../template.ts";
import { timestamp } from "../timestamp.ts";
import { choice } from "./choice.ts";
import { fail } from "./fail.ts";
import { leave, type Exit } from "./leave.ts";
import { map } from "./map.ts";
import { parallel } from "./parallel.ts";
import { retries } from "./retry.ts";
import { task } from "./task.ts";
import {
  evaluationFailed,
  surroundings,
  type Completion,
  type Visit,
} from "./visit.ts";
import { wait } from "./wait.ts";

/** Where a flow runs: all of a visit that does not belong to one state. */
type Place = Pick<
  Visit,
  "host" | "execution" | "line" | "input" | "variables" | "item"
>;
export type RunFlow = (place: Place, flow: Flow) => Promise<Data>;

const attempt = (visit: Visit): Completion | Promise<Completion> => {
  switch (visit.state.type) {
    case "Task":
      return task(visit as Visit<TaskState>);
    case "Choice":
      return choice(visit as Visit<ChoiceState>);
    case "Wait":
      return wait(visit as Visit<WaitState>);
    case "Fail":
      return fail(visit as Visit<FailState>);
    case "Parallel":
      return parallel(visit as Visit<ParallelState>, runFlow);
    case "Map":
      return map(visit as Visit<MapState>, runFlow);
    case "Pass":
    case "Succeed":
      return { ending: visit.state };
  }
};

const enter = (
  { host, execution, line, input, variables, item }: Place,
  state: State,
): Visit => {
  const enteredId = record(
    host,
    execution,
    line,
    `${state.type}StateEntered` as HistoryEventType,
    {
      input: input.text,
      inputDetails: truncated,
      name: state.name,
    },
  );
  line.inside = state.type;
  return {
    host,
    execution,
    line,
    input,
    variables,
    item,
    state,
    enteredId,
    enteredTime: timestamp(host.clock.now()),
    retryCount: 0,
  };
};

const stateFailed = (visit: Visit) => {
  const { type } = visit.state;
  if (type === "Parallel" || type === "Map")
    record(visit.host, visit.execution, visit.line, `${type}StateFailed`);
};

const runAttempt = async (visit: Visit): Promise<Exit> => {
  visit.exitFrom = undefined;
  const { ending, result } = await attempt(visit);
  return leave(visit, ending, {
    against: surroundings(visit, result && { result: result.value }),
    otherwise: result ?? visit.input,
  });
};

const caught = async (
  visit: Visit,
  catcher: Catcher,
  failure: StateFailure,
  before: number,
): Promise<Exit> => {
  const output = errorOutput(failure);
  visit.exitFrom = undefined;
  try {
    return await leave(visit, catcher, {
      against: surroundings(visit, { errorOutput: output }),
      otherwise: data(output),
    });
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error;
    // The catcher's own failure goes on from before the state's first, and fails the state a second time.
    const second = evaluationFailed(visit, error, before);
    stateFailed(visit);
    throw second;
  }
};

const visitState = async (place: Place, state: State): Promise<Exit> => {
  const visit = enter(place, state);
  const { host, line } = place;
  const pauseAfter = retries(state.retry, host.random);
  for (;;) {
    try {
      return await runAttempt(visit);
    } catch (error) {
      const failure =
        error instanceof EvaluationFailure
          ? evaluationFailed(visit, error)
          : error;
      if (!(failure instanceof StateFailure)) throw failure;
      const pause = pauseAfter(failure);
      if (pause === undefined) {
        const before = line.tail;
        stateFailed(visit);
        const catcher = state.catch.find(({ errors }) =>
          matches(failure, errors),
        );
        if (catcher) return caught(visit, catcher, failure, before);
        throw failure;
      }
      visit.retryCount += 1;
      await sleepUntil(host.clock, line, host.clock.now() + pause);
    }
  }
};

/** Runs states from the first to an end and gives the output; rejects with StateFailure or RuntimeFailure, or with `cut` when the line was cut off. */
export const runFlow: RunFlow = async (place, flow) => {
  let input = place.input;
  for (let name: string | undefined = flow.startAt; name !== undefined;) {
    const exit: Exit = await visitState(
      { ...place, input },
      present(flow.states.get(name)),
    );
    input = exit.output;
    name = exit.next;
  }
  return input;
};
