import type { TaskState } from "../definition.ts";
import type { Invocation } from "../execution.ts";
import { TaskFailure } from "../faults.ts";
import { park } from "../fiber.ts";
import type { Data, Json } from "../json.ts";
import type { Answer } from "../pending-tasks.ts";
import type { Visit } from "./visit.ts";

export type Trouble =
  | Extract<Answer, { kind: "failed" }>
  | { readonly kind: "timed-out"; readonly heartbeat: boolean };
export type Returned =
  { readonly kind: "returned"; readonly payload: Data } | Trouble;

/** What a thrown error is to the state; what is no TaskFailure becomes what Lambda answers when a Node.js handler throws it. */
export const trouble = (error: unknown): Trouble => {
  if (error instanceof TaskFailure) {
    return error.error === "States.Timeout"
      ? { kind: "timed-out", heartbeat: false }
      : { kind: "failed", error: error.error, cause: error.cause };
  }
  const { name, message } =
    error instanceof Error ? error : { name: "Error", message: String(error) };
  const cause = { errorType: name, errorMessage: message, trace: [] };
  return { kind: "failed", error: name, cause: JSON.stringify(cause) };
};

const parsed = (result: unknown): Data => {
  const text = JSON.stringify(result ?? null);
  return { value: JSON.parse(text) as Json, text };
};

export const nothing = () => undefined;

/** Wakes the waiting one at the deadline; the result cancels. */
export const atDeadline = (
  { host }: Visit,
  deadline: number,
  resume: (trouble: Trouble) => void,
): (() => void) =>
  deadline === Infinity
    ? nothing
    : host.clock.wakeAt(deadline, () =>
        resume({ kind: "timed-out", heartbeat: false }),
      );

/** Invokes the function and waits for its result, at most until the deadline; while it runs, it holds the clock in the line's place. */
export const invocation = (
  visit: Visit<TaskState>,
  call: Omit<Invocation, "sleep">,
  deadline: number,
): Promise<Returned> => {
  const { clock, invoke } = visit.host;
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      clock.wakeAt(clock.now() + milliseconds, () => {
        clock.hold();
        resolve();
      });
      clock.release();
    });
  const result = async () =>
    parsed(
      await invoke({ ...call, payload: structuredClone(call.payload), sleep }),
    );
  return park(clock, visit.line, (resume) => {
    clock.hold();
    void result()
      .then((payload) => resume({ kind: "returned", payload }))
      .catch((error: unknown) => resume(trouble(error)))
      .finally(() => clock.release());
    return atDeadline(visit, deadline, resume);
  });
};
