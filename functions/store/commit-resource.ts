import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration } from "../resources/declaration.ts";
import { patientsAt } from "./home.ts";
import { indexEntries, uniqueKeys } from "./index-entries.ts";
import { asItem, keyNamed, nameOf, type ResourceItem } from "./items.ts";
import { historyOf, linkOf, type Key } from "./keys.ts";
import type { Cell, Overlay } from "./overlay.ts";
import type { Store } from "./store.ts";
import type { Item, Write } from "./table.ts";

const largestBody = 350 * 1024;

/** A resource with its earlier version, index entries, links and unique identifiers. Throws TooLarge (413). */
export const resourceWrites = async (
  store: Store,
  overlay: Overlay,
  commit: Ulid,
  { address, before, change }: Cell,
): Promise<readonly Write[]> => {
  if (change === undefined) return [];
  const { pk, sk, type, id, patient } = address;
  const { after, version } = change;
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
  const history =
    before === undefined
      ? []
      : puts([
          {
            ...withoutLinks(before.item),
            ...historyOf(address, version - 1),
          },
        ]);
  const old = {
    indexed: keys(before?.item.indexed),
    links: keys(before?.item.links),
    unique: keys(before?.item.unique),
  };
  if (after === undefined) {
    return [
      { put: { ...head, deleted: true }, guard },
      ...history,
      ...removals([...old.indexed, ...old.links, ...old.unique]),
    ];
  }
  const holder = `${type}/${id}`;
  const { body, key } = await store.vault.seal(
    { reference: holder, version },
    JSON.stringify(after),
    patient === undefined ? undefined : await overlay.keyOf(patient),
  );
  if (body.length > largestBody) throw tooLarge(type);
  const { vault, country } = store;
  const declaration: Declaration = declarations[type];
  const indexed = await indexEntries(vault, after, declaration, country);
  const unique = await uniqueKeys(vault, after, declaration, store.unique);
  const links = patientsAt(after, declaration.links).flatMap((other) =>
    other === patient ? [] : [linkOf(other, address)],
  );
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
    ...puts([...without(indexed, old.indexed), ...without(links, old.links)]),
    ...removals([
      ...without(old.indexed, indexed),
      ...without(old.links, links),
      ...without(old.unique, unique),
    ]),
    ...without(unique, old.unique).map((entry) => ({
      put: { ...entry, holder },
      guard: { holder },
      otherwise: duplicate,
    })),
  ];
};

const puts = (items: readonly (Item | Key)[]): readonly Write[] =>
  items.map((item) => ({ put: { ...item }, guard: "any" }));

const removals = (entries: readonly Key[]): readonly Write[] =>
  entries.map((remove) => ({ remove, guard: "any" }));

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

const tooLarge = (type: string): Fault =>
  new Fault(
    "TooLarge",
    413,
    "A resource may take 350 KB sealed. Move attachments over 64 KB out of it.",
    { expression: [type] },
  );

const duplicate = (): Fault =>
  new Fault(
    "DuplicateIdentifier",
    409,
    "Another resource has this identifier already.",
    { code: "duplicate" },
  );
