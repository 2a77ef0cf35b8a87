import { waitOf } from "./keys.ts";
import type { Store } from "./store.ts";

/** Executions that wait for a person, by name. */
export interface Waits {
  /** Kept until a day after the wait has ended by itself. */
  hold(execution: string, token: string, seconds: number): Promise<void>;
  /** Lets it go on now; one that does not wait is no error. */
  wake(execution: string): Promise<void>;
}

const day = 86_400;

export const createWaits = (
  { table, now }: Pick<Store, "table" | "now">,
  answer: (token: string) => Promise<void>,
): Waits => ({
  hold: async (execution, token, seconds) => {
    await table.append([
      {
        ...waitOf(execution),
        token,
        expires: Math.ceil(now().getTime() / 1000) + seconds + day,
      },
    ]);
  },
  wake: async (execution) => {
    const [item] = await table.get([
      { table: "records", ...waitOf(execution) },
    ]);
    if (typeof item?.token === "string") await answer(item.token);
  },
});
