import type { TaskState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { record } from "../execution.ts";
import { truncated } from "../history.ts";
import type { Data } from "../json.ts";
import { exceeds, limits } from "../limits.ts";
import type { Trouble } from "./invocation.ts";
import type { Visit } from "./visit.ts";

type Details = Readonly<Record<string, unknown>>;

/** The events of one task: a bare Lambda function has other ones than an integration. */
export interface TaskEvents {
  scheduled(input: Data, times: object): void;
  started(): void;
  submitted(output: Data): void;
  /** Gives the result back, unless it is too large. */
  succeeded(result: Data): Data;
  /** Records the failure and gives it back. */
  failed(trouble: Trouble): StateFailure;
}

const definite = (details: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(details).filter(([, value]) => value !== undefined),
  );

export const taskEvents = (
  visit: Visit<TaskState>,
  integration: string | undefined,
): TaskEvents => {
  const { host, execution, line, state } = visit;
  const family = integration === undefined ? "LambdaFunction" : "Task";
  const common: Details =
    integration === undefined
      ? {}
      : { resource: integration, resourceType: "lambda" };
  const subject = integration === undefined ? state.resource : "lambda";
  const write = (
    event: "Scheduled" | "Started" | "Succeeded" | "Failed" | "TimedOut",
    details?: Details,
  ) => record(host, execution, line, `${family}${event}`, details);

  const failed = (trouble: Trouble) => {
    if (trouble.kind === "timed-out") {
      const error = "States.Timeout";
      write("TimedOut", { error, ...common });
      const also = trouble.heartbeat ? ["States.HeartbeatTimeout"] : [];
      return new StateFailure(error, undefined, { also });
    }
    const { error, cause } = trouble;
    write("Failed", { ...definite({ error, cause }), ...common });
    return new StateFailure(error, cause);
  };
  return {
    scheduled: (input, times) => {
      const what =
        integration === undefined
          ? {
              input: input.text,
              inputDetails: truncated,
              resource: state.resource,
            }
          : {
              ...common,
              parameters: input.text,
              region: execution.machine.arn.split(":")[3],
            };
      write("Scheduled", { ...what, ...times });
    },
    started: () => {
      write("Started", integration === undefined ? undefined : common);
    },
    submitted: ({ text }) => {
      const details = { output: text, outputDetails: truncated, ...common };
      record(host, execution, line, "TaskSubmitted", details);
    },
    succeeded: (result) => {
      if (exceeds(result.text, limits.dataBytes)) {
        throw failed({
          kind: "failed",
          error: "States.DataLimitExceeded",
          cause: `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`,
        });
      }
      write("Succeeded", {
        output: result.text,
        outputDetails: truncated,
        ...common,
      });
      return result;
    },
    failed,
  };
};
