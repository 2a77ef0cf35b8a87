import type { SFNClient } from "@aws-sdk/client-sfn";
import { sendAgain } from "./provider-answer.ts";
import type { Occurrence } from "../core/journey.ts";

/** Executions of the workflows. Starting and stopping twice is harmless. */
export interface Journeys {
  /** `input` holds ids only: it is kept in the execution's history. Answers the execution's name. */
  start(
    occurrence: Occurrence,
    input: Readonly<Record<string, string>>,
  ): Promise<string>;
  stop(occurrence: Occurrence, reason: string): Promise<void>;
}

/** Step Functions; `arns` names the state machine of each journey. */
export const liveJourneys = (
  arns: Readonly<Record<string, string>>,
): Journeys => {
  let loading:
    | Promise<{
        sdk: typeof import("@aws-sdk/client-sfn");
        client: SFNClient;
        executionName: (occurrence: Occurrence) => string;
      }>
    | undefined;
  const load = () =>
    (loading ??= Promise.all([
      import("@aws-sdk/client-sfn"),
      import("../core/journey.ts"),
    ]).then(([sdk, { executionName }]) => ({
      sdk,
      client: new sdk.SFNClient(sendAgain),
      executionName,
    })));
  const machineOf = (journey: string): string => {
    const arn = arns[journey];
    if (arn === undefined)
      throw new Error(`no state machine is known for the journey ${journey}`);
    return arn;
  };
  return {
    start: async (occurrence, input) => {
      const { sdk, client, executionName } = await load();
      const name = executionName(occurrence);
      try {
        await client.send(
          new sdk.StartExecutionCommand({
            stateMachineArn: machineOf(occurrence.journey),
            name,
            input: JSON.stringify(input),
          }),
        );
      } catch (error) {
        if (!isNamed(error, "ExecutionAlreadyExists")) throw error;
      }
      return name;
    },
    stop: async (occurrence, reason) => {
      const { sdk, client, executionName } = await load();
      try {
        await client.send(
          new sdk.StopExecutionCommand({
            executionArn: executionArn(
              machineOf(occurrence.journey),
              executionName(occurrence),
            ),
            error: "JourneyStopped",
            cause: reason,
          }),
        );
      } catch (error) {
        if (!isNamed(error, "ExecutionDoesNotExist")) throw error;
      }
    },
  };
};

/** An execution is named under its state machine, whichever alias or version started it. */
export const executionArn = (stateMachineArn: string, name: string): string => {
  const [arn, partition, service, region, account, , machine] =
    stateMachineArn.split(":");
  return [
    arn,
    partition,
    service,
    region,
    account,
    "execution",
    machine,
    name,
  ].join(":");
};

const isNamed = (error: unknown, name: string): boolean =>
  error instanceof Error && error.name === name;
