import type { TaskState } from "../definition.ts";
import { park } from "../fiber.ts";
import type { Answer } from "../pending-tasks.ts";
import { atDeadline, nothing, type Trouble } from "./invocation.ts";
import type { Visit } from "./visit.ts";

/** A task token that is out. */
export interface Callback {
  /** Waits for the answer, at most until the deadline or until a heartbeat is missed. */
  answered(): Promise<Answer | Trouble>;
  close(): void;
}

/** Opens the token; an answer that comes before somebody waits for it is kept. */
export const callback = (
  visit: Visit<TaskState>,
  token: string,
  limit: { deadline: number; heartbeatMs: number },
): Callback => {
  const { clock, pendingTasks } = visit.host;
  let early: Answer | undefined;
  let settle = (answer: Answer) => {
    early = answer;
  };
  let beat: () => void = nothing;
  pendingTasks.open(token, {
    answer: (answer) => {
      pendingTasks.close(token);
      settle(answer);
    },
    heartbeat: () => beat(),
  });
  const watchHeartbeat = (resume: (trouble: Trouble) => void) => {
    if (limit.heartbeatMs === Infinity) return nothing;
    let cancel: () => void = nothing;
    beat = () => {
      cancel();
      cancel = clock.wakeAt(clock.now() + limit.heartbeatMs, () =>
        resume({ kind: "timed-out", heartbeat: true }),
      );
    };
    beat();
    return () => cancel();
  };
  return {
    answered: () =>
      park(clock, visit.line, (resume) => {
        if (early) {
          resume(early);
          return nothing;
        }
        settle = resume;
        const cancels = [
          watchHeartbeat(resume),
          atDeadline(visit, limit.deadline, resume),
        ];
        return () => {
          for (const cancel of cancels) cancel();
        };
      }),
    close: () => {
      pendingTasks.close(token);
    },
  };
};
