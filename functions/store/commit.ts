import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration } from "../resources/declaration.ts";
import type { Claims } from "./claims.ts";
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
import { unknownPatient, type Cell, type Overlay } from "./overlay.ts";
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

/**
 * Writes a unit of work in one transaction: each resource, its previous version, its index entries, claims, and one fact
 * per patient. Without a change only the facts of what was read are stored. Throws CommitRefused, CommitContended, Faults.
 */
export const commitWork = async (
  store: Store,
  context: Context,
  commit: Ulid,
  overlay: Overlay,
  claims: Claims,
): Promise<void> => {
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
  const facts = factsOf(store, context, changes, overlay);
  const writes: Write[] = [
    ...overlay.newKeys.map(
      (key) => ({ put: asItem(key), table: "keys", guard: "absent" }) as const,
    ),
    ...resources,
    ...relied,
    ...claims.writes(),
  ];
  if (writes.length === 0) {
    if (facts.length > 0) await store.table.append(facts);
    return;
  }
  writes.push(
    ...keyChecks(changes, overlay),
    ...(await factWrites(store, facts)),
  );
  count(writes);
  await committed(store, commit, writes, changes);
};

const committed = async (
  store: Store,
  commit: Ulid,
  writes: readonly Write[],
  changes: Changes,
): Promise<void> => {
  const [first, ...rest] = writes;
  if (first === undefined) return;
  try {
    await store.table.commit([first, ...rest], commit);
  } catch (error) {
    if (!(error instanceof CommitRefused)) throw error;
    // The answer to an earlier try was lost, but it had been written.
    if (error.refused.some(({ found }) => found?.commit === commit)) return;
    for (const patient of changes.keys())
      if (patient !== undefined) store.keyItems.delete(patient);
    for (const { index } of error.refused) {
      const fault = writes[index]?.otherwise?.();
      if (fault !== undefined) throw fault;
    }
    throw error;
  }
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

const factsOf = (
  { newId, now }: Store,
  context: Context,
  changes: Changes,
  { seen }: Overlay,
): readonly Item[] => {
  const at = now();
  const reads = new Map<string, Touched[]>();
  for (const { type, id, version, patient } of seen.values()) {
    if (patient === undefined || changes.has(patient)) continue;
    const list = reads.get(patient) ?? [];
    list.push({ type, id, version, what: `${type}Read` });
    reads.set(patient, list);
  }
  const parts = (list: readonly Touched[]): readonly (readonly Touched[])[] =>
    Array.from({ length: Math.ceil(list.length / factSize) }, (_, index) =>
      list.slice(index * factSize, (index + 1) * factSize),
    );
  return [
    ...[...changes].map(([patient, list]) =>
      factItem(newId(), at, context, {
        kind: "change",
        outcome: "done",
        changes: list,
        ...(patient !== undefined && { patient }),
      }),
    ),
    ...[...reads].flatMap(([patient, list]) =>
      parts(list).map((part) =>
        factItem(newId(), at, context, {
          kind: "read",
          outcome: "done",
          changes: part,
          patient,
        }),
      ),
    ),
  ];
};

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

/** No write slips into a compartment whose key is being shredded. */
const keyChecks = (
  changes: Changes,
  { newKeys }: Overlay,
): readonly Write[] => {
  const created = new Set(newKeys.map(({ pk }) => pk));
  return [...changes.keys()].flatMap((patient) => {
    if (patient === undefined || created.has(compartment(patient))) return [];
    const { table, pk, sk } = patientKeyPlace(patient);
    return [
      {
        check: { pk, sk },
        table,
        guard: "live",
        otherwise: unknownPatient,
      } as const,
    ];
  });
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
            put: { ...asItem(before.item), ...historyOf(address, version - 1) },
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
    `This change needs ${writes.length} writes; one transaction holds ${transactionLimits.items} and 4 MB. Split it, or use the bulk import.`,
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
