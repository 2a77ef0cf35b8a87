import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Clock } from "../../simulator/clock.ts";
import type { Engine, ExecutionDescription } from "../../simulator/engine.ts";
import {
  type EndpointOptions,
  type StepFunctionsEndpoint,
  stepFunctionsEndpoint,
} from "../step-functions.ts";

export interface RestartableEngine {
  readonly url: string;
  readonly current: () => Engine;
  /** Executions of a state machine, newest first. */
  readonly executions: (
    stateMachineArn: string,
  ) => readonly ExecutionDescription[];
  /**
   * The endpoint as after a crash: what was on its way is lost, and every execution that was open starts from its beginning
   * under its own name. The tasks know by that name what they have done before.
   */
  readonly restart: (stateMachineArn: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The Step Functions endpoint on a clock of the caller's. */
export const restartable = async (
  options: EndpointOptions,
  clock: Clock,
): Promise<RestartableEngine> => {
  const start = async (): Promise<StepFunctionsEndpoint> => {
    const endpoint = await stepFunctionsEndpoint(options);
    Object.assign(endpoint.clock, clock);
    return endpoint;
  };
  let endpoint = await start();
  const executions = (
    stateMachineArn: string,
  ): readonly ExecutionDescription[] => {
    try {
      const { executions: listed } = endpoint.engine.listExecutions({
        stateMachineArn,
        maxResults: 1000,
      });
      return listed.map(({ executionArn }) =>
        endpoint.engine.describeExecution({ executionArn }),
      );
    } catch {
      // A machine that was never started is not known to the engine yet.
      return [];
    }
  };
  return {
    url: endpoint.url,
    current: () => endpoint.engine,
    executions,
    restart: async (stateMachineArn) => {
      const open = executions(stateMachineArn).filter(
        ({ status }) => status === "RUNNING",
      );
      await endpoint.close();
      for (const { executionArn } of open)
        endpoint.engine.stopExecution({ executionArn, error: "Restart" });
      endpoint = await start();
      const client = new SFNClient({
        endpoint: endpoint.url,
        region: "us-east-1",
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      });
      for (const { name, input } of open)
        await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input }),
        );
      return open.length;
    },
    close: () => endpoint.close(),
  };
};
