import { Fault } from "../core/fault.ts";
import { nameOf } from "./items.ts";
import { bucketsOf, claimOf, type Key } from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Stretch } from "./records.ts";
import type { Table, Write } from "./table.ts";

/** Practitioners' and rooms' time as one unit of work takes and frees it. */
export interface Claims {
  /** How many hold the fullest row then. Throws SlotTaken (409). */
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
  /** Who may hold the row in the table. */
  readonly before: string;
  readonly after: string | undefined;
  /** No other seat could be tried. */
  readonly isOnly: boolean;
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

  const stage = (
    key: Key,
    change: Pick<Staged, "before" | "after" | "isOnly">,
  ): void => {
    const name = nameOf(key);
    staged.set(name, {
      key,
      ...change,
      before: staged.get(name)?.before ?? change.before,
    });
  };

  return {
    take: async (actor, time, holder, capacity) => {
      if (isTooLong(time)) throw tooLong();
      // With one seat the transaction's own guard finds out, so nothing is read.
      const taken =
        capacity === 1 ? new Map<string, string>() : await holders(actor, time);
      const ownerOf = (key: Key): string | undefined => {
        const change = staged.get(nameOf(key));
        return change === undefined ? taken.get(key.sk) : change.after;
      };
      let fullest = 0;
      for (const bucket of bucketsOf(time.from, time.until)) {
        const seats = Array.from({ length: capacity }, (_, seat) =>
          claimOf(actor, bucket, seat),
        );
        const key = seats.find((seat) =>
          [undefined, holder].includes(ownerOf(seat)),
        );
        if (key === undefined) throw slotTaken();
        stage(key, { before: holder, after: holder, isOnly: capacity === 1 });
        fullest = Math.max(
          fullest,
          seats.filter((seat) => ownerOf(seat) !== undefined).length,
        );
      }
      return fullest;
    },
    free: async (actor, time, holder) => {
      // Then it never took any.
      if (isTooLong(time)) return;
      const { pk } = claimOf(actor, "", 0);
      const buckets = new Set(bucketsOf(time.from, time.until));
      for (const { key, ...change } of staged.values())
        if (
          key.pk === pk &&
          change.after === holder &&
          buckets.has(bucketIn(key.sk))
        )
          stage(key, { ...change, after: undefined });
      for (const [sk, by] of await holders(actor, time)) {
        if (by !== holder) continue;
        const change = staged.get(nameOf({ pk, sk }));
        staged.set(nameOf({ pk, sk }), {
          key: { pk, sk },
          before: holder,
          after: change?.after,
          isOnly: change?.isOnly ?? false,
        });
      }
    },
    counts: async (actor, time) => {
      const counts = new Map<string, number>();
      for (const sk of (await holders(actor, time)).keys())
        counts.set(bucketIn(sk), (counts.get(bucketIn(sk)) ?? 0) + 1);
      return counts;
    },
    writes: () =>
      [...staged.values()].map(({ key, before, after, isOnly }) =>
        after === undefined
          ? { remove: key, guard: { holder: before } }
          : {
              put: { ...key, holder: after },
              guard: { holder: before },
              // Where there are more seats, another run of the work looks for the next one.
              ...(isOnly && { otherwise: slotTaken }),
            },
      ),
  };
};

/** More rows of five minutes than one transaction holds: nobody ever held so long. */
const isTooLong = ({ from, until }: Stretch): boolean =>
  Date.parse(until) - Date.parse(from) > longest;

const longest = 100 * 5 * 60_000;

const tooLong = (): Fault =>
  new Fault(
    "TooCostly",
    413,
    "An appointment may hold a practitioner or a room for eight hours. Make several of it.",
    { code: "too-costly", expression: ["Appointment.end"] },
  );

const bucketIn = (sk: string): string => sk.slice(0, sk.indexOf("#"));

export const slotTaken = (): Fault =>
  new Fault(
    "SlotTaken",
    409,
    "This time has just been taken. Look for another one.",
  );
