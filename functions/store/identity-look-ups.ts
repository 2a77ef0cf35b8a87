import type { Resource } from "@medplum/fhirtypes";
import type { KnownType } from "../resources/declaration.ts";
import { identifierValue } from "../resources/normalise.ts";
import { partitionOf } from "./index-entries.ts";
import { addressOf, type Address } from "./keys.ts";
import type { Overlay } from "./overlay.ts";
import type { Work } from "./records.ts";
import type { Store } from "./store.ts";
import type { OpenWork } from "./work.ts";

/** Resources by what the index says of them, as one unit of work sees them. */
export const createIdentityLookUps = (
  { vault }: Pick<Store, "vault">,
  {
    overlay,
    listed,
    load,
    permitted,
  }: Pick<OpenWork, "listed" | "load" | "permitted"> & {
    readonly overlay: Pick<Overlay, "cells">;
  },
): Pick<Work, "byIdentifier" | "lookUp"> => {
  const lookedUp = async (
    type: KnownType,
    list: string,
    key: readonly string[],
  ): Promise<readonly string[]> =>
    listed(
      await partitionOf(
        vault,
        await vault.indexVersion(),
        { type },
        { list, key, hashed: !readableLists.has(list) },
      ),
    );

  /** Of what a look-up found, what the caller may know of; the rest is as if it were not there. */
  const visible = async (
    type: KnownType,
    ids: readonly string[],
  ): Promise<readonly Address[]> => {
    const addresses = ids.flatMap((id) => addressOf(type, id) ?? []);
    const isVisible = await Promise.all(
      addresses.map(({ patient }) => permitted("search", type, patient)),
    );
    return addresses.filter((_, index) => isVisible[index]);
  };

  return {
    byIdentifier: async (type, system, value) => {
      const ids = await lookedUp(type, "identifier", [
        system,
        identifierValue(value),
      ]);
      const created = [...overlay.cells.values()].filter(
        ({ address, before, change }) =>
          address.type === type && before === undefined && change !== undefined,
      );
      const found = await load(
        [
          ...(await visible(type, ids)),
          ...created.map(({ address }) => address),
        ],
        "search",
      );
      return found.filter(
        (resource) =>
          resource !== undefined && isIdentifiedBy(resource, system, value),
      ) as never;
    },
    lookUp: async (type, list, key) =>
      (await visible(type, await lookedUp(type, list, key))).map(
        ({ id }) => id,
      ),
  };
};

/** Work lists whose keys are ids and days stay readable; every other list is hashed. */
const readableLists: ReadonlySet<string> = new Set([
  "all",
  "practitioner-day",
  "location-day",
  "owner",
  "owner-closed",
  "team",
  "team-closed",
]);

const isIdentifiedBy = (
  resource: Resource,
  system: string,
  value: string,
): boolean => {
  const { identifier = [] } = resource as { identifier?: unknown };
  return [identifier].flat().some((one) => {
    const known = one as { system?: string; value?: string };
    return (
      (known.system ?? "") === system &&
      known.value !== undefined &&
      identifierValue(known.value) === identifierValue(value)
    );
  });
};
