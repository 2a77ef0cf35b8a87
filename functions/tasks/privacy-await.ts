import * as z from "zod";
import { isOpen } from "../core/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";

const Input = RequestInput.extend({
  token: z.string().min(1).max(2048),
  seconds: z.int().min(1),
});

/** Notes by which token the execution is woken; a decision that came meanwhile wakes it at once. */
export const privacyAwait = (deps: Pick<Deps, "records" | "waits">) =>
  task(Input, z.object({}), async (input) => {
    const { execution, token, seconds } = input;
    const waits = await deps.waits();
    await waits.hold(execution, token, seconds);
    const { task: found } = await deps.records.change(
      asTask("privacy-await", execution),
      (work) => demandRequest(work, input),
    );
    if (!isOpen(found)) await waits.wake(execution);
    return {};
  });

export const handler = live(privacyAwait);
