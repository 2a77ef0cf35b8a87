import * as z from "zod";
import type { LetterName } from "../../packs/rights/letters.ts";
import type { RequestKind } from "../../packs/rights/rights-pack.ts";
import { carriedOut, outcomes, type Outcome } from "../core/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";
import { sendLetter } from "./privacy-letter.ts";

const Input = RequestInput.extend({
  outcome: z.enum([...outcomes, "denied"]),
  obstacle: z.string().max(40).optional(),
});

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
        const closed =
          outcome === "denied" || found.status === "completed"
            ? found
            : await work.update({
                ...carriedOut(found, outcome, obstacle),
                id: found.id,
                lastModified: now,
              });
        await sendLetter(work, letterOf(kind, outcome), {
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

const copied: readonly RequestKind[] = ["access", "portability", "accounting"];

const letterOf = (
  kind: RequestKind,
  outcome: Outcome | "denied",
): LetterName => {
  if (outcome === "denied")
    return kind === "amendment" ? "amendment-denied" : "denied";
  return outcome === "fulfilled" && copied.includes(kind) ? "copied" : outcome;
};

export const handler = live(privacyAnswer);
