import { expect } from "vitest";
import {
  runStateMachine,
  type RunOptions,
  type RunResult,
} from "../../simulator/run.ts";

export const invoke = "arn:aws:states:::lambda:invoke";
export const waitForToken = `${invoke}.waitForTaskToken`;
export const monday = "2026-11-23T08:00:00.000Z";

export type States = Readonly<Record<string, object>>;

/** A JSONata state machine that starts with its first state. */
export const machine = (states: States, more: object = {}) => ({
  QueryLanguage: "JSONata",
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

export const play = (
  states: States,
  input: unknown = {},
  options: RunOptions = {},
): Promise<RunResult> =>
  runStateMachine(machine(states), input, {
    startTime: monday,
    random: () => 0.5,
    ...options,
  });

/** `Type<-previous` of every event, the details left out. */
export const chain = ({ history }: RunResult): string[] =>
  history.map(({ type, previousEventId }) => `${type}<-${previousEventId}`);

export const output = (result: RunResult): unknown => {
  expect(result, `${result.error ?? ""} ${result.cause ?? ""}`).toMatchObject({
    status: "SUCCEEDED",
  });
  return JSON.parse(result.output ?? "");
};

export const details = (result: RunResult, type: string): unknown[] =>
  result.history
    .filter((event) => event.type === type)
    .map(
      (event) =>
        Object.entries(event).find(([name]) =>
          name.endsWith("EventDetails"),
        )?.[1] as unknown,
    );

export const pass = (more: object = {}) => ({
  Type: "Pass",
  End: true,
  ...more,
});

/** A lambda:invoke of the function `f`. */
export const task = (more: object = {}) => ({
  Type: "Task",
  Resource: invoke,
  Arguments: { FunctionName: "f", Payload: {} },
  End: true,
  ...more,
});
