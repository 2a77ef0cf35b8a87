import { createHash } from "node:crypto";
import type { Activity, Decided } from "../core/access-review.ts";
import type { Context } from "../core/caller.ts";
import { factDayEntry, factItem } from "./facts.ts";
import {
  accessDecisionOf,
  accessDecisions,
  activityDayOf,
  activityOf as placeOf,
} from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";
import type { Item, Write } from "./table.ts";

/** What staff did day by day, summed up from the archive, and what was decided about their access. */
export interface ActivityStore {
  /** Whether a day (`yyyy-mm-dd`) was summed up. */
  isKept(day: string): Promise<boolean>;
  /** Again for the same day is harmless. */
  keep(day: string, activities: readonly Activity[]): Promise<void>;
  /** Of these days; those that were not summed up are named. */
  of(days: readonly string[]): Promise<{
    readonly activities: readonly Activity[];
    readonly missing: readonly string[];
  }>;
  /** The last decision about each. */
  decisions(): Promise<readonly Decided[]>;
  /** Leaves a fact under its day. */
  decide(
    context: Context,
    decided: readonly Pick<Decided, "staff" | "decision">[],
  ): Promise<void>;
}

const digestBytes = 5;
const keptDays = 400;
const batchSize = 25;
const atOnce = 10;
const daySeconds = 86_400;

/** Forty bits: enough to count a few thousand patients, too little to name one. */
export const patientDigest = (patient: string): string =>
  createHash("sha256")
    .update(patient)
    .digest()
    .subarray(0, digestBytes)
    .toString("hex");

export const createActivity = ({
  table,
  vault,
  now,
  newId,
}: Pick<Store, "table" | "vault" | "now" | "newId">): ActivityStore => {
  const append = async (items: readonly Item[]): Promise<void> => {
    for (let from = 0; from < items.length; from += batchSize)
      await table.append(items.slice(from, from + batchSize));
  };

  return {
    isKept: async (day) =>
      (await table.get([{ table: "records", ...activityDayOf(day) }])).length >
      0,

    keep: async (day, activities) => {
      const expires =
        Math.floor(Date.parse(`${day}T00:00:00Z`) / 1000) +
        keptDays * daySeconds;
      await append(
        activities.map(({ staff, patients, ...counts }) => ({
          ...placeOf(day, staff),
          ...counts,
          patients: [...patients].toSorted().join(""),
          expires,
        })),
      );
      // Last: what stopped half way is done again.
      await append([{ ...activityDayOf(day), expires }]);
    },

    of: async (days) => {
      const activities: Activity[] = [];
      const missing: string[] = [];
      for (let from = 0; from < days.length; from += atOnce)
        await Promise.all(
          days.slice(from, from + atOnce).map(async (day) => {
            const { pk, sk } = activityDayOf(day);
            const items = await allOf(table, { pk });
            if (!items.some((item) => item.sk === sk)) missing.push(day);
            activities.push(
              ...items.filter((item) => item.sk !== sk).map(activityIn),
            );
          }),
        );
      return { activities, missing: missing.toSorted() };
    },

    decisions: async () =>
      (await allOf(table, { pk: accessDecisions })).map(
        (item) => item as unknown as Decided,
      ),

    decide: async (context, decided) => {
      const at = now();
      const fact = factItem(newId(), at, context, {
        kind: "admin",
        outcome: "done",
        changes: decided.map(({ staff, decision }) => ({
          type: "StaffAccess",
          id: staff,
          version: 0,
          what: whats[decision],
        })),
      });
      const writes: readonly Write[] = decided.map((one) => ({
        put: {
          ...accessDecisionOf(one.staff),
          ...one,
          by: context.by.id,
          at: at.toISOString(),
        },
        guard: "any",
      }));
      await table.commit(
        [
          { put: fact, guard: "any" },
          { put: factDayEntry(fact, await vault.indexVersion()), guard: "any" },
          ...writes,
        ],
        newId(),
      );
    },
  };
};

const whats = {
  keep: "AccessKept",
  change: "AccessChangeDecided",
  remove: "AccessRemovalDecided",
} as const satisfies Record<Decided["decision"], string>;

const activityIn = (item: Item): Activity => {
  const { patients, sk, ...counts } = item;
  const digests = typeof patients === "string" ? patients : "";
  return {
    ...(counts as unknown as Omit<Activity, "patients" | "staff">),
    staff: sk.slice(placeOf("", "").sk.length),
    patients: new Set(digests.match(/.{10}/g) ?? []),
  };
};
