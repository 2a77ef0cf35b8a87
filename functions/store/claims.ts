import { Fault } from "../core/fault.ts";
import { nameOf } from "./items.ts";
import { bucketsOf, claimOf, type Key } from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Stretch } from "./records.ts";
import type { Table, Write } from "./table.ts";

/** Practitioners' and rooms' time as one unit of work takes and frees it. */
export interface Claims {
  /** The highest seat taken, counted from 0. Throws SlotTaken (409). */
  take(
    actor: string,
    time: Stretch,
    holder: string,
    capacity: number,
  ): Promise<number>;
  free(actor: string, time: Stretch, holder: string): Promise<void>;
  /** Holders per row of five minutes, by the row's start. */
  counts(actor: string, time: Stretch): Promise<ReadonlyMap<string, number>>;
  writes(): readonly Write[];
}

interface Staged {
  readonly key: Key;
  readonly holder: string;
  readonly takes: boolean;
}

export const createClaims = (table: Table): Claims => {
  const staged = new Map<string, Staged>();

  const holders = async (
    actor: string,
    { from, until }: Stretch,
  ): Promise<ReadonlyMap<string, string>> => {
    const buckets = bucketsOf(from, until);
    const { pk } = claimOf(actor, "", 0);
    const items = await allOf(table, {
      pk,
      between: [buckets[0] ?? "", `${buckets.at(-1) ?? ""}~`],
    });
    return new Map(
      items.map(({ sk, holder }) => [
        sk,
        typeof holder === "string" ? holder : "",
      ]),
    );
  };

  return {
    take: async (actor, time, holder, capacity) => {
      // With one seat the transaction's own guard finds out, so nothing is read.
      const taken =
        capacity === 1 ? new Map<string, string>() : await holders(actor, time);
      const isFree = (key: Key): boolean => {
        const change = staged.get(nameOf(key));
        return change === undefined
          ? (taken.get(key.sk) ?? holder) === holder
          : !change.takes || change.holder === holder;
      };
      let highest = 0;
      for (const bucket of bucketsOf(time.from, time.until)) {
        const seat = Array.from(
          { length: capacity },
          (_, number) => number,
        ).find((number) => isFree(claimOf(actor, bucket, number)));
        if (seat === undefined) throw slotTaken();
        const key = claimOf(actor, bucket, seat);
        staged.set(nameOf(key), { key, holder, takes: true });
        highest = Math.max(highest, seat);
      }
      return highest;
    },
    free: async (actor, time, holder) => {
      const { pk } = claimOf(actor, "", 0);
      for (const [sk, by] of await holders(actor, time))
        if (by === holder)
          staged.set(nameOf({ pk, sk }), {
            key: { pk, sk },
            holder,
            takes: false,
          });
    },
    counts: async (actor, time) => {
      const counts = new Map<string, number>();
      for (const sk of (await holders(actor, time)).keys()) {
        const bucket = sk.slice(0, sk.indexOf("#"));
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      }
      return counts;
    },
    writes: () =>
      [...staged.values()].map(({ key, holder, takes }) =>
        takes
          ? { put: { ...key, holder }, guard: { holder }, otherwise: slotTaken }
          : { remove: key, guard: { holder } },
      ),
  };
};

export const slotTaken = (): Fault =>
  new Fault(
    "SlotTaken",
    409,
    "This time has just been taken. Look for another one.",
  );
