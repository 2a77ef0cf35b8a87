import type { Context } from "../core/caller.ts";
import type { ExportFile, ExportJob } from "../core/export-job.ts";
import { Fault } from "../core/fault.ts";
import type { KnownType } from "../resources/declaration.ts";
import { factItem } from "./facts.ts";
import type { Slice, SliceLimits } from "./export-slice.ts";
import type { Entry } from "./export-sources.ts";
import { asOf, placed, type Placed } from "./export-version.ts";
import { asKey, asResource, type KeyItem, type ResourceItem } from "./items.ts";
import {
  addressOf,
  compartment,
  currentOf,
  patientKeyPlace,
  scheduleOf,
  type Address,
} from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";
import type { Item } from "./table.ts";
import { openWork } from "./work.ts";

interface Reader {
  /** Reads patients, schedules and resources together, and notes whose records were read. */
  read(entries: readonly Entry[]): Promise<void>;
  bytes(): number;
  lines(): number;
  end(write: SliceLimits["write"]): Promise<Omit<Slice, "cursor">>;
}

/** What is exported of one entry. */
interface Extract {
  readonly lines: readonly {
    readonly type: KnownType;
    readonly text: string;
  }[];
  /** `Type/id` */
  readonly deleted: readonly string[];
  /** With the version of the Patient. */
  readonly patient?: { readonly id: string; readonly version: number };
}

const nothing: Extract = { lines: [], deleted: [] };
/** Fewer types than this are asked for one by one, more by reading the whole compartment. */
const fewTypes = 4;
const deletionsInBundle = 500;

export const exportReader = (
  store: Store,
  job: ExportJob,
  context: Context,
): Reader => {
  const { table, vault, now, newId } = store;
  const types: ReadonlySet<KnownType> = new Set(job.types);
  const lines = new Map<KnownType, string[]>();
  const deleted: string[] = [];
  const refused = new Set<KnownType>();
  const work = openWork(store, context);
  let bytes = 0;
  let count = 0;
  let patients = 0;
  let noting: Promise<void> = Promise.resolve();

  const opened = async (
    { address: { type, id } }: Placed,
    { body, key, v }: ResourceItem,
    keyItem: KeyItem | undefined,
  ): Promise<string | undefined> => {
    if (body === undefined || key === undefined) return undefined;
    try {
      return await vault.open(
        { reference: `${type}/${id}`, version: v },
        { body, key },
        keyItem,
      );
    } catch (error) {
      // Erased while it was read.
      if (error instanceof Fault && error.status === 410) return undefined;
      throw error;
    }
  };

  const admitted = async (
    address: Address,
    text: string,
    keyItem: KeyItem | undefined,
  ): Promise<boolean> => {
    try {
      return await work.admitsText("read", address, text, keyItem);
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  };

  const extract = async (
    items: readonly Item[],
    keyItem?: KeyItem,
  ): Promise<Extract> => {
    const found: { type: KnownType; text: string }[] = [];
    const gone: string[] = [];
    const answers = new Map<KnownType, boolean>();
    for (const item of items) {
      const place = placed(item);
      if (place === undefined || !types.has(place.address.type)) continue;
      const { type, id, patient } = place.address;
      const then =
        place.item.updated <= job.transactionTime && job.since === undefined
          ? place.item
          : await asOf(table, place, job);
      if (then === undefined) continue;
      const may =
        answers.get(type) ?? (await work.permitted("read", type, patient));
      answers.set(type, may);
      if (!may) {
        refused.add(type);
        continue;
      }
      if (then.deleted === true) {
        if (job.since === undefined) continue;
        // Whether narrow scopes reached it nobody knows any more.
        if (work.isNarrowed) refused.add(type);
        else gone.push(`${type}/${id}`);
        continue;
      }
      const text = await opened(place, then, keyItem);
      if (text === undefined) continue;
      // A label that came since closes what was there already.
      const last =
        then === place.item
          ? undefined
          : await opened(place, place.item, keyItem);
      if (
        (await admitted(place.address, text, keyItem)) &&
        (last === undefined || (await admitted(place.address, last, keyItem)))
      )
        found.push({ type, text });
      else refused.add(type);
    }
    return { lines: found, deleted: gone };
  };

  const compartmentOf = async (
    id: string,
    patient: Item,
  ): Promise<readonly Item[]> => {
    const others = job.types.filter((type) => type !== "Patient");
    const pk = compartment(id);
    if (others.length >= fewTypes) return allOf(table, { pk, prefix: "A#" });
    const parts = await Promise.all(
      others.map((type) => allOf(table, { pk, prefix: currentOf(type) })),
    );
    return [patient, ...parts.flat()];
  };

  const extractPatients = async (
    ids: readonly string[],
  ): Promise<readonly Extract[]> => {
    if (ids.length === 0) return [];
    const found = await table.get(
      ids.flatMap((id) => {
        const address = addressOf("Patient", id);
        return address === undefined
          ? []
          : [
              { table: "records", pk: address.pk, sk: address.sk } as const,
              patientKeyPlace(id),
            ];
      }),
    );
    const at = new Map(
      found.map(({ table: from, ...item }) => [`${from}|${item.pk}`, item]),
    );
    return Promise.all(
      ids.map(async (id) => {
        const patient = at.get(`records|${compartment(id)}`);
        const key = at.get(`keys|${compartment(id)}`);
        const isOpen = key !== undefined && key.shredded === undefined;
        if (patient === undefined || !isOpen) return nothing;
        const part = await extract(
          await compartmentOf(id, patient),
          asKey(key),
        );
        return { ...part, patient: { id, version: asResource(patient).v } };
      }),
    );
  };

  /** One fact per patient. They are stored while the next are read, and all of them before the first file is written. */
  const note = async (parts: readonly Extract[]): Promise<void> => {
    const read = parts.flatMap(({ patient, lines: some, deleted: gone }) =>
      patient !== undefined && some.length + gone.length > 0 ? [patient] : [],
    );
    patients += read.length;
    const facts = read.map(({ id, version }) =>
      factItem(newId(), now(), context, {
        kind: "read",
        outcome: "done",
        changes: [{ type: "Patient", id, version, what: "Exported" }],
        patient: id,
      }),
    );
    await noting;
    if (facts.length === 0) return;
    noting = table.append(facts);
    // It is awaited later; until then a failure is nobody's.
    noting.catch(() => undefined);
  };

  const keep = ({ lines: some, deleted: gone }: Extract): void => {
    for (const { type, text } of some) {
      const list = lines.get(type) ?? [];
      if (list.length === 0) lines.set(type, list);
      list.push(text);
      bytes += text.length + 1;
      count += 1;
    }
    deleted.push(...gone);
  };

  return {
    bytes: () => bytes,
    lines: () => count,
    read: async (entries) => {
      const idsOf = (kind: "patient" | "schedule"): readonly string[] =>
        entries.flatMap((entry) => (entry.kind === kind ? entry.id : []));
      const parts = await Promise.all([
        extractPatients(idsOf("patient")),
        Promise.all(
          idsOf("schedule").map(async (id) =>
            extract(await allOf(table, { pk: scheduleOf(id) })),
          ),
        ),
        extract(
          entries.flatMap((entry) =>
            entry.kind === "resource" ? entry.item : [],
          ),
        ),
      ]);
      const extracts = parts.flat();
      await note(extracts);
      for (const part of extracts) keep(part);
    },
    end: async (write) => {
      await noting;
      const files: ExportFile[] = [];
      for (const [type, list] of lines) files.push(await write(type, list));
      const bundles = bundlesOf(deleted);
      if (bundles.length > 0) files.push(await write("Bundle", bundles));
      return { files, patients, refused: [...refused] };
    },
  };
};

/** Deletions as the Bulk Data IG tells them: transactions that would repeat them. */
const bundlesOf = (deleted: readonly string[]): readonly string[] =>
  Array.from(
    { length: Math.ceil(deleted.length / deletionsInBundle) },
    (_, number) =>
      JSON.stringify({
        resourceType: "Bundle",
        type: "transaction",
        entry: deleted
          .slice(number * deletionsInBundle, (number + 1) * deletionsInBundle)
          .map((url) => ({ request: { method: "DELETE", url } })),
      }),
  );
