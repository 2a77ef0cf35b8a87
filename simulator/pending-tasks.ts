import { ApiFault } from "./faults.ts";
import { limits, exceeds } from "./limits.ts";

export type Answer =
  | { readonly kind: "succeeded"; readonly output: string }
  | {
      readonly kind: "failed";
      readonly error?: string | undefined;
      readonly cause?: string | undefined;
    };

interface PendingTask {
  answer(answer: Answer): void;
  heartbeat(): void;
}

/** The tasks that wait for somebody to come back with their token. */
export interface PendingTasks {
  open(token: string, task: PendingTask): void;
  close(token: string): void;
  /** Throws InvalidToken for a token that was never given out and TaskTimedOut for one whose task is over. */
  find(token: string): PendingTask;
}

export const pendingTasks = (): PendingTasks => {
  const tasks = new Map<string, PendingTask | undefined>();
  return {
    open: (token, task) => void tasks.set(token, task),
    close: (token) => void tasks.set(token, undefined),
    find: (token) => {
      if (!tasks.has(token))
        throw new ApiFault("InvalidToken", "Invalid Token: 'Invalid token'");
      const task = tasks.get(token);
      if (!task)
        throw new ApiFault(
          "TaskTimedOut",
          "Task Timed Out: 'Provided task does not exist anymore'",
        );
      return task;
    },
  };
};

export const checkedOutput = (output: string): string => {
  try {
    JSON.parse(output);
  } catch {
    throw new ApiFault(
      "InvalidOutput",
      "Invalid Output: 'The output is not valid JSON.'",
    );
  }
  if (exceeds(output, limits.dataBytes))
    throw new ApiFault(
      "InvalidOutput",
      "Invalid Output: 'The output is too long.'",
    );
  return output;
};
