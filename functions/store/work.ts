import { isDeepStrictEqual } from "node:util";
import type { Appointment, Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import { refusal, type Action } from "../core/permission.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import { illegalMove } from "../resources/moves.ts";
import { identifierValue, type CountryCode } from "../resources/normalise.ts";
import { validate } from "../resources/validate.ts";
import { settleTime, type TimeKeeper } from "./booking.ts";
import { factDayEntry, factItem, type Fact } from "./facts.ts";
import { homeOf, patientsAt } from "./home.ts";
import { indexEntries, partitionOf, uniqueKeys } from "./index-entries.ts";
import {
  addressOf,
  bucketsOf,
  claimOf,
  currentOf,
  compartment,
  directory,
  scheduleOf,
  slotsFrom,
  historyOf,
  linkOf,
  patientKeyPlace,
  type Address,
  type Key,
} from "./keys.ts";
import type { Kept, Stored, Stretch, Work } from "./records.ts";
import {
  CommitRefused,
  sizeOf,
  transactionLimits,
  type Item,
  type Table,
  type Write,
} from "./table.ts";
import type { Vault } from "./vault.ts";

export interface Store {
  readonly table: Table;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly newId: () => Ulid;
  /** Identifier systems of which a value belongs to one resource only. */
  readonly unique: ReadonlySet<string>;
  /** Phone numbers without a country code are read as dialled here. */
  readonly country: CountryCode;
  /** Key items seen lately; a commit checks again that the patient's key still stands. */
  readonly keyItems: Map<string, Item>;
}

/** What the overlay knows of one resource: what the table held, and what this work makes of it. */
interface Slot {
  readonly address: Address;
  readonly before:
    | { readonly item: Item; readonly resource: Stored<Kept> | undefined }
    | undefined;
  change?: {
    readonly after: Stored<Kept> | undefined;
    readonly version: number;
    readonly what: string;
  };
  relied?: true;
}

export interface OpenWork extends Work {
  /** Current resources of these addresses as this work sees them; permission is not asked, facts are. */
  load(
    addresses: readonly Address[],
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  current(
    pk: string,
    type: KnownType,
    range?: readonly [string, string],
  ): Promise<readonly Stored<Kept>[]>;
  tombstone(address: Address): boolean;
  permit(action: Action, type: KnownType, patient: string | undefined): void;
  /** Ids by an index partition, oldest sort first. */
  listed(partition: string, prefix?: string): Promise<readonly string[]>;
  commit(): Promise<void>;
}

const largestBody = 350 * 1024;

export const openWork = (store: Store, context: Context): OpenWork => {
  const { table, vault, now, newId } = store;
  const slots = new Map<string, Slot>();
  const keyItems = new Map<string, Item | "new">();
  const newKeys: Item[] = [];
  const claims = new Map<
    string,
    { readonly key: Key; readonly holder: string; readonly take: boolean }
  >();
  const seen = new Map<
    string,
    {
      type: KnownType;
      id: string;
      version: number;
      patient: string | undefined;
    }
  >();
  const commitId = newId();

  const nameOf = ({ pk, sk }: Key): string => `${pk}|${sk}`;

  const refuse = (rule: string): never => {
    throw new Fault("Forbidden", 403, `Not permitted (${rule}).`);
  };
  const permit = (
    action: Action,
    type: KnownType,
    patient: string | undefined,
  ): void => {
    const rule = refusal(context, action, { type, patient });
    if (rule !== undefined) refuse(rule);
  };

  const address = (type: KnownType, id: string): Address | undefined =>
    addressOf(type, id);

  const keyItemOf = async (patient: string): Promise<Item> => {
    const known = keyItems.get(patient);
    if (known !== undefined && known !== "new") return known;
    const item =
      newKeys.find(({ pk }) => pk === compartment(patient)) ??
      store.keyItems.get(patient) ??
      (await table.get([patientKeyPlace(patient)]))[0];
    if (item === undefined) throw unknownPatient();
    remember(patient, item);
    return item;
  };
  const remember = (patient: string, item: Item): void => {
    keyItems.set(patient, item);
    if (store.keyItems.size >= 2000)
      store.keyItems.delete(store.keyItems.keys().next().value ?? "");
    store.keyItems.set(patient, item);
  };

  const opened = async (
    place: Address,
    item: Item,
  ): Promise<Stored<Kept> | undefined> => {
    if (item["deleted"] !== undefined) return undefined;
    const { body, key, v } = item;
    if (!(body instanceof Uint8Array))
      throw new Error("an item of the record has no body");
    const keyItem =
      place.patient === undefined ? undefined : keyItems.get(place.patient);
    const text = await vault.open(
      { reference: `${place.type}/${place.id}`, version: Number(v) },
      { body, key: String(key) },
      keyItem === "new" ? undefined : keyItem,
    );
    return JSON.parse(text) as Stored<Kept>;
  };

  const settle = async (
    place: Address,
    item: Item | undefined,
  ): Promise<Slot> => {
    const name = nameOf(place);
    const existing = slots.get(name);
    if (existing !== undefined) return existing;
    const slot: Slot = {
      address: place,
      before:
        item === undefined
          ? undefined
          : { item, resource: await opened(place, item) },
    };
    slots.set(name, slot);
    return slot;
  };

  const valueOf = (slot: Slot): Stored<Kept> | undefined =>
    slot.change === undefined ? slot.before?.resource : slot.change.after;

  const sawn = (slot: Slot): Stored<Kept> | undefined => {
    const { type, id, patient } = slot.address;
    if (slot.before !== undefined)
      seen.set(nameOf(slot.address), {
        type,
        id,
        version: Number(slot.before.item["v"]),
        patient,
      });
    return valueOf(slot);
  };

  const load = async (
    addresses: readonly Address[],
  ): Promise<readonly (Stored<Kept> | undefined)[]> => {
    const missing = addresses.filter((place) => !slots.has(nameOf(place)));
    const patients = [
      ...new Set(
        missing.flatMap(({ patient }) =>
          patient === undefined || keyItems.has(patient) ? [] : [patient],
        ),
      ),
    ];
    if (missing.length > 0) {
      const places = [
        ...new Map(
          missing.map((place) => [
            nameOf(place),
            { table: "records" as const, pk: place.pk, sk: place.sk },
          ]),
        ).values(),
      ];
      const wanted = [...places, ...patients.map(patientKeyPlace)];
      const found = (
        await Promise.all(batches(wanted, 100).map((batch) => table.get(batch)))
      ).flat();
      for (const { table: from, ...item } of found)
        if (from === "keys")
          remember(item.pk.slice("PATIENT#".length), item as Item);
      const items = new Map(
        found.flatMap(({ table: from, ...item }) =>
          from === "records" ? [[nameOf(item as Item), item as Item]] : [],
        ),
      );
      for (const place of missing)
        await settle(place, items.get(nameOf(place)));
    }
    return addresses.flatMap((place) => {
      const slot = slots.get(nameOf(place));
      return [slot === undefined ? undefined : sawn(slot)];
    });
  };

  const current = async (
    pk: string,
    type: KnownType,
    range?: readonly [string, string],
  ): Promise<readonly Stored<Kept>[]> => {
    const patient = pk.startsWith("PATIENT#")
      ? pk.slice("PATIENT#".length)
      : undefined;
    const [items] = await Promise.all([
      allOf(
        table,
        range === undefined
          ? { pk, prefix: currentOf(type) }
          : { pk, between: range },
      ),
      patient === undefined || keyItems.has(patient)
        ? undefined
        : table.get([patientKeyPlace(patient)]).then(([item]) => {
            if (item !== undefined) remember(patient, item);
          }),
    ]);
    const results: Stored<Kept>[] = [];
    for (const item of items) {
      const place = placeOf(type, pk, item.sk);
      const value = sawn(await settle(place, item));
      if (value !== undefined) results.push(value);
    }
    for (const slot of slots.values()) {
      if (
        slot.before === undefined &&
        slot.change?.after !== undefined &&
        slot.address.pk === pk &&
        slot.address.type === type
      )
        results.push(slot.change.after);
    }
    return results;
  };

  const listed = async (
    partition: string,
    prefix = "",
  ): Promise<readonly string[]> =>
    (
      await allOf(table, { pk: partition, ...(prefix !== "" && { prefix }) })
    ).map(({ sk }) => sk.slice(sk.lastIndexOf("#") + 1));

  const stage = async (
    place: Address,
    before: Slot["before"],
    resource: Kept,
  ): Promise<Stored<Kept>> => {
    const declaration: Declaration = declarations[place.type];
    const previous = before?.resource;
    const version = Number(before?.item["v"] ?? 0) + 1;
    const issues = [
      ...(await validate(resource, declaration)),
      ...(declaration.invariants?.(resource, previous) ?? []),
    ];
    const errors = issues.filter(
      ({ severity }) => severity === "error" || severity === "fatal",
    );
    if (errors.length > 0)
      throw new Fault(
        "InvalidResource",
        422,
        `The ${place.type} is not valid.`,
        { issues: errors },
      );
    const move = illegalMove(declaration, previous, resource);
    if (move !== undefined)
      throw new Fault(
        "IllegalMove",
        422,
        move.details?.text ?? "This status may not follow the present one.",
        { issues: [move] },
      );
    const stored = {
      ...resource,
      id: place.id,
      meta: {
        ...resource.meta,
        versionId: String(version),
        lastUpdated: now().toISOString(),
      },
    } as Stored<Kept>;
    const what =
      declaration.event?.(stored, previous) ??
      `${place.type}${previous === undefined ? "Created" : "Updated"}`;
    slots.set(nameOf(place), {
      ...slots.get(nameOf(place)),
      address: place,
      before,
      change: { after: stored, version, what },
    });
    if (stored.resourceType === "Appointment")
      await settleTime(
        timeKeeper,
        `Appointment/${stored.id}`,
        previous as Appointment | undefined,
        stored,
      );
    return stored;
  };

  const timeKeeper: TimeKeeper = {
    look: (references) =>
      load(
        references.flatMap((reference) => {
          const [type = "", id = ""] = reference.split("/");
          return (
            (type in declarations
              ? address(type as KnownType, id)
              : undefined) ?? []
          );
        }),
      ),
    setSlot: async (slot) => {
      const place = address("Slot", slot.id);
      if (place !== undefined)
        await stage(place, slots.get(nameOf(place))?.before, slot);
    },
    claim: (actor, time, holder, capacity) =>
      claim(actor, time, holder, capacity),
    release: (actor, time, holder) => release(actor, time, holder),
  };

  const claim = async (
    actor: string,
    time: Stretch,
    holder: string,
    capacity: number,
  ): Promise<number> => {
    const taken =
      capacity === 1
        ? new Map<string, string>()
        : await holders(table, actor, time);
    const seats = Array.from({ length: capacity }, (_, seat) => seat);
    let highest = 0;
    for (const bucket of bucketsOf(time.from, time.until)) {
      const seat = seats.find((number) => {
        const key = claimOf(actor, bucket, number);
        const staged = claims.get(nameOf(key));
        return staged === undefined
          ? (taken.get(key.sk) ?? holder) === holder
          : !staged.take || staged.holder === holder;
      });
      if (seat === undefined) throw slotTaken();
      highest = Math.max(highest, seat);
      const key = claimOf(actor, bucket, seat);
      claims.set(nameOf(key), { key, holder, take: true });
    }
    return highest;
  };
  const release = async (
    actor: string,
    time: Stretch,
    holder: string,
  ): Promise<void> => {
    for (const [sk, by] of await holders(table, actor, time)) {
      const key = { pk: claimOf(actor, "", 0).pk, sk };
      if (by === holder) claims.set(nameOf(key), { key, holder, take: false });
    }
  };

  const reserve = (resource: Kept): string => {
    const declaration: Declaration = declarations[resource.resourceType];
    const local = newId();
    return idFor(
      resource,
      declaration,
      homeFor(resource, declaration, local),
      local,
    );
  };

  const create = async <T extends Kept>(
    resource: T,
    { reserved = reserve(resource) }: { readonly reserved?: string } = {},
  ): Promise<Stored<T>> => {
    const type = resource.resourceType;
    const declaration: Declaration = declarations[type];
    const place = address(type, reserved);
    if (place === undefined) throw new Error(`no address for a new ${type}`);
    permit("create", type, place.patient);
    if (homeFor(resource, declaration, place.id) !== place.patient)
      throw new Error(`a reserved ${type} changed its patient`);
    if (declaration.home === "self") {
      const item = await vault.newPatientKey(place.id);
      newKeys.push(item);
      keyItems.set(place.id, item);
    } else if (place.patient !== undefined) await keyItemOf(place.patient);
    return (await stage(place, undefined, {
      ...resource,
      id: place.id,
    })) as Stored<T>;
  };

  const existing = async (
    type: KnownType,
    id: string,
    ifVersion: string | undefined,
  ): Promise<{ place: Address; slot: Slot; resource: Stored<Kept> }> => {
    const place = address(type, id) ?? unknown(type);
    await load([place]);
    const slot = slots.get(nameOf(place));
    const resource = slot === undefined ? undefined : valueOf(slot);
    if (slot === undefined || resource === undefined)
      throw slot?.before === undefined ? notFound(type) : gone(type);
    if (ifVersion !== undefined && ifVersion !== resource.meta.versionId) {
      throw new Fault(
        "StaleVersion",
        412,
        `The ${type} has a newer version. Read it again and repeat the change on that version.`,
      );
    }
    return { place, slot, resource };
  };

  return {
    load,
    current,
    listed,
    permit,
    tombstone: (place) =>
      slots.get(nameOf(place))?.before !== undefined &&
      slots.get(nameOf(place))?.before?.resource === undefined,

    read: async (type, id) => {
      const place = address(type, id);
      if (place === undefined) return undefined;
      permit("read", type, place.patient);
      const [resource] = await load([place]);
      return resource as never;
    },
    readAll: async (references) => {
      const places = references.map((reference) => {
        const [type = "", id = ""] = reference.split("/");
        const place =
          type in declarations ? address(type as KnownType, id) : undefined;
        if (place !== undefined) permit("read", place.type, place.patient);
        return place;
      });
      const found = await load(places.filter((place) => place !== undefined));
      let next = 0;
      return places.map((place) =>
        place === undefined ? undefined : found[next++],
      );
    },
    ofPatient: async (type, patient) => {
      permit("search", type, patient);
      return (await current(compartment(patient), type)) as never;
    },
    byIdentifier: async (type, system, value) => {
      const partition = await partitionOf(
        vault,
        await vault.indexVersion(),
        { type },
        {
          list: "identifier",
          key: [system, identifierValue(value)],
          hashed: true,
        },
      );
      const places = (await listed(partition)).flatMap(
        (id) => address(type, id) ?? [],
      );
      const staged = [...slots.values()].flatMap(
        ({ address: place, before, change }) =>
          place.type === type &&
          before === undefined &&
          change?.after !== undefined
            ? [place]
            : [],
      );
      const found = await load([...places, ...staged]);
      return found.filter(
        (resource): resource is Stored<Kept> =>
          resource !== undefined &&
          [(resource as { identifier?: unknown }).identifier ?? []]
            .flat()
            .some(
              (one) =>
                (one as { system?: string }).system === system &&
                (one as { value?: string }).value === value,
            ),
      ) as never;
    },
    inDirectory: async (type) => {
      permit("search", type, undefined);
      return (await current(directory(type), type)) as never;
    },
    slotsOf: async (scheduleId, { from, until }) => {
      permit("search", "Slot", undefined);
      const range = [slotsFrom(from), slotsFrom(until)] as const;
      return (await current(scheduleOf(scheduleId), "Slot", range)) as never;
    },
    claimed: async (actor, time) => {
      const counts = new Map<string, number>();
      for (const sk of (await holders(table, actor, time)).keys()) {
        const bucket = sk.slice(0, sk.indexOf("#"));
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      }
      return counts;
    },
    reserve,
    lookUp: async (type, list, key) => {
      const hashed = !readableLists.has(list);
      return listed(
        await partitionOf(
          vault,
          await vault.indexVersion(),
          { type },
          { list, key, hashed },
        ),
      );
    },
    create,
    update: async (resource, { ifVersion } = {}) => {
      const type = resource.resourceType;
      const place = address(type, resource.id) ?? unknown(type);
      permit("update", type, place.patient);
      const { slot, resource: before } = await existing(
        type,
        resource.id,
        ifVersion,
      );
      const declaration: Declaration = declarations[type];
      if (
        Array.isArray(declaration.home) &&
        homeOf(resource, declaration) !== place.patient
      ) {
        throw new Fault(
          "HomeChanged",
          422,
          `A ${type} stays with its patient. Mark this one entered-in-error and create a new one.`,
          {
            expression: declaration.home.map(
              (path: string) => `${type}.${path}`,
            ),
          },
        );
      }
      if (isDeepStrictEqual(comparable(resource), comparable(before)))
        return before as never;
      return (await stage(place, slot.before, resource)) as never;
    },
    remove: async (type, id, { ifVersion } = {}) => {
      const place = address(type, id) ?? unknown(type);
      permit("delete", type, place.patient);
      if (type === "Patient") {
        throw new Fault(
          "PatientNotDeletable",
          422,
          "A patient is not deleted but erased or marked inactive.",
          { code: "business-rule" },
        );
      }
      const { slot, resource } = await existing(type, id, ifVersion);
      const version = Number(slot.before?.item["v"] ?? 0) + 1;
      const what =
        declarations[type].event?.(undefined, resource as never) ??
        `${type}Deleted`;
      slots.set(nameOf(place), {
        ...slot,
        change: { after: undefined, version, what },
      });
      if (resource.resourceType === "Appointment")
        await settleTime(timeKeeper, `Appointment/${id}`, resource, undefined);
    },
    rely: (type, id) => {
      const place = address(type, id);
      const slot = place === undefined ? undefined : slots.get(nameOf(place));
      if (slot !== undefined) slot.relied = true;
    },
    commit: async () => {
      const at = now();
      const writes: Write[] = newKeys.map((put) => ({
        put,
        table: "keys",
        guard: "absent",
      }));
      const changes = new Map<string | undefined, Fact["changes"][number][]>();
      for (const slot of slots.values()) {
        if (slot.change === undefined) {
          if (slot.relied === true && slot.before !== undefined)
            writes.push({
              check: slot.address,
              guard: { version: Number(slot.before.item["v"]) },
            });
          continue;
        }
        writes.push(...(await writesOf(slot, slot.change)));
        const { type, id, patient } = slot.address;
        const list = changes.get(patient) ?? [];
        list.push({
          type,
          id,
          version: slot.change.version,
          what: slot.change.what,
        });
        changes.set(patient, list);
      }
      for (const { key, holder, take } of claims.values()) {
        writes.push(
          take
            ? {
                put: { ...key, holder },
                guard: { holder },
                otherwise: slotTaken,
              }
            : { remove: key, guard: { holder } },
        );
      }
      const facts = factsOf(changes, at);
      if (writes.length === 0) {
        if (facts.length > 0) await table.append(facts);
        return;
      }
      const created = new Set(newKeys.map(({ pk }) => pk));
      for (const patient of changes.keys()) {
        if (patient !== undefined && !created.has(compartment(patient))) {
          const { pk, sk } = patientKeyPlace(patient);
          writes.push({
            check: { pk, sk },
            table: "keys",
            guard: "live",
            otherwise: unknownPatient,
          });
        }
      }
      const indexVersion = await vault.indexVersion();
      for (const put of facts) {
        writes.push({ put, guard: "any" });
        if (put["kind"] !== "read")
          writes.push({ put: factDayEntry(put, indexVersion), guard: "any" });
      }
      const [first, ...rest] = writes;
      if (first === undefined) return;
      counted(writes);
      try {
        await table.commit([first, ...rest], commitId);
      } catch (error) {
        if (!(error instanceof CommitRefused)) throw error;
        // The answer to an earlier try was lost, but it had been written.
        if (error.refused.some(({ found }) => found?.["commit"] === commitId))
          return;
        for (const patient of changes.keys())
          if (patient !== undefined) store.keyItems.delete(patient);
        for (const { index } of error.refused) {
          const fault = writes[index]?.otherwise?.();
          if (fault !== undefined) throw fault;
        }
        throw error;
      }
    },
  };

  function factsOf(
    changes: Map<string | undefined, Fact["changes"][number][]>,
    at: Date,
  ): Item[] {
    const patients = [...changes.keys()].filter(
      (patient) => patient !== undefined,
    );
    const [only] = patients;
    const loose = changes.get(undefined);
    if (loose !== undefined && only !== undefined && patients.length === 1) {
      changes.get(only)?.push(...loose);
      changes.delete(undefined);
    }
    const facts = [...changes].map(([patient, list]) =>
      factItem(newId(), at, context, {
        kind: "change",
        outcome: "done",
        changes: list,
        ...(patient !== undefined && { patient }),
      }),
    );
    const reads = new Map<string, Fact["changes"][number][]>();
    for (const { type, id, version, patient } of seen.values()) {
      if (patient === undefined || changes.has(patient)) continue;
      const list = reads.get(patient) ?? [];
      list.push({ type, id, version, what: `${type}Read` });
      reads.set(patient, list);
    }
    for (const [patient, list] of reads) {
      for (const part of batches(list, 500))
        facts.push(
          factItem(newId(), at, context, {
            kind: "read",
            outcome: "done",
            changes: part,
            patient,
          }),
        );
    }
    return facts;
  }

  async function writesOf(
    { address: place, before }: Slot,
    change: NonNullable<Slot["change"]>,
  ): Promise<Write[]> {
    const declaration: Declaration = declarations[place.type];
    const { after, version } = change;
    const item: Item = {
      pk: place.pk,
      sk: place.sk,
      v: version,
      id: place.id,
      updated: after?.meta.lastUpdated ?? now().toISOString(),
      commit: commitId,
    };
    const guard =
      before === undefined ? ("absent" as const) : { version: version - 1 };
    const old = namesOn(before?.item);
    const writes: Write[] = [];
    if (before !== undefined)
      writes.push({
        put: { ...before.item, ...historyOf(place, version - 1) },
        guard: "any",
      });
    if (after === undefined) {
      for (const key of [...old.indexed, ...old.unique, ...old.links])
        writes.push({ remove: key, guard: "any" });
      return [{ put: { ...item, deleted: true }, guard }, ...writes];
    }
    const keyItem =
      place.patient === undefined ? undefined : await keyItemOf(place.patient);
    const { body, key } = await vault.seal(
      { reference: `${place.type}/${place.id}`, version },
      JSON.stringify(after),
      keyItem,
    );
    if (body.length > largestBody) {
      throw new Fault(
        "TooLarge",
        413,
        "A resource may take 350 KB sealed. Move attachments over 64 KB out of it.",
        { expression: [place.type] },
      );
    }
    const indexed = await indexEntries(
      vault,
      after,
      declaration,
      store.country,
    );
    const unique = await uniqueKeys(vault, after, declaration, store.unique);
    const links = patientsAt(after, declaration.links)
      .filter((patient) => patient !== place.patient)
      .map((patient) => linkOf(patient, place));
    const holder = `${place.type}/${place.id}`;
    const difference = (
      now_: readonly Key[],
      then: readonly Key[],
    ): readonly Key[] =>
      now_.filter(
        (one) => !then.some((other) => nameOf(one) === nameOf(other)),
      );
    for (const key_ of [
      ...difference(indexed, old.indexed),
      ...difference(links, old.links),
    ])
      writes.push({ put: { ...key_ }, guard: "any" });
    for (const key_ of [
      ...difference(old.indexed, indexed),
      ...difference(old.links, links),
      ...difference(old.unique, unique),
    ])
      writes.push({ remove: key_, guard: "any" });
    for (const key_ of difference(unique, old.unique))
      writes.push({
        put: { ...key_, holder },
        guard: { holder },
        otherwise: duplicate,
      });
    return [
      {
        put: {
          ...item,
          body,
          key,
          indexed: indexed.map(nameOf),
          unique: unique.map(nameOf),
          links: links.map(nameOf),
        },
        guard,
      },
      ...writes,
    ];
  }

  function namesOn(item: Item | undefined): {
    indexed: Key[];
    unique: Key[];
    links: Key[];
  } {
    const keys = (value: unknown): Key[] =>
      (Array.isArray(value) ? (value as string[]) : []).map((name) => {
        const [pk = "", sk = ""] = [
          name.slice(0, name.lastIndexOf("|")),
          name.slice(name.lastIndexOf("|") + 1),
        ];
        return { pk, sk };
      });
    return {
      indexed: keys(item?.["indexed"]),
      unique: keys(item?.["unique"]),
      links: keys(item?.["links"]),
    };
  }
};

/** Work lists whose keys are ids and days, so they stay readable; every other list is hashed. */
const readableLists: ReadonlySet<string> = new Set([
  "all",
  "practitioner-day",
  "location-day",
  "owner",
  "owner-closed",
  "team",
  "team-closed",
]);

const homeFor = (
  resource: Resource,
  declaration: Declaration,
  id: string,
): string | undefined =>
  declaration.home === "self" ? id : homeOf(resource, declaration);

const idFor = (
  resource: Resource,
  { home, type }: Declaration,
  patient: string | undefined,
  local: Ulid,
): string => {
  if (home === "schedule") {
    const { start = "", schedule } = resource as {
      start?: string;
      schedule?: { reference?: string };
    };
    const sid = /^Schedule\/(\w{26})$/.exec(schedule?.reference ?? "")?.[1];
    const instant = Date.parse(start);
    if (sid === undefined || Number.isNaN(instant)) {
      throw new Fault(
        "InvalidResource",
        422,
        "A Slot needs a start and a Schedule of this server.",
        { code: "required", expression: ["Slot.schedule", "Slot.start"] },
      );
    }
    const stamp = new Date(instant)
      .toISOString()
      .slice(0, 16)
      .replaceAll(/[-:]/g, "");
    return `${sid}-${stamp}-${local.slice(-8)}`;
  }
  return type === "Patient" || patient === undefined
    ? local
    : `${patient}-${local}`;
};

const placeOf = (type: KnownType, pk: string, sk: string): Address => {
  const local = sk.slice(currentOf(type).length);
  const owner = pk.slice(pk.indexOf("#") + 1);
  const id = pk.startsWith("PATIENT#")
    ? type === "Patient"
      ? owner
      : `${owner}-${local}`
    : pk.startsWith("Schedule#")
      ? `${owner}-${local}`
      : local;
  const place = addressOf(type, id);
  if (place === undefined)
    throw new Error(
      `an item of type ${type} lies under a key that is no address`,
    );
  return place;
};

const allOf = async (
  table: Table,
  range: Parameters<Table["query"]>[0],
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for (let after: string | undefined; ;) {
    const page = await table.query({
      ...range,
      ...(after !== undefined && { after }),
    });
    items.push(...page.items);
    if (page.after === undefined) return items;
    after = page.after;
  }
};

const holders = async (
  table: Table,
  actor: string,
  { from, until }: Stretch,
): Promise<Map<string, string>> => {
  const buckets = bucketsOf(from, until);
  const items = await allOf(table, {
    pk: claimOf(actor, "", 0).pk,
    between: [buckets[0] ?? "", `${buckets.at(-1) ?? ""}~`],
  });
  return new Map(items.map(({ sk, holder }) => [sk, String(holder)]));
};

const counted = (writes: readonly Write[]): void => {
  const bytes = writes.reduce(
    (sum, write) => sum + ("put" in write ? sizeOf(write.put) : 0),
    0,
  );
  if (
    writes.length > transactionLimits.items ||
    bytes > transactionLimits.bytes
  ) {
    throw new Fault(
      "TooCostly",
      413,
      `This change needs ${String(writes.length)} writes; one transaction holds ${String(transactionLimits.items)} and 4 MB. Split it, or use the bulk import.`,
      { code: "too-costly" },
    );
  }
};

/** A resource without what every write sets anew. */
const comparable = (resource: Resource): unknown => {
  const { meta, ...rest } = JSON.parse(JSON.stringify(resource)) as Resource;
  const { versionId: _v, lastUpdated: _l, ...kept } = meta ?? {};
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest;
};

const batches = <T>(
  list: readonly T[],
  size: number,
): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );

const unknown = (type: KnownType): never => {
  throw notFound(type);
};
export const notFound = (type: KnownType): Fault =>
  new Fault("NotFound", 404, `There is no such ${type}.`);
export const gone = (type: KnownType): Fault =>
  new Fault("Gone", 410, `The ${type} was deleted.`);
const slotTaken = (): Fault =>
  new Fault(
    "SlotTaken",
    409,
    "This time has just been taken. Look for another one.",
  );
const duplicate = (): Fault =>
  new Fault(
    "DuplicateIdentifier",
    409,
    "Another resource has this identifier already.",
    { code: "duplicate" },
  );
const unknownPatient = (): Fault =>
  new Fault(
    "UnknownPatient",
    422,
    "The patient that the resource belongs to is not in this record.",
    { code: "not-found" },
  );
