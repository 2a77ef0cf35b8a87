import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { holdReasons, type HoldReason } from "../core/erasure.ts";
import { Fault } from "../core/fault.ts";
import { callerId, factDayEntry, factItem } from "./facts.ts";
import { asKey, type KeyItem } from "./items.ts";
import { addressOf, holdOf, patientKeyPlace, type Key } from "./keys.ts";
import { unknownPatient } from "./overlay.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

/** Why a record must stay as it is, told in full to whoever may lift it; sealed with the patient's key. */
export const LegalHold = z.object({
  id: z.string(),
  reason: z.enum(holdReasons),
  /** The matter, in words. */
  text: z.string(),
  by: z.string(),
  since: z.string(),
});
export type LegalHold = z.infer<typeof LegalHold>;

/** Legal holds: each of a person and a reason, in force until somebody lifts that one. */
export interface Holds {
  /** The same person's for the same reason gets the new text. Throws UnknownPatient (422), Erased (410), Conflict (409). */
  place(
    context: Context,
    patient: string,
    hold: Pick<LegalHold, "reason" | "text">,
  ): Promise<LegalHold>;
  /** The one that is named, or the only one. Throws NotFound (404), SeveralHolds, Conflict (409). */
  lift(context: Context, patient: string, id?: string): Promise<void>;
  /** The oldest first. */
  find(patient: string): Promise<readonly LegalHold[]>;
}

/** All holds of a record; reason and beginning of the oldest stand in clear. */
interface HoldItem extends Key {
  readonly v: number;
  readonly reason: HoldReason;
  readonly since: string;
  readonly body: Uint8Array;
  readonly key: string;
}

/** The shape holds for what is written below. */
const asHold = (item: Item): HoldItem => item as unknown as HoldItem;

export const createHolds = ({
  table,
  vault,
  now,
  newId,
}: Pick<Store, "table" | "vault" | "now" | "newId">): Holds => {
  const read = async (
    patient: string,
  ): Promise<{ readonly hold?: HoldItem; readonly keyItem: KeyItem }> => {
    if (addressOf("Patient", patient) === undefined) throw unknownPatient();
    const found = await table.get([
      { table: "records", ...holdOf(patient) },
      patientKeyPlace(patient),
    ]);
    const keyItem = found.find((item) => item.table === "keys");
    const hold = found.find((item) => item.table === "records");
    if (keyItem === undefined) throw unknownPatient();
    return {
      keyItem: asKey(keyItem),
      ...(hold !== undefined && { hold: asHold(hold) }),
    };
  };

  const told = async (
    context: Context,
    patient: string,
    { v, what }: { readonly v: number; readonly what: string },
  ): Promise<readonly Write[]> => {
    const fact = factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      changes: [{ type: "LegalHold", id: patient, version: v, what }],
      patient,
    });
    return [fact, factDayEntry(fact, await vault.indexVersion())].map(
      (put) => ({ put, guard: "any" }),
    );
  };

  const commit = async (writes: readonly [Write, ...Write[]]) => {
    if (!(await held(table.commit(writes, newId())))) throw conflict();
  };

  const holdsIn = async (
    patient: string,
    { hold, keyItem }: Awaited<ReturnType<typeof read>>,
  ): Promise<readonly LegalHold[]> => {
    if (hold === undefined) return [];
    const { body, key, v: version } = hold;
    const text = await vault.open(
      { reference: `LegalHold/${patient}`, version },
      { body, key },
      keyItem,
    );
    return z.array(LegalHold).parse(JSON.parse(text));
  };

  const itemOf = async (
    patient: string,
    {
      v,
      holds: [first, ...rest],
      keyItem,
    }: {
      readonly v: number;
      readonly holds: readonly [LegalHold, ...LegalHold[]];
      readonly keyItem: KeyItem;
    },
  ): Promise<Item> => {
    const { body, key } = await vault.seal(
      { reference: `LegalHold/${patient}`, version: v },
      JSON.stringify([first, ...rest]),
      keyItem,
    );
    const { reason, since } = first;
    return { ...holdOf(patient), v, reason, since, body, key };
  };

  return {
    place: async (context, patient, { reason, text }) => {
      const found = await read(patient);
      const { hold, keyItem } = found;
      const before = await holdsIn(patient, found);
      const by = callerId(context.by);
      const own = before.find((one) => one.by === by && one.reason === reason);
      const placed: LegalHold = {
        ...(own ?? { id: newId(), by, reason, since: now().toISOString() }),
        text,
      };
      const [first = placed, ...rest] =
        own === undefined
          ? [...before, placed]
          : before.map((one) => (one === own ? placed : one));
      const v = (hold?.v ?? 0) + 1;
      const { table: keys, ...keyPlace } = patientKeyPlace(patient);
      await commit([
        {
          put: await itemOf(patient, { v, holds: [first, ...rest], keyItem }),
          guard: hold === undefined ? "absent" : { version: hold.v },
        },
        { check: keyPlace, table: keys, guard: "live" },
        ...(await told(context, patient, { v, what: "HoldPlaced" })),
      ]);
      return placed;
    },

    lift: async (context, patient, id) => {
      const found = await read(patient);
      const { hold, keyItem } = found;
      const before = await holdsIn(patient, found);
      if (id === undefined && before.length > 1) throw severalHolds();
      const [first, ...rest] = before.filter(
        (one) => id !== undefined && one.id !== id,
      );
      const left = first === undefined ? 0 : rest.length + 1;
      if (hold === undefined || left === before.length) throw noHold();
      const guard = { version: hold.v };
      const v = hold.v + 1;
      await commit([
        first === undefined
          ? { remove: holdOf(patient), guard }
          : {
              put: await itemOf(patient, {
                v,
                holds: [first, ...rest],
                keyItem,
              }),
              guard,
            },
        ...(await told(context, patient, { v, what: "HoldLifted" })),
      ]);
    },

    find: async (patient) => holdsIn(patient, await read(patient)),
  };
};

const severalHolds = (): Fault =>
  new Fault(
    "SeveralHolds",
    409,
    "Several legal holds are on this record: name the one that ends by its id (?hold=).",
  );

const noHold = (): Fault =>
  new Fault("NotFound", 404, "No legal hold is on this record.");

const conflict = (): Fault =>
  new Fault("Conflict", 409, "The record changed at this moment. Try again.");
