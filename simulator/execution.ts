import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { Clock } from "./clock.ts";
import type { Definition } from "./definition.ts";
import { RuntimeFailure } from "./errors.ts";
import { cut, type Fiber } from "./fiber.ts";
import { historyEvent, type HistoryEvent } from "./history.ts";
import type { Data, Json } from "./json.ts";
import { limits } from "./limits.ts";
import type { Mock } from "./mocks.ts";
import type { PendingTasks } from "./pending-tasks.ts";

export interface Invocation {
  readonly functionArn: string;
  readonly payload: unknown;
  readonly taskToken?: string;
  /** Passes journey time inside the task, during which the clock may run or jump. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What executions need of the engine that runs them. */
export interface Host {
  readonly clock: Clock;
  readonly invoke: (call: Invocation) => Promise<unknown>;
  readonly random: () => number;
  readonly newId: () => string;
  readonly mock: Mock;
  readonly pendingTasks: PendingTasks;
}

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly source: string;
  readonly deployed: number;
  readonly definition: Definition;
}

export type ExecutionStatus =
  "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Execution {
  readonly executionArn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly input: Data;
  readonly startDate: number;
  readonly history: HistoryEvent[];
  readonly main: Fiber;
  /** The parts of the context object that are the same in every state. */
  readonly context: { readonly Execution: Json; readonly StateMachine: Json };
  status: ExecutionStatus;
  stopDate?: number;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
}

type Details = Readonly<Record<string, unknown>>;

const add = (
  host: Host,
  execution: Execution,
  type: HistoryEventType,
  previousEventId: number,
  details?: Details,
): number => {
  const id = execution.history.length + 1;
  execution.history.push(
    historyEvent(
      { id, previousEventId, timestamp: host.clock.now(), type },
      details,
    ),
  );
  return id;
};

/** Records an event that the line goes on from. */
export const record = (
  host: Host,
  execution: Execution,
  line: Fiber,
  type: HistoryEventType,
  details?: Details,
  previous = line.tail,
): number => {
  aside(host, execution, line, type, details, previous);
  return (line.tail = execution.history.length);
};

/** Records an event that the line passes by. */
export const aside = (
  host: Host,
  execution: Execution,
  line: Fiber,
  type: HistoryEventType,
  details?: Details,
  previous = line.tail,
): void => {
  if (line.cutOff) throw cut;
  if (execution.history.length >= limits.historyEvents - 1) {
    throw new RuntimeFailure(
      `The execution reached the maximum number of history events (${limits.historyEvents}).`,
    );
  }
  add(host, execution, type, previous, details);
};

export const recordEnd = add;
