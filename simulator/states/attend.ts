import type { TaskState } from "../definition.ts";
import { TaskFailure } from "../faults.ts";
import { park } from "../fiber.ts";
import type { Data, Json } from "../json.ts";
import type { Answer } from "../pending-tasks.ts";
import type { Visit } from "./visit.ts";

/** In seconds. */
export interface TaskTimes {
  readonly timeout?: number | undefined;
  readonly heartbeat?: number | undefined;
}

type Trouble = Extract<Answer, { kind: "failed" }> | { readonly kind: "timed-out"; readonly heartbeat: boolean };
type Returned = { readonly kind: "returned"; readonly payload: Data } | Trouble;
export type Outcome = Returned | Answer | Trouble;

interface Assignment {
  readonly functionArn: string;
  readonly payload: Json;
  readonly token: string | undefined;
  readonly limit: TaskTimes;
}

// What Lambda answers with when a Node.js handler throws something.
const thrown = (error: unknown): Trouble => {
  if (error instanceof TaskFailure) {
    return error.error === "States.Timeout" ? { kind: "timed-out", heartbeat: false } : { kind: "failed", error: error.error, cause: error.cause };
  }
  const { name = "Error", message = String(error) } = error instanceof Error ? error : {};
  return { kind: "failed", error: name, cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }) };
};

const parsed = (result: unknown): Data => {
  const text = JSON.stringify(result ?? null);
  return { value: JSON.parse(text) as Json, text };
};

/** Carries out a started task: first the invocation, then, where there is a token, the wait for the one who brings it back. */
export const attend = (visit: Visit<TaskState>, { functionArn, payload, token, limit }: Assignment) => {
  const { host, line } = visit;
  const { clock, pendingTasks } = host;
  const deadline = limit.timeout === undefined ? Infinity : clock.now() + limit.timeout * 1000;
  let early: Answer | undefined;
  let settle: ((answer: Answer | Trouble) => void) | undefined;
  let beat = () => {};
  if (token !== undefined) {
    pendingTasks.open(token, {
      answer: (answer) => {
        pendingTasks.close(token);
        if (settle) settle(answer);
        else early = answer;
      },
      heartbeat: () => beat(),
    });
  }
  const close = () => token !== undefined && pendingTasks.close(token);
  const timer = (resume: (trouble: Trouble) => void) =>
    deadline === Infinity ? () => {} : clock.wakeAt(deadline, () => resume({ kind: "timed-out", heartbeat: false }));

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      clock.wakeAt(clock.now() + milliseconds, () => {
        clock.hold();
        resolve();
      });
      clock.release();
    });

  const returned = () =>
    park<Returned>(clock, line, (resume) => {
      clock.hold();
      const run = async () => host.invoke({ functionArn, payload: structuredClone(payload), ...(token !== undefined && { taskToken: token }), sleep });
      void run()
        .then((result) => resume({ kind: "returned", payload: parsed(result) }))
        .catch((error: unknown) => resume(thrown(error)))
        .finally(() => clock.release());
      return timer(resume);
    }).then(
      (outcome) => {
        if (outcome.kind !== "returned") close();
        return outcome;
      },
      (error: unknown) => {
        close();
        throw error;
      },
    );

  const answered = () =>
    park<Answer | Trouble>(clock, line, (resume) => {
      if (early) {
        resume(early);
        return () => {};
      }
      settle = resume;
      let cancelHeartbeat = () => {};
      beat = () => {
        cancelHeartbeat();
        if (limit.heartbeat !== undefined) {
          cancelHeartbeat = clock.wakeAt(clock.now() + limit.heartbeat * 1000, () => resume({ kind: "timed-out", heartbeat: true }));
        }
      };
      const cancelTimeout = timer(resume);
      beat();
      return () => {
        cancelTimeout();
        cancelHeartbeat();
      };
    }).finally(close);

  return { returned, answered };
};
