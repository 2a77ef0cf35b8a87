import type { Identifier, Resource } from "@medplum/fhirtypes";
import type { ImportJob } from "../core/import-job.ts";
import { aliasOf } from "../core/import-references.ts";
import { declarations, isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { identifierValue } from "../resources/normalise.ts";
import { partitionOf } from "./index-entries.ts";
import { nameOf } from "./items.ts";
import { sourceOf, type Key } from "./keys.ts";
import type { Store } from "./store.ts";
import type { Item } from "./table.ts";

/** What conditional references of an import name: `Practitioner?identifier=<system>|<value>`. */
export interface ImportAliases {
  /** Remembers the identifiers of patients and of what has none; of one that two carry, that it means nothing. */
  note(
    resources: readonly { readonly id: string; readonly resource: Resource }[],
  ): Promise<void>;
  /** `Type/id` by alias, of this import or else of the record; only what exactly one carries. */
  find(aliases: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const batchSize = 100;
const ambiguous = "";

export const createImportAliases = (
  { table, vault }: Pick<Store, "table" | "vault">,
  { id: job, source }: Pick<ImportJob, "id" | "source">,
  later: () => number,
): ImportAliases => {
  const keyOf = async (alias: string): Promise<Key> =>
    sourceOf(await vault.hash("source", source, [alias]));

  /** What this import has noted under these aliases. */
  const noted = async (
    aliases: readonly string[],
  ): Promise<ReadonlyMap<string, string>> => {
    const keys = await Promise.all(
      aliases.map(async (alias) => [alias, await keyOf(alias)] as const),
    );
    const items: Item[] = [];
    for (let from = 0; from < keys.length; from += batchSize)
      items.push(
        ...(await table.get(
          keys
            .slice(from, from + batchSize)
            .map(([, key]) => ({ table: "records", ...key })),
        )),
      );
    const ids = new Map(
      items.flatMap((item) =>
        item.import === job && typeof item.id === "string"
          ? [[nameOf(item), item.id] as const]
          : [],
      ),
    );
    return new Map(
      keys.flatMap(([alias, key]) => {
        const id = ids.get(nameOf(key));
        return id === undefined ? [] : [[alias, id] as const];
      }),
    );
  };

  /** In the record as it was before. */
  const known = async (alias: string): Promise<string | undefined> => {
    const {
      type = "",
      system = "",
      value = "",
    } = parts.exec(alias)?.groups ?? {};
    if (!isKnown(type)) return undefined;
    const { items } = await table.query({
      pk: await partitionOf(
        vault,
        await vault.indexVersion(),
        { type },
        {
          list: "identifier",
          key: [system, identifierValue(value)],
          hashed: true,
        },
      ),
      limit: 2,
    });
    const [only, other] = items;
    return only === undefined || other !== undefined
      ? undefined
      : only.sk.slice(only.sk.lastIndexOf("#") + 1);
  };

  return {
    note: async (resources) => {
      const ids = new Map<string, string>();
      for (const { id, resource } of resources)
        for (const alias of aliasesOf(resource))
          ids.set(alias, (ids.get(alias) ?? id) === id ? id : ambiguous);
      const before = await noted([...ids.keys()]);
      const items = await Promise.all(
        [...ids].map(async ([alias, id]) => ({
          ...(await keyOf(alias)),
          id: (before.get(alias) ?? id) === id ? id : ambiguous,
          import: job,
          expires: later(),
        })),
      );
      if (items.length > 0) await table.append(items);
    },
    find: async (aliases) => {
      const ids = await noted(aliases);
      const found = await Promise.all(
        aliases.map(async (alias) => {
          const id = ids.get(alias) ?? (await known(alias)) ?? ambiguous;
          const type = alias.slice(0, alias.indexOf("?"));
          return id === ambiguous ? [] : [[alias, `${type}/${id}`] as const];
        }),
      );
      return new Map(found.flat());
    },
  };
};

const parts = /^(?<type>\w+)\?identifier=(?<system>[^|]*)\|(?<value>.*)$/su;

const aliasesOf = (resource: Resource): readonly string[] => {
  const type = resource.resourceType as KnownType;
  const { home } = declarations[type];
  if (home !== "self" && home !== "directory") return [];
  const { identifier = [] } = resource as { identifier?: Identifier[] };
  return identifier.flatMap(({ system, value }) =>
    system === undefined || value === undefined
      ? []
      : aliasOf(type, system, value),
  );
};
