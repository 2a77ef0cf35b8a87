import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { factItem } from "./facts.ts";
import type { Store } from "./store.ts";

/** Runs it; a refusal leaves a fact. `patient` when it is known whom it was about. */
export const recorded = async <R>(
  { table, newId, now }: Pick<Store, "table" | "newId" | "now">,
  context: Context,
  run: () => R | Promise<R>,
  patient?: string,
): Promise<R> => {
  try {
    return await run();
  } catch (error) {
    if (
      error instanceof Fault &&
      (error.status === 403 || error.policy !== undefined)
    )
      await table.append([
        factItem(newId(), now(), context, {
          kind: "refusal",
          outcome: "refused",
          changes: [],
          ...(error.policy !== undefined && { policy: error.policy }),
          ...(patient !== undefined && { patient }),
        }),
      ]);
    throw error;
  }
};
