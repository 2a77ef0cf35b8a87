import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration } from "../resources/declaration.ts";
import { factDayEntry, factItem, type Touched } from "./facts.ts";
import { patientsAt } from "./home.ts";
import { indexEntries, uniqueKeys } from "./index-entries.ts";
import { asItem, keyNamed, nameOf, type ResourceItem } from "./items.ts";
import {
  compartment,
  historyOf,
  linkOf,
  patientKeyPlace,
  type Key,
} from "./keys.ts";
import { replacedBy } from "./merges.ts";
import { oneWritePerItem } from "./one-write-per-item.ts";
import {
  unknownPatient,
  type Cell,
  type Overlay,
  type Seen,
} from "./overlay.ts";
import type { Store } from "./store.ts";
import {
  CommitRefused,
  sizeOf,
  transactionLimits,
  type Item,
  type Write,
} from "./table.ts";

const largestBody = 350 * 1024;
const factSize = 500;

/** A unit of work made ready: sending it again sends the same bytes, so a repetition is harmless. */
export interface Prepared {
  readonly commit: Ulid;
  readonly writes: readonly Write[];
  /** Facts of what was only read; stored alone when there is nothing to write. */
  readonly facts: readonly Item[];
  readonly patients: readonly string[];
}

/**
 * The one transaction of a unit of work: each resource, its previous version, its index entries, claims, and one fact per
 * patient. Throws TooLarge, TooCostly (413).
 */
export const prepareCommit = async (
  store: Store,
  context: Context,
  commit: Ulid,
  overlay: Overlay,
  others: readonly { writes(commit: Ulid): readonly Write[] }[],
): Promise<Prepared> => {
  const changed = [...overlay.cells.values()].filter(
    ({ change }) => change !== undefined,
  );
  const resources = (
    await Promise.all(
      changed.map((cell) => resourceWrites(store, overlay, commit, cell)),
    )
  ).flat();
  const relied = [...overlay.cells.values()].flatMap(
    ({ address, before, change, relied: isRelied }) =>
      isRelied === true && change === undefined && before !== undefined
        ? [{ check: address, guard: { version: before.item.v } } as const]
        : [],
  );
  const changes = touchedByPatient(changed);
  const rules = await ruling(changed);
  const facts = [
    ...changeFacts(store, context, changes),
    ...readFacts(
      store,
      context,
      [...overlay.seen.values()].filter(
        ({ patient }) => patient !== undefined && !changes.has(patient),
      ),
    ),
  ];
  const patients = [...changes.keys()].filter(
    (patient) => patient !== undefined,
  );
  const own: readonly Write[] = [
    ...newKeys(overlay, rules, commit),
    ...resources,
    ...relied,
    ...others.flatMap((other) => other.writes(commit)),
  ];
  if (own.length === 0) return { commit, writes: [], facts, patients };
  const writes = oneWritePerItem([
    ...own,
    ...keyChecks(patients, overlay, rules, commit),
    ...(await factWrites(store, facts)),
  ]);
  count(writes);
  return { commit, writes, facts, patients };
};

/** Throws CommitRefused, CommitContended, and the fault of a guard that has one. */
export const sendCommit = async (
  store: Store,
  { commit, writes, facts, patients }: Prepared,
): Promise<void> => {
  const [first, ...rest] = writes;
  if (first === undefined) {
    if (facts.length > 0) await store.table.append(facts);
    return;
  }
  try {
    await store.table.commit([first, ...rest], commit);
  } catch (error) {
    if (!(error instanceof CommitRefused)) throw error;
    // The answer to an earlier try was lost, but it had been written.
    if (error.refused.some(({ found }) => found?.commit === commit)) return;
    for (const patient of patients) store.keyItems.delete(patient);
    for (const { index } of error.refused) {
      const fault = writes[index]?.otherwise?.();
      if (fault !== undefined) throw fault;
    }
    throw error;
  }
};

/** One fact per patient of resources that were read. */
export const readFacts = (
  { newId, now }: Pick<Store, "newId" | "now">,
  context: Context,
  resources: readonly Seen[],
): readonly Item[] => {
  const at = now();
  const byPatient = Map.groupBy(resources, ({ patient }) => patient);
  return [...byPatient].flatMap(([patient, seen]) => {
    if (patient === undefined) return [];
    const touched = seen.map(({ type, id, version }) => ({
      type,
      id,
      version,
      what: `${type}Read`,
    }));
    const parts = Array.from(
      { length: Math.ceil(touched.length / factSize) },
      (_, index) => touched.slice(index * factSize, (index + 1) * factSize),
    );
    return parts.map((changes) =>
      factItem(newId(), at, context, {
        kind: "read",
        outcome: "done",
        changes,
        patient,
      }),
    );
  });
};

type Changes = ReadonlyMap<string | undefined, readonly Touched[]>;

/** Changes by patient; those of no patient are told with the one patient they were made for, else under their day. */
const touchedByPatient = (cells: readonly Cell[]): Changes => {
  const changes = new Map<string | undefined, Touched[]>();
  for (const { address, change } of cells) {
    if (change === undefined) continue;
    const list = changes.get(address.patient) ?? [];
    list.push({
      type: address.type,
      id: address.id,
      version: change.version,
      what: change.what,
    });
    changes.set(address.patient, list);
  }
  const loose = changes.get(undefined);
  if (loose === undefined || changes.size !== 2) return changes;
  changes.delete(undefined);
  for (const list of changes.values()) list.push(...loose);
  return changes;
};

const changeFacts = (
  { newId, now }: Store,
  context: Context,
  changes: Changes,
): readonly Item[] =>
  [...changes].map(([patient, list]) =>
    factItem(newId(), now(), context, {
      kind: "change",
      outcome: "done",
      changes: list,
      ...(patient !== undefined && { patient }),
    }),
  );

const factWrites = async (
  { vault }: Store,
  facts: readonly Item[],
): Promise<readonly Write[]> => {
  const version = await vault.indexVersion();
  return facts.flatMap((put) => [
    { put, guard: "any" } as const,
    ...(put.kind === "read"
      ? []
      : [{ put: factDayEntry(put, version), guard: "any" } as const]),
  ]);
};

/** The patients of whom this commit changes what their Consents say of reading, or which records are one person's. */
const ruling = async (cells: readonly Cell[]): Promise<ReadonlySet<string>> => {
  const patients = new Set<string>();
  for (const { address, before, change } of cells) {
    if (address.patient === undefined) continue;
    const versions = [before?.resource, change?.after];
    if (address.type === "Consent") {
      const { speaksOfReads } = await import("../core/consent.ts");
      if (
        versions.some(
          (one) => one?.resourceType === "Consent" && speaksOfReads(one),
        )
      )
        patients.add(address.patient);
    }
    if (address.type === "Patient") {
      const [old, next] = versions.map((one) =>
        one?.resourceType === "Patient" ? replacedBy(one) : undefined,
      );
      // A mark stays when they part again; then each is read with the own Consents only.
      if (next !== undefined && old !== next)
        patients.add(address.patient).add(next);
    }
  }
  return patients;
};

const newKeys = (
  { newKeys: keys }: Overlay,
  rules: ReadonlySet<string>,
  commit: Ulid,
): readonly Write[] =>
  keys.map((key) => ({
    put: asItem(
      rules.has(key.pk.slice(compartment("").length))
        ? { ...key, rules: commit }
        : key,
    ),
    table: "keys",
    guard: "absent",
  }));

/** No write slips into a compartment whose key is being shredded; new rules of reading are announced beside the key. */
const keyChecks = (
  patients: readonly string[],
  { newKeys: made }: Overlay,
  rules: ReadonlySet<string>,
  commit: Ulid,
): readonly Write[] => {
  const created = new Set(made.map(({ pk }) => pk));
  return [...new Set([...patients, ...rules])].flatMap(
    (patient): readonly Write[] => {
      if (created.has(compartment(patient))) return [];
      const { table, pk, sk } = patientKeyPlace(patient);
      if (rules.has(patient))
        return [
          {
            mark: { pk, sk },
            table,
            attribute: "rules",
            value: commit,
            guard: "live",
            otherwise: unknownPatient,
          } as const,
        ];
      return [
        {
          check: { pk, sk },
          table,
          guard: "live",
          otherwise: unknownPatient,
        } as const,
      ];
    },
  );
};

const resourceWrites = async (
  store: Store,
  overlay: Overlay,
  commit: Ulid,
  { address, before, change }: Cell,
): Promise<readonly Write[]> => {
  if (change === undefined) return [];
  const { pk, sk, type, id, patient } = address;
  const { after, version } = change;
  const declaration: Declaration = declarations[type];
  const head = {
    pk,
    sk,
    v: version,
    id,
    updated: after?.meta.lastUpdated ?? store.now().toISOString(),
    commit,
  };
  const guard =
    before === undefined ? ("absent" as const) : { version: version - 1 };
  const history: readonly Write[] =
    before === undefined
      ? []
      : [
          {
            put: {
              ...withoutLinks(before.item),
              ...historyOf(address, version - 1),
            },
            guard: "any",
          },
        ];
  const old = {
    indexed: keys(before?.item.indexed),
    links: keys(before?.item.links),
    unique: keys(before?.item.unique),
  };
  if (after === undefined) {
    return [
      { put: { ...head, deleted: true }, guard },
      ...history,
      ...[...old.indexed, ...old.links, ...old.unique].map(
        (key) => ({ remove: key, guard: "any" }) as const,
      ),
    ];
  }
  const keyItem =
    patient === undefined ? undefined : await overlay.keyOf(patient);
  const { body, key } = await store.vault.seal(
    { reference: `${type}/${id}`, version },
    JSON.stringify(after),
    keyItem,
  );
  if (body.length > largestBody) {
    throw new Fault(
      "TooLarge",
      413,
      "A resource may take 350 KB sealed. Move attachments over 64 KB out of it.",
      { expression: [type] },
    );
  }
  const indexed = await indexEntries(
    store.vault,
    after,
    declaration,
    store.country,
  );
  const unique = await uniqueKeys(
    store.vault,
    after,
    declaration,
    store.unique,
  );
  const links = patientsAt(after, declaration.links).flatMap((other) =>
    other === patient ? [] : [linkOf(other, address)],
  );
  const holder = `${type}/${id}`;
  const item: ResourceItem = {
    ...head,
    body,
    key,
    indexed: indexed.map(nameOf),
    unique: unique.map(nameOf),
    links: links.map(nameOf),
  };
  return [
    { put: asItem(item), guard },
    ...history,
    ...[...without(indexed, old.indexed), ...without(links, old.links)].map(
      (entry) => ({ put: { ...entry }, guard: "any" }) as const,
    ),
    ...[
      ...without(old.indexed, indexed),
      ...without(old.links, links),
      ...without(old.unique, unique),
    ].map((entry) => ({ remove: entry, guard: "any" }) as const),
    ...without(unique, old.unique).map(
      (entry) =>
        ({
          put: { ...entry, holder },
          guard: { holder },
          otherwise: duplicate,
        }) as const,
    ),
  ];
};

/** Whom a version named that is over, nobody finds any more: not even an erasure could. */
const withoutLinks = ({ links: _links, ...item }: ResourceItem): Item =>
  asItem(item);

const keys = (names: readonly string[] | undefined): readonly Key[] =>
  names?.map(keyNamed) ?? [];

const without = (
  some: readonly Key[],
  others: readonly Key[],
): readonly Key[] => {
  const names = new Set(others.map(nameOf));
  return some.filter((key) => !names.has(nameOf(key)));
};

/** DynamoDB's limits, found out before anything is sent. */
const count = (writes: readonly Write[]): void => {
  const bytes = writes.reduce(
    (sum, write) => sum + ("put" in write ? sizeOf(write.put) : 0),
    0,
  );
  if (
    writes.length <= transactionLimits.items &&
    bytes <= transactionLimits.bytes
  )
    return;
  throw new Fault(
    "TooCostly",
    413,
    `This change needs ${writes.length} writes; one transaction holds ${transactionLimits.items} and 4 MB. Split it, or use the bulk import (POST /v1/imports).`,
    {
      code: "too-costly",
    },
  );
};

const duplicate = (): Fault =>
  new Fault(
    "DuplicateIdentifier",
    409,
    "Another resource has this identifier already.",
    { code: "duplicate" },
  );
