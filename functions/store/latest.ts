import type { Resource } from "@medplum/fhirtypes";
import { parseExact } from "../resources/exact-json.ts";
import type { ResourceItem } from "./items.ts";
import { historyOf, type Address } from "./keys.ts";
import type { Opener } from "./opener.ts";
import type { Stored } from "./records.ts";

/**
 * What those of the resources say last that are found by their current items, by `Type/id`; of what was deleted, what it said
 * before. Nobody reads an earlier version who may not read this one: a label that comes later closes what was there already.
 */
export const latestOf = async (
  opener: Pick<Opener, "find" | "isErased" | "open">,
  found: readonly {
    readonly address: Address;
    readonly item: ResourceItem;
  }[],
): Promise<ReadonlyMap<string, Stored<Resource>>> => {
  const current = found.filter(
    ({ address, item }) =>
      !item.sk.startsWith("H#") && !opener.isErased(address),
  );
  const deleted = await opener.find(
    current.flatMap(({ address, item }) =>
      item.deleted === true
        ? { ...address, ...historyOf(address, item.v - 1) }
        : [],
    ),
  );
  return new Map(
    await Promise.all(
      [...current, ...deleted]
        .filter(({ item }) => item.deleted !== true)
        .map(
          async ({ address, item }) =>
            [
              `${address.type}/${address.id}`,
              parseExact(await opener.open(address, item)) as Stored<Resource>,
            ] as const,
        ),
    ),
  );
};
