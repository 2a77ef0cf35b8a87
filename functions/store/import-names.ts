import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import type { ImportJob } from "../core/import-job.ts";
import { sourceSystem, withoutIdentifiers } from "../core/import-resource.ts";
import { declarations, isKnown } from "../resources/all.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import { identifierValue } from "../resources/normalise.ts";
import { createImportAliases } from "./import-aliases.ts";
import { nameOf } from "./items.ts";
import {
  addressOf,
  sourceNoteOf,
  sourceOf,
  uniqueKey,
  type Key,
  type Place,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { homeFor, idFor } from "./new-id.ts";
import { addressesIn, createOverlay } from "./overlay.ts";
import type { Kept, Stored } from "./records.ts";
import type { Store } from "./store.ts";
import type { Item } from "./table.ts";

/** What a source's resources are here, by their names there (`Type/id`). */
export interface ImportNames {
  /** Gives an id to each that has none; the first line of a name keeps it. */
  reserve(lines: readonly Announced[]): Promise<void>;
  look(names: readonly string[]): Promise<ReadonlyMap<string, Found>>;
  /**
   * Ids (`Type/id`) for references: of this source, else of this record itself. What this import is still to write is
   * there in advance, unless its type is over.
   */
  resolve(
    names: readonly string[],
    isOver: (type: KnownType) => boolean,
  ): Promise<ReadonlyMap<string, string>>;
  /** What stands under the ids now; asks no permission and tells nobody. */
  present(
    references: readonly string[],
  ): Promise<ReadonlyMap<string, Stored<Kept>>>;
}

export interface Announced {
  readonly name: string;
  /** The line: `<file>:<number>`. */
  readonly at: string;
  /** Its references to what it is filed under are ours. */
  readonly resource: Resource;
}

export interface Found {
  readonly id: string;
  /** Its identifier says so; otherwise the id is only reserved, or of a type that has none. */
  readonly isHeld: boolean;
  /** The line of this import that the id is for. */
  readonly at?: string;
}

const batchSize = 100;
const mostRemembered = 20_000;

export const createImportNames = (
  store: Store,
  { id: job, source }: Pick<ImportJob, "id" | "source">,
  later: () => number,
): ImportNames => {
  const { table, vault, newId } = store;
  const aliases = createImportAliases(store, { id: job, source }, later);
  const remembered = new Map<string, string>();

  const get = async (places: readonly Place[]): Promise<readonly Item[]> =>
    (
      await Promise.all(
        Array.from({ length: Math.ceil(places.length / batchSize) }, (_, at) =>
          table.get(places.slice(at * batchSize, (at + 1) * batchSize)),
        ),
      )
    ).flat();

  const reservationOf = async (name: string): Promise<Key> =>
    sourceOf(await vault.hash("source", source, [name]));

  const holderOf = async (
    type: KnownType,
    name: string,
  ): Promise<Key | undefined> =>
    withoutIdentifiers.has(type)
      ? undefined
      : uniqueKey(
          await vault.indexVersion(),
          type,
          await vault.hash("unique", sourceSystem(source), [
            identifierValue(name),
          ]),
        );

  /** Item by name: who holds the identifier, and what was reserved. */
  const itemsOf = async (names: readonly string[]) => {
    const keys = await Promise.all(
      names.map(async (name) => ({
        name,
        holder: await holderOf(typeOf(name), name),
        reservation: await reservationOf(name),
      })),
    );
    const found = new Map(
      (
        await get(
          keys
            .flatMap(({ holder, reservation }) =>
              holder === undefined ? [reservation] : [holder, reservation],
            )
            .map((key) => ({ table: "records", ...key })),
        )
      ).map((item) => [nameOf(item), item]),
    );
    return new Map(
      keys.map(({ name, holder, reservation }) => [
        name,
        {
          held: holder && textOf(found.get(nameOf(holder))?.holder),
          reserved: found.get(nameOf(reservation)),
        },
      ]),
    );
  };

  const look: ImportNames["look"] = async (names) =>
    new Map(
      [...(await itemsOf([...new Set(names)]))].flatMap(
        ([name, { held, reserved }]) => {
          const id = held?.split("/")[1] ?? textOf(reserved?.id);
          const at = reserved?.import === job ? textOf(reserved.at) : undefined;
          return id === undefined
            ? []
            : [
                [
                  name,
                  {
                    id,
                    isHeld: held !== undefined,
                    ...(at !== undefined && { at }),
                  },
                ] as const,
              ];
        },
      ),
    );

  /** Of a reserved id: whether the resource is there, was deleted, or may be created under it. */
  const isUsable = async (
    type: KnownType,
    id: string,
    home: string | undefined,
  ): Promise<boolean> => {
    const address = addressOf(type, id);
    if (address === undefined) return false;
    const { pk, sk, patient } = address;
    const [item] = await get([{ table: "records", pk, sk }]);
    return item === undefined
      ? type === "Patient" || patient === home
      : item.deleted !== true;
  };

  const idOf = async (
    { resource }: Announced,
    held: string | undefined,
    reserved: Item | undefined,
  ): Promise<string> => {
    if (held !== undefined) return held.split("/")[1] ?? "";
    const type = resource.resourceType as KnownType;
    const declaration: Declaration = declarations[type];
    const local = newId();
    const home = homeFor(resource, declaration, local);
    const known = textOf(reserved?.id);
    return known !== undefined && (await isUsable(type, known, home))
      ? known
      : idFor(resource, declaration, home, local);
  };

  /** Of these, what is in the record now. */
  const present = async (
    references: readonly string[],
  ): Promise<ReadonlySet<string>> => {
    const addresses = addressesIn([...new Set(references)]);
    const standing = new Set(
      (await get(addresses.map(({ pk, sk }) => ({ table: "records", pk, sk }))))
        .filter(({ deleted }) => deleted !== true)
        .map(nameOf),
    );
    return new Set(
      addresses
        .filter((address) => standing.has(nameOf(address)))
        .map(({ type, id }) => `${type}/${id}`),
    );
  };

  return {
    look,

    reserve: async (lines) => {
      const first = new Map(
        lines.toReversed().map((line) => [line.name, line]),
      );
      const known = await itemsOf([...first.keys()]);
      const reserved = await Promise.all(
        [...first].map(async ([name, line]) => {
          const before = known.get(name);
          const isOther =
            before?.reserved?.import === job && before.reserved.at !== line.at;
          const id = isOther
            ? undefined
            : await idOf(line, before?.held, before?.reserved).catch(
                unlessRefused,
              );
          return id === undefined ? [] : [{ name, line, id }];
        }),
      );
      const given = reserved.flat();
      const items = await Promise.all(
        given.map(async ({ name, line, id }) => ({
          ...(await reservationOf(name)),
          id,
          import: job,
          at: line.at,
          ...(!withoutIdentifiers.has(typeOf(name)) && { expires: later() }),
        })),
      );
      const notes = await Promise.all(
        given.map(async ({ name, id }) => {
          const patient = addressOf(typeOf(name), id)?.patient;
          const { pk } = await reservationOf(name);
          return patient === undefined || !withoutIdentifiers.has(typeOf(name))
            ? []
            : [{ ...sourceNoteOf(patient, pk.slice(pk.indexOf("#") + 1)) }];
        }),
      );
      if (items.length > 0) await table.append([...items, ...notes.flat()]);
      await aliases.note(
        given.map(({ id, line: { resource } }) => ({ id, resource })),
      );
    },

    resolve: async (names, isOver) => {
      const distinct = [...new Set(names)];
      if (remembered.size > mostRemembered) remembered.clear();
      const asked = distinct.filter((name) => !remembered.has(name));
      const [direct, conditional] = [
        asked.filter((name) => !name.includes("?")),
        asked.filter((name) => name.includes("?")),
      ];
      const found = await look(direct);
      const answers = new Map(await aliases.find(conditional));
      const doubtful = new Map<string, string>();
      for (const name of direct) {
        const { id, isHeld, at } = found.get(name) ?? {};
        const reference = `${typeOf(name)}/${id ?? name.slice(name.indexOf("/") + 1)}`;
        if (isHeld === true) remembered.set(name, reference);
        else if (at !== undefined && !isOver(typeOf(name)))
          answers.set(name, reference);
        else doubtful.set(name, reference);
      }
      const there = await present([...doubtful.values()]);
      for (const [name, reference] of doubtful)
        if (there.has(reference)) remembered.set(name, reference);
      return new Map(
        distinct.flatMap((name) => {
          const answer = remembered.get(name) ?? answers.get(name);
          return answer === undefined ? [] : [[name, answer] as const];
        }),
      );
    },

    present: async (references) => {
      const overlay = createOverlay(store, createMerges(table));
      const addresses = addressesIn(references);
      const found = await overlay.load(addresses);
      return new Map(
        addresses.flatMap(({ type, id }, index) => {
          const resource = found[index];
          return resource === undefined
            ? []
            : [[`${type}/${id}`, resource] as const];
        }),
      );
    },
  };
};

/** Names are checked before they come here. */
const typeOf = (name: string): KnownType => {
  const type = name.slice(0, name.indexOf("/"));
  if (!isKnown(type)) throw new Error("a name of no type that is kept");
  return type;
};

/** Who has no home gets no id; why is told when it is to be written. */
const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof Fault)) throw error;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
