import * as z from "zod";
import type { Task } from "@medplum/fhirtypes";
import type { LetterName } from "../../packs/rights/letters.ts";
import type { RequestKind } from "../../packs/rights/rights-pack.ts";
import {
  carriedOut,
  isDenied,
  obstructed,
  outcomes,
  reviewedBy,
} from "../core/privacy-request.ts";
import { taskSystem } from "../core/staff-task.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { Stored, Work } from "../store/records.ts";
import { asTask } from "./ids.ts";
import { demandRequest, Obstacle, RequestInput } from "./privacy-input.ts";
import { sendLetter } from "./privacy-letter.ts";

const Input = RequestInput.extend({
  outcome: z.enum([...outcomes, "denied", "withdrawn"]),
  obstacle: Obstacle.optional(),
});
type Outcome = z.infer<typeof Input>["outcome"];

/** Tells the patient what became of the request, and closes it. */
export const privacyAnswer = (
  deps: Pick<Deps, "records" | "organization" | "jurisdictions" | "log">,
) =>
  task(Input, z.object({}), async ({ outcome, obstacle, ...input }) => {
    const { patient, execution, request, now } = input;
    const kind = await deps.records.change(
      asTask("privacy-answer", execution),
      async (work) => {
        const { task: found, kind } = await demandRequest(work, input);
        const answered = answeredBy(found, outcome, obstacle);
        const closed =
          answered === found
            ? found
            : await work.update({
                ...answered,
                id: found.id,
                lastModified: now,
              });
        await calm(work, execution, now);
        await sendLetter(work, letterOf(kind, outcome, closed), {
          task: closed,
          input,
          deps,
        });
        return kind;
      },
    );
    deps.log("PrivacyRequestAnswered", {
      id: request,
      patient,
      execution,
      type: kind,
      reason: outcome,
    });
    return {};
  });

/** The same Task where a person, or an earlier try, closed it. */
const answeredBy = (
  found: Stored<Task>,
  outcome: Outcome,
  obstacle: z.infer<typeof Obstacle> | undefined,
): Task => {
  if (found.status === "completed" || isDenied(found)) return found;
  if (outcome === "denied" && obstacle !== undefined)
    return obstructed(found, obstacle);
  return outcome === "denied" || outcome === "withdrawn"
    ? found
    : carriedOut(found, outcome);
};

/** Nobody need decide any more what was overdue. */
const calm = async (
  work: Work,
  execution: string,
  now: string,
): Promise<void> => {
  const [overdue] = await work.byIdentifier(
    "Task",
    taskSystem,
    `${execution}/overdue`,
  );
  if (overdue?.status === "requested")
    await work.update({ ...overdue, status: "completed", lastModified: now });
};

const copied: readonly RequestKind[] = ["access", "portability", "accounting"];

const letterOf = (
  kind: RequestKind,
  outcome: Outcome,
  closed: Task,
): LetterName => {
  if (outcome === "denied") {
    if (reviewedBy(closed) !== undefined) return "upheld";
    return kind === "amendment" ? "amendment-denied" : "denied";
  }
  if (outcome !== "fulfilled") return outcome;
  if (kind === "amendment") return "amended";
  return copied.includes(kind) ? "copied" : "fulfilled";
};

export const handler = live(privacyAnswer);
