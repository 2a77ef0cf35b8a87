import type { ExportJob } from "../core/export-job.ts";
import { isKnown } from "../resources/all.ts";
import { asResource, type ResourceItem } from "./items.ts";
import { addressOf, historyOf, type Address } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** An item of the record with the address that its resource has. */
export interface Placed {
  readonly address: Address;
  readonly item: ResourceItem;
}

/** Undefined for what is no current resource. */
export const placed = (item: Item): Placed | undefined => {
  const resource = asResource(item);
  const type = item.sk.startsWith("Slot#")
    ? "Slot"
    : (/^A#([A-Za-z]+)#/.exec(item.sk)?.[1] ?? "");
  if (!isKnown(type)) return undefined;
  const address = addressOf(type, resource.id);
  return address === undefined ? undefined : { address, item: resource };
};

/**
 * The item as it was at the job's instant, from the history where it has changed since; undefined when it was not there
 * yet, or not changed after `since`.
 */
export const asOf = async (
  table: Pick<Table, "query">,
  { address, item }: Placed,
  { transactionTime, since }: Pick<ExportJob, "transactionTime" | "since">,
): Promise<ResourceItem | undefined> => {
  const then =
    item.updated <= transactionTime
      ? item
      : await earlier(table, address, transactionTime);
  return then !== undefined && (since === undefined || then.updated > since)
    ? then
    : undefined;
};

const earlier = async (
  table: Pick<Table, "query">,
  address: Address,
  instant: string,
): Promise<ResourceItem | undefined> => {
  const { pk, sk: prefix } = historyOf(address);
  let after: string | undefined;
  do {
    const page = await table.query({
      ...{ pk, prefix, descending: true, limit: 10 },
      ...(after !== undefined && { after }),
    });
    const found = page.items
      .map(asResource)
      .find(({ updated }) => updated <= instant);
    if (found !== undefined) return found;
    ({ after } = page);
  } while (after !== undefined);
  return undefined;
};
