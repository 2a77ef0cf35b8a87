import { virtualClock } from "./clock.ts";
import {
  createEngine,
  type ExecutionDescription,
  type HistoryEvent,
} from "./engine.ts";
import { TaskFailure } from "./faults.ts";
import type { Mock } from "./mocks.ts";

/** A task of a one-off run: it gets the payload and, for a callback, the task token. */
export type TaskCode = (
  payload: never,
  call: {
    readonly taskToken?: string;
    readonly sleep: (milliseconds: number) => Promise<void>;
  },
) => unknown;

export interface RunOptions {
  /** By function ARN or name. */
  readonly tasks?: Readonly<Record<string, TaskCode>>;
  /** Answers before the tasks do. */
  readonly mock?: Mock;
  /** Epoch milliseconds or an ISO timestamp; now when absent. */
  readonly startTime?: number | string;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly name?: string;
  readonly account?: string;
  readonly region?: string;
}

export interface RunResult extends ExecutionDescription {
  readonly history: readonly HistoryEvent[];
}

const nameOf = (functionArn: string) =>
  functionArn.split(":")[6] ?? functionArn;

const epoch = (time: number | string) =>
  typeof time === "number" ? time : Date.parse(time);

/** Runs one execution of a state machine on a virtual clock, from beginning to end. */
export const runStateMachine = async (
  definition: string | object,
  input: unknown = {},
  options: RunOptions = {},
): Promise<RunResult> => {
  const {
    tasks = {},
    startTime = Date.now(),
    name = "run",
    account = "123456789012",
    region = "us-east-1",
    random,
    newId,
    mock,
  } = options;
  const engine = createEngine({
    clock: virtualClock(epoch(startTime)),
    invoke: async ({ functionArn, payload, ...call }) => {
      const code = tasks[functionArn] ?? tasks[nameOf(functionArn)];
      if (!code)
        throw new TaskFailure(
          "Lambda.ResourceNotFoundException",
          `Function not found: ${functionArn}`,
        );
      return await code(payload as never, call);
    },
    ...(random && { random }),
    ...(newId && { newId }),
    ...(mock && { mock }),
  });
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
  engine.deploy({ arn, name, definition });
  const { executionArn } = engine.startExecution({
    stateMachineArn: arn,
    name,
    input: JSON.stringify(input),
  });
  const description = await engine.ended(executionArn);
  return {
    ...description,
    history: engine.getExecutionHistory({ executionArn }).events,
  };
};
