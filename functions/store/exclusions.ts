import { createHash } from "node:crypto";
import { exclusionOf } from "./keys.ts";
import type { Store } from "./store.ts";
import type { Write } from "./table.ts";

/** Works that may not commit at the same time: who says the same words writes the same item. */
export interface Exclusions {
  exclude(words: string): Promise<void>;
  writes(commit: string): readonly Write[];
}

/** Who writes a patient's Consent, and who acts upon its not being there, exclude each other by these words. */
export const consentsOf = (patient: string): string => `Consents ${patient}`;

/** Long enough for any work in progress, also for one that is tried again. */
const keptSeconds = 3600;

export const createExclusions = ({
  table,
  vault,
  now,
}: Pick<Store, "table" | "vault" | "now">): Exclusions => {
  const found = new Map<string, number | undefined>();
  return {
    exclude: async (words) => {
      const digest = createHash("sha256").update(words).digest("base64url");
      const name = await vault.hash("exclusion", "words", [digest]);
      if (found.has(name)) return;
      const [item] = await table.get([
        { table: "records", ...exclusionOf(name) },
      ]);
      found.set(name, typeof item?.v === "number" ? item.v : undefined);
    },
    writes: (commit) =>
      [...found].map(([name, version]) => ({
        put: {
          ...exclusionOf(name),
          v: (version ?? 0) + 1,
          commit,
          expires: Math.floor(now().getTime() / 1000) + keptSeconds,
        },
        guard: version === undefined ? "absent" : { version },
      })),
  };
};
