import type { Context } from "../core/caller.ts";
import type { HoldReason } from "../core/erasure.ts";
import { Fault } from "../core/fault.ts";
import { callerId, factDayEntry, factItem } from "./facts.ts";
import { asKey, type KeyItem } from "./items.ts";
import { addressOf, holdOf, patientKeyPlace, type Key } from "./keys.ts";
import { unknownPatient } from "./overlay.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

/** Why a record must stay as it is, told in full to whoever may lift it. */
export interface LegalHold {
  readonly reason: HoldReason;
  /** The matter, in words; sealed with the patient's key. */
  readonly text: string;
  readonly by: string;
  readonly since: string;
}

/** Legal holds: one per patient, in force until a person lifts it. */
export interface Holds {
  /** A new text replaces an earlier one; the hold's beginning stays. Throws UnknownPatient (422), Erased (410), Conflict (409). */
  place(
    context: Context,
    patient: string,
    hold: Pick<LegalHold, "reason" | "text">,
  ): Promise<LegalHold>;
  /** Throws NotFound (404), Conflict (409). */
  lift(context: Context, patient: string): Promise<void>;
  find(patient: string): Promise<LegalHold | undefined>;
}

interface HoldItem extends Key {
  readonly v: number;
  readonly reason: HoldReason;
  readonly by: string;
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

  return {
    place: async (context, patient, { reason, text }) => {
      const { hold, keyItem } = await read(patient);
      const v = (hold?.v ?? 0) + 1;
      const { body, key } = await vault.seal(
        { reference: `LegalHold/${patient}`, version: v },
        text,
        keyItem,
      );
      const placed = {
        reason,
        by: callerId(context.by),
        since: hold?.since ?? now().toISOString(),
      };
      const { table: keys, ...keyPlace } = patientKeyPlace(patient);
      await commit([
        {
          put: { ...holdOf(patient), v, ...placed, body, key },
          guard: hold === undefined ? "absent" : { version: hold.v },
        },
        { check: keyPlace, table: keys, guard: "live" },
        ...(await told(context, patient, { v, what: "HoldPlaced" })),
      ]);
      return { ...placed, text };
    },

    lift: async (context, patient) => {
      const { hold } = await read(patient);
      if (hold === undefined) throw noHold();
      await commit([
        { remove: holdOf(patient), guard: { version: hold.v } },
        ...(await told(context, patient, { v: hold.v, what: "HoldLifted" })),
      ]);
    },

    find: async (patient) => {
      const { hold, keyItem } = await read(patient);
      if (hold === undefined) return undefined;
      const { reason, by, since, body, key, v } = hold;
      const text = await vault.open(
        { reference: `LegalHold/${patient}`, version: v },
        { body, key },
        keyItem,
      );
      return { reason, by, since, text };
    },
  };
};

const noHold = (): Fault =>
  new Fault("NotFound", 404, "No legal hold is on this record.");

const conflict = (): Fault =>
  new Fault("Conflict", 409, "The record changed at this moment. Try again.");
