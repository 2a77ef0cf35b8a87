import { Fault } from "../core/fault.ts";
import type { KnownType } from "../resources/declaration.ts";
import { addressOf, type Address } from "./keys.ts";
import type { Records } from "./records.ts";
import { recorded } from "./refusals.ts";
import { CommitContended, CommitRefused } from "./table.ts";
import type { Store } from "./store.ts";
import { notFound, openWork, type OpenWork } from "./work.ts";

const mostRuns = 4;
const mostTries = 6;

/** The record on its two tables. What a single read or write does not need is loaded when it is first asked for. */
export const createRecords = (options: Omit<Store, "keyItems">): Records => {
  const store: Store = { ...options, keyItems: new Map() };

  const place = (type: KnownType, id: string): Address => {
    const found = addressOf(type, id);
    if (found === undefined) throw notFound(type);
    return found;
  };

  return {
    read: (context, type, id) =>
      recorded(store, context, async () => {
        const work = openWork(store, context);
        const resource = await work.demand(type, id);
        await work.commit();
        return resource;
      }),
    readVersion: (context, type, id, version) =>
      recorded(store, context, async () => {
        const { versionOf } = await import("./history.ts");
        return (await versionOf(
          store,
          context,
          place(type, id),
          version,
        )) as never;
      }),
    history: (context, type, id, page) =>
      recorded(store, context, async () => {
        const { historyPage } = await import("./history.ts");
        return historyPage(store, context, place(type, id), page);
      }),
    changes: (context, asked) =>
      recorded(store, context, async () => {
        const { changesPage } = await import("./changes.ts");
        return changesPage(store, context, asked);
      }),
    search: (context, query) =>
      recorded(store, context, async () => {
        const { search } = await import("./search.ts");
        return search(store, context, query);
      }),
    everything: (context, patient, asked) =>
      recorded(store, context, async () => {
        const { everything } = await import("./everything.ts");
        return everything(store, context, patient, asked);
      }),
    audit: (context, asked) =>
      recorded(store, context, async () => {
        const { auditPage } = await import("./audit.ts");
        return auditPage(store, context, asked);
      }),
    auditEntry: (context, id) =>
      recorded(store, context, async () => {
        const { auditEntry } = await import("./audit.ts");
        return auditEntry(store, context, id);
      }),
    change: (context, body) =>
      recorded(store, context, async () => {
        for (let run = 1; run <= mostRuns; run += 1) {
          const work = openWork(store, context);
          const result = await body({
            ...work,
            search: async (type, criteria, limit) => {
              const { searchIn } = await import("./search-in.ts");
              return (await searchIn(store, context, work, {
                type,
                criteria,
                limit,
              })) as never;
            },
          });
          if (await committed(work)) return result;
          await pause(run);
        }
        throw new Fault(
          "Conflict",
          409,
          "Others changed the same resources at the same time. Nothing was written; try again.",
        );
      }),
  };
};

const committed = async (work: OpenWork): Promise<boolean> => {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    try {
      await work.commit();
      return true;
    } catch (error) {
      if (error instanceof CommitRefused) return false;
      if (!(error instanceof CommitContended)) throw error;
      await pause(attempt);
    }
  }
  return false;
};

/** Full jitter, doubling from 20 ms. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) =>
    setTimeout(resolve, Math.random() * 20 * 2 ** attempt),
  );
