import type { Log, LogIds } from "../functions/runtime/log.ts";

/** A log that is kept, and apart from it what failed. */
export const notedLog = () => {
  const logged: { readonly fact: string; readonly ids: LogIds }[] = [];
  const failures: unknown[] = [];
  const note = (fact: string, ids: LogIds = {}): void => {
    logged.push({ fact, ids });
  };
  const log: Log = Object.assign(note, {
    error: (fact: string, ids: LogIds, cause: unknown) => {
      failures.push(cause);
      note(fact, ids);
    },
  });
  return { log, logged, failures };
};
