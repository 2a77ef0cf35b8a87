import { randomUUID } from "node:crypto";
import { isVirtual } from "./clock.ts";
import { definition } from "./definition.ts";
import { describe, listed } from "./descriptions.ts";
import type { Engine, EngineOptions } from "./engine-api.ts";
import type { Execution, Host, Machine } from "./execution.ts";
import { ApiFault } from "./faults.ts";
import { withoutData } from "./history.ts";
import { life } from "./life.ts";
import { page } from "./page.ts";
import { checkedOutput, pendingTasks } from "./pending-tasks.ts";
import { newExecution } from "./start.ts";
import { parsedDefinition } from "./validate.ts";

export {
  TaskFailure,
  ApiFault,
  InvalidDefinition,
  Unsupported,
} from "./faults.ts";
export type { ExecutionDescription } from "./descriptions.ts";
export type { Engine, EngineOptions } from "./engine-api.ts";
export type { HistoryEvent } from "./history.ts";
export type { Invocation } from "./execution.ts";

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

  const { run, abort } = life(host, ({ executionArn: arn }) => {
    open.delete(arn);
    for (const tell of watchers.get(arn) ?? []) tell();
    watchers.delete(arn);
  });

  const begin: Engine["startExecution"] = ({
    stateMachineArn,
    name = host.newId(),
    input = "{}",
  }) => {
    const execution = newExecution(host, machineOf(stateMachineArn), {
      name,
      input,
    });
    const { executionArn: arn, startDate } = execution;
    const earlier = executions.get(arn);
    if (earlier) {
      const same = earlier.input.text === execution.input.text;
      if (earlier.status === "RUNNING" && same) {
        return { executionArn: arn, startDate: earlier.startDate };
      }
      throw new ApiFault(
        "ExecutionAlreadyExists",
        `Execution Already Exists: '${arn}'`,
      );
    }
    executions.set(arn, execution);
    open.add(arn);
    void run(execution);
    return { executionArn: arn, startDate };
  };
  /** Holds the clock, so that no time passes between the start and the first state. */
  const start: Engine["startExecution"] = (request) => {
    clock.hold();
    try {
      return begin(request);
    } finally {
      clock.release();
    }
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
      if (execution.status === "RUNNING") abort(execution, { error, cause });
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
