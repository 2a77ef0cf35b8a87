import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { sendAgain } from "./provider-answer.ts";

/** Ends the wait that the token is of; one that has ended already is no error. */
export const answerWait = (): ((token: string) => Promise<void>) => {
  const client = new SFNClient(sendAgain);
  return async (taskToken) => {
    try {
      await client.send(
        new SendTaskSuccessCommand({ taskToken, output: "{}" }),
      );
    } catch (error) {
      if (!(error instanceof Error && over.includes(error.name))) throw error;
    }
  };
};

const over = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];
