import type { Appointment, Patient, Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Action } from "../core/permission.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import { nameless } from "../resources/nameless.ts";
import type { TimeKeeper } from "./booking.ts";
import type * as Checks from "./checks.ts";
import { createClaims } from "./claims.ts";
import { prepareCommit, sendCommit, type Prepared } from "./commit.ts";
import { equal } from "./equal.ts";
import { unlessErased } from "./erased.ts";
import { consentsOf, createExclusions } from "./exclusions.ts";
import { homeOf } from "./home.ts";
import { createIdentityLookUps } from "./identity-look-ups.ts";
import { asKey } from "./items.ts";
import {
  addressOf,
  compartment,
  directory,
  scheduleOf,
  slotsFrom,
  type Address,
} from "./keys.ts";
import {
  addressesIn,
  addressIn,
  allOf,
  createOverlay,
  type Overlay,
} from "./overlay.ts";
import { createMerges, replacedBy } from "./merges.ts";
import { homeFor, idFor } from "./new-id.ts";
import { createPermits, labelsOf, type Permits } from "./permits.ts";
import type { Kept, Stored, Work } from "./records.ts";
import type { Store } from "./store.ts";

export interface OpenWork
  extends Omit<Work, "search">, Permits, Pick<Overlay, "current"> {
  /** Without what the caller's scopes do not reach. */
  load(
    addresses: readonly Address[],
    action?: "read" | "search",
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  /** Ids by an index partition (or by links of a compartment), lowest sort first. */
  listed(partition: string, prefix?: string): Promise<readonly string[]>;
  commit(): Promise<void>;
}

/** Loaded with the first write: reads never need what validates. */
let check: typeof Checks.check | undefined;

export const openWork = (store: Store, context: Context): OpenWork => {
  const { table, vault, now, newId } = store;
  const merges = createMerges(table);
  const exclusions = createExclusions(store);
  const overlay = createOverlay(store, merges);
  const permits = createPermits(store, context, {
    samePerson: merges.samePerson,
    keyItem: overlay.keyItem,
  });
  const { permit, permitted, admit, see, reach } = permits;
  const claims = createClaims(table);
  const commit = newId();
  let prepared: Promise<Prepared> | undefined;

  /** A patient's partition stands for those of all records of that person. */
  const partitions = async (pk: string): Promise<readonly string[]> => {
    const patient = patientOf(pk);
    return patient === undefined
      ? [pk]
      : (await merges.samePerson(patient)).map(compartment);
  };

  const current: OpenWork["current"] = async (pk, type, between) => {
    // The partition is read together with what tells of the others.
    const own = await overlay.current(pk, type, between);
    const others = (await partitions(pk)).filter((other) => other !== pk);
    const more = await Promise.all(
      others.map((other) =>
        overlay.current(other, type, between).catch(unlessErased),
      ),
    );
    const all = [...own, ...more.flatMap((some) => some ?? [])];
    return (await reach("search", all)).filter(
      (resource) => resource !== undefined,
    );
  };

  const load = async (
    addresses: readonly Address[],
    action: "read" | "search" = "read",
  ): ReturnType<OpenWork["load"]> =>
    reach(action, await overlay.load(addresses));

  const readEach = async (
    references: readonly string[],
    read: (addresses: readonly Address[]) => ReturnType<OpenWork["load"]>,
  ): ReturnType<OpenWork["load"]> => {
    const addresses = references.map(addressIn);
    for (const address of addresses)
      if (address !== undefined)
        await permit("read", address.type, address.patient);
    const known = addresses.filter((address) => address !== undefined);
    const found = await read(known);
    return addresses.map((address) =>
      address === undefined ? undefined : found[known.indexOf(address)],
    );
  };

  /** Who was erased is compared with nobody, and keeps nobody else from it. */
  const peeked: Overlay["peek"] = async (addresses) =>
    (await overlay.peek(addresses).catch(unlessErased)) ??
    Promise.all(
      addresses.map(
        async (address) =>
          (await overlay.peek([address]).catch(unlessErased))?.[0],
      ),
    );

  const listed: OpenWork["listed"] = async (partition, prefix = "") => {
    const items = await Promise.all(
      (await partitions(partition)).map((pk) =>
        allOf(table, { pk, ...(prefix !== "" && { prefix }) }),
      ),
    );
    return items.flat().map(({ sk }) => sk.slice(sk.lastIndexOf("#") + 1));
  };

  const checked: typeof Checks.check = async (...asked) => {
    check ??= (await import("./checks.ts")).check;
    await check(...asked);
  };

  const stage = async <T extends Kept>(
    address: Address,
    resource: T,
  ): Promise<Stored<T>> => {
    const declaration: Declaration = declarations[address.type];
    const before = overlay.cell(address)?.before;
    const previous = overlay.value(address);
    await checked(declaration, previous, resource);
    const version = (before?.item.v ?? 0) + 1;
    const meta = {
      ...resource.meta,
      versionId: String(version),
      lastUpdated: now().toISOString(),
    };
    const after: Stored<T> = nameless(
      { ...resource, id: address.id, meta },
      address.patient,
    );
    const what =
      declaration.event?.(after, before?.resource) ??
      `${address.type}${before?.resource === undefined ? "Created" : "Updated"}`;
    overlay.stage(address, { after: after, version, what });
    await excludeConsents(address);
    if (after.resourceType === "Patient") {
      const patient = previous as Patient | undefined;
      await permitMerge(patient, after);
      await merges.settle(after.id, version, patient, after);
    }
    if (after.resourceType === "Appointment" && !isOver(previous, after))
      await settle(
        `Appointment/${after.id}`,
        previous as Appointment | undefined,
        after,
      );
    return after;
  };

  const excludeConsents = async ({ type, patient }: Address): Promise<void> => {
    if (type === "Consent" && patient !== undefined)
      await exclusions.exclude(consentsOf(patient));
  };

  /** To make a record part of another's is to change that one too. */
  const permitMerge = async (
    before: Patient | undefined,
    after: Patient,
  ): Promise<void> => {
    const survivor = replacedBy(after);
    if (survivor !== undefined && survivor !== replacedBy(before))
      await permit("update", "Patient", survivor);
  };

  /** An appointment of the past, told to us afterwards, holds nobody's time. */
  const isOver = (previous: Resource | undefined, after: Appointment) =>
    previous === undefined &&
    after.end !== undefined &&
    Date.parse(after.end) < now().getTime();

  const settle = async (
    holder: string,
    before: Appointment | undefined,
    after: Appointment | undefined,
  ): Promise<void> => {
    const { settleTime } = await import("./booking.ts");
    await settleTime(timeKeeper, holder, before, after);
  };

  const timeKeeper: TimeKeeper = {
    look: (references) => overlay.load(addressesIn(references)),
    rely: ({ id }) => {
      const address = addressOf("Slot", id);
      if (address !== undefined) overlay.rely(address);
    },
    setSlot: async (slot) => {
      const address = addressOf("Slot", slot.id);
      if (address !== undefined) await stage(address, slot);
    },
    claim: claims.take,
    release: claims.free,
  };

  const existing = async (
    action: Action,
    type: KnownType,
    id: string,
    ifVersion?: string,
  ): Promise<{ address: Address; resource: Stored<Kept> }> => {
    const address = addressOf(type, id);
    const [resource] =
      address === undefined ? [] : await overlay.load([address]);
    if (address === undefined || resource === undefined)
      throw address !== undefined && isDeleted(address)
        ? gone(type)
        : notFound(type);
    await admit(action, resource);
    // Before the version is compared: that would tell it.
    if (action === "update" || action === "delete") await see(resource);
    if (ifVersion !== undefined && ifVersion !== resource.meta.versionId) {
      throw new Fault(
        "StaleVersion",
        412,
        `The ${type} has a newer version. Read it again and repeat the change on that version.`,
      );
    }
    return { address, resource };
  };

  const isDeleted = (address: Address): boolean =>
    overlay.cell(address)?.before?.item.deleted === true;

  const reserve: Work["reserve"] = (resource) => {
    const declaration: Declaration = declarations[resource.resourceType];
    const local = newId();
    return idFor(
      resource,
      declaration,
      homeFor(resource, declaration, local),
      local,
    );
  };

  return {
    ...permits,
    load,
    current,
    listed,
    samePerson: merges.samePerson,
    mergedAt: merges.mergedAt,
    exclude: exclusions.exclude,
    reserve,

    read: async (type, id) => {
      const address = addressOf(type, id);
      if (address === undefined) return undefined;
      await permit("read", type, address.patient);
      const [resource] = await load([address]);
      return resource as never;
    },
    demand: async (type, id) => {
      await permit("read", type, addressOf(type, id)?.patient);
      return (await existing("read", type, id)).resource as never;
    },
    readAll: (references) => readEach(references, load),
    compare: (references) =>
      readEach(references, async (addresses) =>
        reach("read", await peeked(addresses)),
      ),
    expect: (references) => overlay.expect(addressesIn(references)),
    ofPatient: async (type, patient) => {
      await permit("search", type, patient);
      return (await current(compartment(patient), type)) as never;
    },
    inDirectory: async (type) => {
      await permit("search", type, undefined);
      return (await current(directory(type), type)) as never;
    },
    slotsOf: async (scheduleId, { from, until }) => {
      await permit("search", "Slot", undefined);
      return (await current(scheduleOf(scheduleId), "Slot", [
        slotsFrom(from),
        slotsFrom(until),
      ])) as never;
    },
    claimed: claims.counts,
    ...createIdentityLookUps(store, { overlay, listed, load, permitted }),

    create: async (resource, { reserved = reserve(resource) } = {}) => {
      const type = resource.resourceType;
      const declaration: Declaration = declarations[type];
      const address = addressOf(type, reserved);
      if (address === undefined)
        throw new Error(`no address for a new ${type}`);
      const { patient, id } = address;
      await permit("create", type, patient);
      if (homeFor(resource, declaration, id) !== patient)
        throw new Error(`a reserved ${type} changed its patient`);
      if (declaration.home === "self")
        overlay.addKey(id, asKey(await vault.newPatientKey(id)));
      else if (patient !== undefined) await overlay.keyOf(patient);
      const created = await stage(address, { ...resource, id });
      await admit("create", created);
      return created;
    },
    update: async (resource, { ifVersion } = {}) => {
      const type = resource.resourceType;
      await permit("update", type, addressOf(type, resource.id)?.patient);
      const { address, resource: before } = await existing(
        "update",
        type,
        resource.id,
        ifVersion,
      );
      const declaration: Declaration = declarations[type];
      const { home } = declaration;
      if (
        Array.isArray(home) &&
        homeOf(resource, declaration) !== address.patient
      ) {
        throw new Fault(
          "HomeChanged",
          422,
          `A ${type} stays with its patient. Mark this one entered-in-error and create a new one.`,
          {
            expression: home.map((path: string) => `${type}.${path}`),
          },
        );
      }
      const told = nameless(resource, address.patient);
      if (equal(comparable(told), comparable(before))) {
        // What is left out of it is checked, too.
        if (told !== resource) await checked(declaration, before, resource);
        return before as never;
      }
      const updated = await stage(address, resource);
      await admit("update", updated);
      const labels = labelsOf(updated);
      if (labelsOf(before).some((label) => !labels.includes(label)))
        await admit("declassify", before);
      return updated;
    },
    remove: async (type, id, { ifVersion } = {}) => {
      await permit("delete", type, addressOf(type, id)?.patient);
      if (type === "Patient")
        throw new Fault(
          "PatientNotDeletable",
          422,
          "A patient is not deleted but erased or marked inactive.",
        );
      const { address, resource } = await existing(
        "delete",
        type,
        id,
        ifVersion,
      );
      const version = (overlay.cell(address)?.before?.item.v ?? 0) + 1;
      const declaration: Declaration = declarations[type];
      overlay.stage(address, {
        after: undefined,
        version,
        what: declaration.event?.(undefined, resource) ?? `${type}Deleted`,
      });
      await excludeConsents(address);
      if (resource.resourceType === "Appointment")
        await settle(`Appointment/${id}`, resource, undefined);
    },
    rely: (type, id) => {
      const address = addressOf(type, id);
      if (address !== undefined) overlay.rely(address);
    },
    commit: async () => {
      prepared ??= prepareCommit(store, context, commit, overlay, [
        claims,
        merges,
        exclusions,
      ]);
      await sendCommit(store, await prepared);
    },
  };
};

const patientOf = (pk: string): string | undefined =>
  pk.startsWith("PATIENT#") ? pk.slice("PATIENT#".length) : undefined;

/** A resource without what every write sets anew. */
const comparable = (resource: Resource): unknown => {
  const { meta, ...rest } = resource;
  // What is not valid has not been refused yet.
  if (meta !== undefined && !isObject(meta)) return resource;
  const { versionId: _version, lastUpdated: _time, ...kept } = meta ?? {};
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest;
};

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null;

export const notFound = (type: KnownType): Fault =>
  new Fault("NotFound", 404, `There is no such ${type}.`);
export const gone = (type: KnownType): Fault =>
  new Fault("Gone", 410, `The ${type} was deleted.`);
