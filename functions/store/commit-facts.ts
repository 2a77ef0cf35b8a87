import type { Context } from "../core/caller.ts";
import { factDayEntry, factItem, type Touched } from "./facts.ts";
import type { Cell, Seen } from "./overlay.ts";
import type { Store } from "./store.ts";
import type { Item, Write } from "./table.ts";

const factSize = 500;

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
export const touchedByPatient = (cells: readonly Cell[]): Changes => {
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

export const changeFacts = (
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

export const factWrites = async (
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
