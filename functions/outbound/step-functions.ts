import {
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { executionName } from "../core/journey.ts";
import { executionArn, type Journeys } from "./journeys.ts";
import { sendAgain } from "./provider-answer.ts";

export const stepFunctions = (
  arns: Readonly<Record<string, string>>,
): Journeys => {
  const client = new SFNClient(sendAgain);
  const machineOf = (journey: string): string => {
    const arn = arns[journey];
    if (arn === undefined)
      throw new Error(`no state machine is known for the journey ${journey}`);
    return arn;
  };
  return {
    start: async (occurrence, input) => {
      const name = executionName(occurrence);
      try {
        await client.send(
          new StartExecutionCommand({
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
      try {
        await client.send(
          new StopExecutionCommand({
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

const isNamed = (error: unknown, name: string): boolean =>
  error instanceof Error && error.name === name;
