import type { Context } from "../core/caller.ts";
import type {
  EmergencyAccess,
  EmergencyRequest,
} from "../core/emergency-access.ts";
import { Fault } from "../core/fault.ts";
import { factDayEntry, factItem } from "./facts.ts";
import { asKey, type KeyItem } from "./items.ts";
import {
  compartment,
  emergencies,
  emergencyEntry,
  emergencyOf,
  patientKeyPlace,
  type Key,
} from "./keys.ts";
import { allOf, unknownPatient } from "./overlay.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";
import type { Binding } from "./vault.ts";

/** Emergency accesses: one item per patient and member of staff, the reason sealed with the patient's key. */
export interface Emergencies {
  /** Opens the record, or opens it for longer. Throws UnknownPatient (422), Erased (410), Conflict (409). */
  open(
    context: Context,
    request: EmergencyRequest,
    minutes: number,
  ): Promise<EmergencyAccess>;
  /** Ends the caller's own access to a patient's record. Throws NotFound (404) when none is open, Conflict (409). */
  end(context: Context, patient: string): Promise<void>;
  /** All that are open now, the first to end first. Leaves a fact per patient. */
  listOpen(context: Context): Promise<readonly EmergencyAccess[]>;
}

interface EmergencyItem extends Key {
  readonly v: number;
  readonly id: string;
  readonly from: string;
  readonly until: string;
  readonly body: Uint8Array;
  readonly key: string;
}

/** The shape holds for what is written below. */
const asEmergency = (item: Item): EmergencyItem =>
  item as unknown as EmergencyItem;

/** What is sealed. */
type Content = Pick<EmergencyAccess, "staff" | "reason" | "text">;

const eventType = "EmergencyAccess";
const keptSeconds = 86_400;
const batchSize = 50;

/** Whether a member of staff has emergency access now to one of the records of a person. */
export const emergencyFor = async (
  { table, vault }: Pick<Store, "table" | "vault">,
  records: readonly string[],
  staff: string,
  now: Date,
): Promise<boolean> => {
  const holder = await holderOf(vault, staff);
  const found = await table.get(
    records.map((patient) => ({
      table: "records",
      ...emergencyOf(patient, holder),
    })),
  );
  return found.map(asEmergency).some((item) => isOpen(item, now));
};

export const createEmergencies = ({
  table,
  vault,
  now,
  newId,
}: Omit<Store, "keyItems">): Emergencies => {
  /** One item and the key that opens it. */
  const find = async (
    patient: string,
    place: Key,
  ): Promise<{
    readonly item: EmergencyItem | undefined;
    readonly key: KeyItem | undefined;
  }> => {
    const found = await table.get([
      { table: "records", ...place },
      patientKeyPlace(patient),
    ]);
    const key = found.find((one) => one.table === "keys");
    const item = found.find((one) => one.table === "records");
    return { item: item && asEmergency(item), key: key && asKey(key) };
  };

  const told = async (
    context: Context,
    patient: string,
    { id, v }: Pick<EmergencyItem, "id" | "v">,
    what: string,
  ): Promise<readonly Write[]> => {
    const fact = factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      patient,
      changes: [{ type: eventType, id, version: v, what }],
    });
    return [fact, factDayEntry(fact, await vault.indexVersion())].map(
      (put) => ({ put, guard: "any" }),
    );
  };

  const delisted = (item: EmergencyItem | undefined): readonly Write[] =>
    item === undefined
      ? []
      : [{ remove: emergencyEntry(item.until, item), guard: "any" }];

  const guardOf = (item: EmergencyItem | undefined): Write["guard"] =>
    item === undefined ? "absent" : { version: item.v };

  const opened = async (
    item: EmergencyItem,
    keyItem: KeyItem | undefined,
  ): Promise<EmergencyAccess> => {
    const { id, from, until, ...sealed } = item;
    const text = await vault.open(bindingOf(id), sealed, keyItem);
    return {
      patient: patientIn(item),
      from,
      until,
      ...(JSON.parse(text) as Content),
    };
  };

  return {
    open: async (context, { patient, reason, text }, minutes) => {
      const place = emergencyOf(patient, await holderOf(vault, context.by.id));
      const { item: before, key } = await find(patient, place);
      if (key === undefined) throw unknownPatient();
      const start = now();
      const from = start.toISOString();
      const until = new Date(start.getTime() + minutes * 60_000).toISOString();
      const id = `${patient}-${newId()}`;
      const content: Content = { staff: context.by.id, reason, text };
      const sealed = await vault.seal(
        bindingOf(id),
        JSON.stringify(content),
        key,
      );
      const item = {
        ...place,
        v: (before?.v ?? 0) + 1,
        id,
        from,
        until,
        ...sealed,
      };
      const entry: Item = {
        ...emergencyEntry(until, place),
        expires: secondsOf(until) + keptSeconds,
      };
      const isHeld = await held(
        table.commit(
          [
            { put: item, guard: guardOf(before) },
            ...delisted(before),
            { put: entry, guard: "any" },
            { check: patientKeyPlace(patient), table: "keys", guard: "live" },
            ...(await told(context, patient, item, "EmergencyAccessOpened")),
          ],
          newId(),
        ),
      );
      if (!isHeld) throw conflict();
      return { patient, from, until, ...content };
    },

    end: async (context, patient) => {
      const place = emergencyOf(patient, await holderOf(vault, context.by.id));
      const { item: before } = await find(patient, place);
      if (before === undefined || !isOpen(before, now()))
        throw new Fault(
          "NotFound",
          404,
          "You have no emergency access to this record that is open.",
        );
      const item = {
        ...before,
        v: before.v + 1,
        until: now().toISOString(),
      };
      const isHeld = await held(
        table.commit(
          [
            { put: item, guard: guardOf(before) },
            ...delisted(before),
            ...(await told(context, patient, item, "EmergencyAccessEnded")),
          ],
          newId(),
        ),
      );
      if (!isHeld) throw conflict();
    },

    listOpen: async (context) => {
      const listed = await allOf(table, {
        pk: emergencies,
        between: [now().toISOString(), "9999"],
      });
      const open: EmergencyAccess[] = [];
      const facts: Item[] = [];
      for (let from = 0; from < listed.length; from += batchSize) {
        const places = listed.slice(from, from + batchSize).map(placeIn);
        const found = await table.get([
          ...places.map((place) => ({ table: "records" as const, ...place })),
          ...new Map(
            places
              .map(patientIn)
              .map((patient) => [patient, patientKeyPlace(patient)]),
          ).values(),
        ]);
        const keys = new Map(
          found.flatMap((item) =>
            item.table === "keys" ? [[item.pk, asKey(item)]] : [],
          ),
        );
        const items = found
          .filter(({ table: from }) => from === "records")
          .map(asEmergency);
        for (const item of items) {
          const key = keys.get(item.pk);
          if (!isOpen(item, now()) || key?.wrapped === undefined) continue;
          open.push(await opened(item, key));
          facts.push(
            factItem(newId(), now(), context, {
              kind: "read",
              outcome: "done",
              patient: patientIn(item),
              changes: [
                {
                  type: eventType,
                  id: item.id,
                  version: item.v,
                  what: `${eventType}Read`,
                },
              ],
            }),
          );
        }
      }
      if (facts.length > 0) await table.append(facts);
      return open.toSorted((one, other) => (one.until < other.until ? -1 : 1));
    },
  };
};

const holderOf = (vault: Store["vault"], staff: string): Promise<string> =>
  vault.hash(eventType, "staff", [staff]);

const isOpen = ({ until }: EmergencyItem, now: Date): boolean =>
  Date.parse(until) > now.getTime();

/** The body is sealed once; ending the access early makes a new version of the item with the same body. */
const bindingOf = (id: string): Binding => ({
  reference: `${eventType}/${id}`,
  version: 1,
});

const secondsOf = (instant: string): number =>
  Math.floor(Date.parse(instant) / 1000);

const patientIn = ({ pk }: Key): string => pk.slice(compartment("").length);

/** An entry is named `<end>#PATIENT#<id>#G#<holder>`. */
const placeIn = ({ sk }: Key): Key => {
  const [, kind = "", patient = "", layer = "", holder = ""] = sk.split("#");
  return { pk: `${kind}#${patient}`, sk: `${layer}#${holder}` };
};

const conflict = (): Fault =>
  new Fault(
    "Conflict",
    409,
    "The emergency access changed at this moment. Try again.",
  );
