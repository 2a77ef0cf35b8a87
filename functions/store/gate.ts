import type { Context } from "../core/caller.ts";
import {
  serviceQuestion,
  type Action,
  type ServiceAction,
} from "../core/permission.ts";
import { refused } from "../core/refused.ts";
import { factItem } from "./facts.ts";
import type { Store } from "./store.ts";

/** Whether a caller may come to an address at all. Throws Forbidden (403) with the policy's name, and leaves a fact. */
export type Gate = (
  context: Context,
  action: Action | ServiceAction,
) => Promise<void>;

export const createGate =
  ({
    decide,
    table,
    newId,
    now,
  }: Pick<Store, "decide" | "table" | "newId" | "now">): Gate =>
  async (context, action) => {
    const policy = await decide(serviceQuestion(context, action));
    if (policy === undefined) return;
    await table.append([
      factItem(newId(), now(), context, {
        kind: "refusal",
        outcome: "refused",
        changes: [],
        policy,
      }),
    ]);
    throw refused(policy);
  };
