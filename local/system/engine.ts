import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Clock } from "../../simulator/clock.ts";
import {
  ApiFault,
  type Engine,
  type ExecutionDescription,
  type HistoryEvent,
} from "../../simulator/engine.ts";
import {
  type EndpointOptions,
  type StepFunctionsEndpoint,
  stepFunctionsEndpoint,
} from "../step-functions.ts";

export interface RestartableEngine {
  readonly url: string;
  /** Executions of a state machine; those that ended before a restart, too. */
  readonly executions: (
    stateMachineArn: string,
  ) => readonly ExecutionDescription[];
  readonly history: (executionArn: string) => readonly HistoryEvent[];
  /**
   * The endpoint as after a crash: what was on its way is lost, and every execution that was open starts from its beginning
   * under its own name. The tasks know by that name what they have done before. Returns how many were open.
   */
  readonly restart: (stateMachineArn: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The Step Functions endpoint on a clock of the caller's. */
export const restartable = async (
  options: EndpointOptions,
  clock: Clock,
): Promise<RestartableEngine> => {
  const earlier: Engine[] = [];
  const start = (): Promise<StepFunctionsEndpoint> =>
    stepFunctionsEndpoint({ ...options, clock });
  let endpoint = await start();
  /** Open before a restart and not started again yet. */
  let reopening: readonly ExecutionDescription[] = [];
  const { url } = endpoint;
  const executions = (
    stateMachineArn: string,
  ): readonly ExecutionDescription[] => {
    const all = [...earlier, endpoint.engine]
      .flatMap((engine) => executionsOf(engine, stateMachineArn))
      .concat(reopening);
    return [
      ...new Map(
        all.map((execution) => [execution.executionArn, execution]),
      ).values(),
    ];
  };
  return {
    url,
    executions,
    history: (executionArn) => {
      const engine = [...earlier, endpoint.engine].findLast((one) =>
        knows(one, executionArn),
      );
      return engine?.getExecutionHistory({ executionArn }).events ?? [];
    },
    restart: async (stateMachineArn) => {
      const open = executions(stateMachineArn).filter(
        ({ status }) => status === "RUNNING",
      );
      reopening = open;
      await endpoint.close();
      for (const { executionArn } of open)
        endpoint.engine.stopExecution({ executionArn, error: "Restart" });
      earlier.push(endpoint.engine);
      endpoint = await start();
      const client = new SFNClient({
        endpoint: url,
        region: "us-east-1",
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      });
      for (const { name, input } of open)
        await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input }),
        );
      reopening = [];
      return open.length;
    },
    close: () => endpoint.close(),
  };
};

/** A machine of which nothing was started yet is not known to an engine. */
const executionsOf = (
  engine: Engine,
  stateMachineArn: string,
): readonly ExecutionDescription[] =>
  attempt(
    () =>
      engine.listExecutions({ stateMachineArn, maxResults: 1000 }).executions,
  )?.map(({ executionArn }) => engine.describeExecution({ executionArn })) ??
  [];

const knows = (engine: Engine, executionArn: string): boolean =>
  attempt(() => engine.describeExecution({ executionArn })) !== undefined;

const attempt = <T>(ask: () => T): T | undefined => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ApiFault) return undefined;
    throw error;
  }
};
