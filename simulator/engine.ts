import { randomUUID } from "node:crypto";
import { isVirtual, type Clock } from "./clock.ts";
import { definition } from "./definition.ts";
import {
  describe,
  listed,
  type ExecutionDescription,
  type ExecutionListing,
} from "./descriptions.ts";
import { RuntimeFailure, StateFailure } from "./errors.ts";
import {
  recordEnd,
  type Execution,
  type Host,
  type Invocation,
  type Machine,
} from "./execution.ts";
import { ApiFault } from "./faults.ts";
import { cut, cutOff, fiber } from "./fiber.ts";
import { truncated, withoutData, type HistoryEvent } from "./history.ts";
import type { Data } from "./json.ts";
import { innerScope } from "./jsonata/scope.ts";
import { limits } from "./limits.ts";
import type { Mock } from "./mocks.ts";
import { page } from "./page.ts";
import { checkedOutput, pendingTasks } from "./pending-tasks.ts";
import { executionArn, executionInput, executionName } from "./start.ts";
import { runFlow } from "./states/run-flow.ts";
import { timestamp } from "./timestamp.ts";
import { parsedDefinition } from "./validate.ts";

export {
  TaskFailure,
  ApiFault,
  InvalidDefinition,
  Unsupported,
} from "./faults.ts";
export type { ExecutionDescription, ExecutionListing } from "./descriptions.ts";
export type { HistoryEvent } from "./history.ts";
export type { Invocation } from "./execution.ts";

export interface EngineOptions {
  readonly clock: Clock;
  /** Runs a Lambda function: resolves with its result, rejects with TaskFailure. */
  readonly invoke: (call: Invocation) => Promise<unknown>;
  /** Numbers in [0, 1) for jitter, `$random` and `$uuid`. */
  readonly random?: () => number;
  readonly newId?: () => string;
  /** Stands in for the tasks of the states that it answers for. */
  readonly mock?: Mock;
}

export interface MachineDeployment {
  readonly arn: string;
  readonly name: string;
  readonly definition: string | object;
  readonly roleArn?: string;
}

interface Paging {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** The Step Functions API of Standard workflows, with times in epoch milliseconds. Errors are ApiFault with AWS's names. */
export interface Engine {
  /** Validates; a running execution stays on the definition that it was started with. Throws InvalidDefinition or Unsupported. */
  deploy(machine: MachineDeployment): void;
  startExecution(start: {
    stateMachineArn: string;
    name?: string | undefined;
    input?: string | undefined;
  }): { executionArn: string; startDate: number };
  describeExecution(of: { executionArn: string }): ExecutionDescription;
  listExecutions(
    of: { stateMachineArn: string; statusFilter?: string | undefined } & Paging,
  ): { executions: ExecutionListing[]; nextToken?: string };
  /** All events, unless `maxResults` is given. */
  getExecutionHistory(
    of: {
      executionArn: string;
      reverseOrder?: boolean | undefined;
      includeExecutionData?: boolean | undefined;
    } & Paging,
  ): {
    events: HistoryEvent[];
    nextToken?: string;
  };
  describeStateMachineForExecution(of: { executionArn: string }): {
    stateMachineArn: string;
    name: string;
    definition: string;
    roleArn: string;
    updateDate: number;
  };
  stopExecution(stop: {
    executionArn: string;
    error?: string | undefined;
    cause?: string | undefined;
  }): { stopDate: number };
  sendTaskSuccess(answer: { taskToken: string; output: string }): void;
  sendTaskFailure(answer: {
    taskToken: string;
    error?: string | undefined;
    cause?: string | undefined;
  }): void;
  sendTaskHeartbeat(beat: { taskToken: string }): void;
  /** Waits until no execution is open; a virtual clock moves on only while somebody waits here or in `ended`. */
  settled(): Promise<void>;
  ended(executionArn: string): Promise<ExecutionDescription>;
}

export const createEngine = (options: EngineOptions): Engine => {
  const { clock, invoke } = options;
  const host: Host = {
    clock,
    invoke,
    random: options.random ?? Math.random,
    newId: options.newId ?? randomUUID,
    mock: options.mock ?? (() => undefined),
    pendingTasks: pendingTasks(),
  };
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  const watchers = new Map<string, (() => void)[]>();
  const open = new Set<string>();

  const machineOf = (arn: string): Machine => {
    const machine = machines.get(arn);
    if (!machine)
      throw new ApiFault(
        "StateMachineDoesNotExist",
        `State Machine Does Not Exist: '${arn}'`,
      );
    return machine;
  };
  const executionOf = (arn: string): Execution => {
    const execution = executions.get(arn);
    if (!execution)
      throw new ApiFault(
        "ExecutionDoesNotExist",
        `Execution Does Not Exist: '${arn}'`,
      );
    return execution;
  };

  const end = (
    execution: Execution,
    result: Pick<Execution, "status"> &
      Partial<Pick<Execution, "output" | "error" | "cause">>,
  ) => {
    Object.assign(execution, result, { stopDate: clock.now() });
    open.delete(execution.executionArn);
    for (const tell of watchers.get(execution.executionArn) ?? []) tell();
    watchers.delete(execution.executionArn);
  };
  const succeed = (execution: Execution, { text }: Data) => {
    recordEnd(host, execution, "ExecutionSucceeded", execution.main.tail, {
      output: text,
      outputDetails: truncated,
    });
    end(execution, { status: "SUCCEEDED", output: text });
  };
  const failWith = (
    execution: Execution,
    error: string | undefined,
    cause: string | undefined,
  ) => {
    const details = {
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
    recordEnd(host, execution, "ExecutionFailed", execution.main.tail, details);
    end(execution, { status: "FAILED", ...details });
  };
  const timeOut = (execution: Execution) => {
    cutOff(execution.main);
    recordEnd(host, execution, "ExecutionTimedOut", 0, {
      error: "States.Timeout",
    });
    end(execution, { status: "TIMED_OUT" });
  };

  const run = async (execution: Execution): Promise<void> => {
    clock.hold();
    const { main, machine, input } = execution;
    const seconds = machine.definition.timeoutSeconds ?? Infinity;
    const cancelTimeout = clock.wakeAt(
      execution.startDate + Math.min(seconds * 1000, limits.executionMs),
      () => timeOut(execution),
    );
    try {
      await Promise.resolve();
      succeed(
        execution,
        await runFlow(
          { host, execution, line: main, input, variables: innerScope(null) },
          machine.definition,
        ),
      );
    } catch (error) {
      if (error === cut) return;
      cutOff(main);
      if (error instanceof StateFailure)
        failWith(execution, error.error, error.cause);
      else
        failWith(
          execution,
          "States.Runtime",
          error instanceof RuntimeFailure ? error.cause : String(error),
        );
    } finally {
      cancelTimeout();
      clock.release();
    }
  };

  const start: Engine["startExecution"] = ({
    stateMachineArn,
    name = host.newId(),
    input = "{}",
  }) => {
    const machine = machineOf(stateMachineArn);
    const arn = executionArn(machine, executionName(name));
    const parsed = executionInput(input);
    const earlier = executions.get(arn);
    if (earlier) {
      if (earlier.status === "RUNNING" && earlier.input.text === parsed.text)
        return { executionArn: arn, startDate: earlier.startDate };
      throw new ApiFault(
        "ExecutionAlreadyExists",
        `Execution Already Exists: '${arn}'`,
      );
    }
    const startDate = clock.now();
    const execution: Execution = {
      executionArn: arn,
      name,
      machine,
      input: parsed,
      startDate,
      history: [],
      main: fiber(0),
      context: {
        Execution: {
          Id: arn,
          Input: parsed.value,
          StartTime: timestamp(startDate),
          Name: name,
          RoleArn: machine.roleArn,
          RedriveCount: 0,
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
      status: "RUNNING",
    };
    executions.set(arn, execution);
    open.add(arn);
    recordEnd(host, execution, "ExecutionStarted", 0, {
      input: parsed.text,
      inputDetails: truncated,
      roleArn: machine.roleArn,
    });
    void run(execution);
    return { executionArn: arn, startDate };
  };

  const over = (arn: string) =>
    new Promise<void>((resolve) =>
      watchers.set(arn, [...(watchers.get(arn) ?? []), resolve]),
    );
  const drive = async (done: () => boolean) => {
    if (!isVirtual(clock)) return;
    while (!done() && (await clock.jump()));
  };

  return {
    deploy: ({
      arn,
      name,
      definition: source,
      roleArn = `arn:aws:iam::${arn.split(":")[4] ?? ""}:role/${name}`,
    }) => {
      const raw = parsedDefinition(source);
      const text = typeof source === "string" ? source : JSON.stringify(source);
      machines.set(arn, {
        arn,
        name,
        roleArn,
        source: text,
        deployed: clock.now(),
        definition: definition(raw),
      });
    },
    startExecution: start,
    describeExecution: ({ executionArn: arn }) => describe(executionOf(arn)),
    listExecutions: ({ stateMachineArn, statusFilter, ...paging }) => {
      machineOf(stateMachineArn);
      const all = [...executions.values()].filter(
        ({ machine, status }) =>
          machine.arn === stateMachineArn &&
          (!statusFilter || status === statusFilter),
      );
      const { items, nextToken } = page(all.reverse(), {
        maxResults: 100,
        ...paging,
      });
      return { executions: items.map(listed), ...(nextToken && { nextToken }) };
    },
    getExecutionHistory: ({
      executionArn: arn,
      reverseOrder = false,
      includeExecutionData = true,
      ...paging
    }) => {
      const { history } = executionOf(arn);
      const { items, nextToken } = page(
        reverseOrder ? history.toReversed() : history,
        paging,
      );
      return {
        events: includeExecutionData ? items : items.map(withoutData),
        ...(nextToken && { nextToken }),
      };
    },
    describeStateMachineForExecution: ({ executionArn: arn }) => {
      const { machine } = executionOf(arn);
      const { arn: stateMachineArn, name, source, roleArn, deployed } = machine;
      return {
        stateMachineArn,
        name,
        definition: source,
        roleArn,
        updateDate: deployed,
      };
    },
    stopExecution: ({ executionArn: arn, error, cause }) => {
      const execution = executionOf(arn);
      if (execution.status === "RUNNING") {
        const details = {
          ...(error !== undefined && { error }),
          ...(cause !== undefined && { cause }),
        };
        cutOff(execution.main);
        recordEnd(host, execution, "ExecutionAborted", 0, details);
        end(execution, { status: "ABORTED", ...details });
      }
      return { stopDate: execution.stopDate ?? clock.now() };
    },
    sendTaskSuccess: ({ taskToken, output }) => {
      host.pendingTasks
        .find(taskToken)
        .answer({ kind: "succeeded", output: checkedOutput(output) });
    },
    sendTaskFailure: ({ taskToken, error, cause }) => {
      host.pendingTasks
        .find(taskToken)
        .answer({ kind: "failed", error, cause });
    },
    sendTaskHeartbeat: ({ taskToken }) => {
      host.pendingTasks.find(taskToken).heartbeat();
    },
    settled: async () => {
      await drive(() => open.size === 0);
      while (open.size > 0) await Promise.all([...open].map(over));
    },
    ended: async (arn) => {
      const execution = executionOf(arn);
      await drive(() => execution.status !== "RUNNING");
      if (execution.status === "RUNNING") await over(arn);
      return describe(execution);
    },
  };
};
