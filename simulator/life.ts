import { RuntimeFailure, StateFailure } from "./errors.ts";
import { recordEnd, type Execution, type Host } from "./execution.ts";
import { cut, cutOff } from "./fiber.ts";
import { truncated } from "./history.ts";
import type { Data } from "./json.ts";
import { innerScope } from "./jsonata/scope.ts";
import { limits } from "./limits.ts";
import { runFlow } from "./states/run-flow.ts";

interface Reason {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** How executions run and end. */
export interface Life {
  run(execution: Execution): Promise<void>;
  abort(execution: Execution, reason: Reason): void;
}

const definite = ({ error, cause }: Reason): Reason => ({
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
});

const reasonOf = (error: unknown): Reason => {
  if (error instanceof StateFailure) return error;
  const cause = error instanceof RuntimeFailure ? error.cause : String(error);
  return { error: "States.Runtime", cause };
};

export const life = (
  host: Host,
  ended: (execution: Execution) => void,
): Life => {
  const { clock } = host;
  const end = (
    execution: Execution,
    result: Pick<Execution, "status" | "output" | "error" | "cause">,
  ) => {
    Object.assign(execution, result, { stopDate: clock.now() });
    ended(execution);
  };
  const succeed = (execution: Execution, { text }: Data) => {
    const details = { output: text, outputDetails: truncated };
    const { tail } = execution.main;
    recordEnd(host, execution, "ExecutionSucceeded", tail, details);
    end(execution, { status: "SUCCEEDED", output: text });
  };
  const fail = (execution: Execution, reason: Reason) => {
    cutOff(execution.main);
    const details = definite(reason);
    const { tail } = execution.main;
    recordEnd(host, execution, "ExecutionFailed", tail, { ...details });
    end(execution, { status: "FAILED", ...details });
  };
  const timeOut = (execution: Execution) => {
    cutOff(execution.main);
    const error = "States.Timeout";
    recordEnd(host, execution, "ExecutionTimedOut", 0, { error });
    end(execution, { status: "TIMED_OUT" });
  };

  return {
    run: async (execution) => {
      clock.hold();
      const { main: line, machine, input, startDate } = execution;
      const { definition } = machine;
      const longest = (definition.timeoutSeconds ?? Infinity) * 1000;
      const cancelTimeout = clock.wakeAt(
        startDate + Math.min(longest, limits.executionMs),
        () => timeOut(execution),
      );
      try {
        await Promise.resolve();
        const variables = innerScope(null);
        const place = { host, execution, line, input, variables };
        succeed(execution, await runFlow(place, definition));
      } catch (error) {
        if (error !== cut) fail(execution, reasonOf(error));
      } finally {
        cancelTimeout();
        clock.release();
      }
    },
    abort: (execution, reason) => {
      cutOff(execution.main);
      const details = definite(reason);
      recordEnd(host, execution, "ExecutionAborted", 0, { ...details });
      end(execution, { status: "ABORTED", ...details });
    },
  };
};
