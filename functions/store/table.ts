import type { Fault } from "../core/fault.ts";
import type { Key, Place } from "./keys.ts";

export type Value =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value | undefined };
export type Item = Key & Readonly<Record<string, Value | undefined>>;
export type TableName = Place["table"];

export interface Range {
  readonly pk: string;
  /** Sort keys that begin so … */
  readonly prefix?: string;
  /** … or lie between these, both included. */
  readonly between?: readonly [string, string];
  /** Continue behind this sort key. */
  readonly after?: string;
  readonly limit?: number;
  readonly descending?: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  /** The sort key to continue after; absent when the range is exhausted. */
  readonly after?: string;
}

/** `version` guards the attribute `v`; `absent` the whole item; `live` asks that the item exists and is not shredded. */
export type Guard =
  | "absent"
  | "live"
  | "any"
  | { readonly version: number }
  | { readonly holder: string };

export type Write =
  | {
      readonly put: Item;
      readonly table?: TableName;
      readonly guard: Guard;
      readonly otherwise?: () => Fault;
    }
  | {
      readonly remove: Key;
      readonly guard: Guard;
      readonly otherwise?: () => Fault;
    }
  | {
      readonly check: Key;
      readonly table?: TableName;
      readonly guard: Guard;
      readonly otherwise?: () => Fault;
    }
  /** Sets one attribute and leaves the others. */
  | {
      readonly mark: Key;
      readonly table?: TableName;
      readonly attribute: string;
      readonly value: string;
      readonly guard: "live";
      readonly otherwise?: () => Fault;
    };

/** Some guard did not hold: `refused` are the indexes of the writes, `found` what stands there now. */
export class CommitRefused extends Error {
  readonly refused: readonly {
    readonly index: number;
    readonly found: Item | undefined;
  }[];
  constructor(refused: CommitRefused["refused"]) {
    super("a guard of the commit did not hold");
    this.refused = refused;
  }
}

/** Another transaction holds one of the items just now; nothing was written and the same commit may be tried again. */
export class CommitContended extends Error {}

/** False when a guard of the commit did not hold. */
export const held = async (commit: Promise<void>): Promise<boolean> => {
  try {
    await commit;
    return true;
  } catch (error) {
    if (error instanceof CommitRefused) return false;
    throw error;
  }
};

/** All that we may ask of DynamoDB. Reads are strongly consistent. */
export interface Table {
  /** One BatchGetItem of up to 100 keys over both tables; absent items are left out. */
  get(
    places: readonly Place[],
  ): Promise<readonly (Item & { readonly table: TableName })[]>;
  /** One Query of `records`. */
  query(range: Range): Promise<Page>;
  /** All or nothing; `token` makes a repeated commit of the same writes harmless. Throws CommitRefused, CommitContended. */
  commit(writes: readonly [Write, ...Write[]], token: string): Promise<void>;
  /** Items that nothing else decides on (facts of reads): stored when it returns. */
  append(items: readonly Item[]): Promise<void>;
}

/** DynamoDB's limits of one transaction. */
export const transactionLimits = {
  items: 100,
  bytes: 4 * 1024 * 1024,
} as const;

/** Bytes that DynamoDB counts for an item: names and values, UTF-8. */
export const sizeOf = (
  item: Readonly<Record<string, Value | undefined>>,
): number => {
  let bytes = 0;
  for (const [name, value] of Object.entries(item))
    if (value !== undefined)
      bytes += Buffer.byteLength(name) + sizeOfValue(value);
  return bytes;
};

const sizeOfValue = (value: Value): number => {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return 21;
  if (typeof value === "boolean") return 1;
  if (value instanceof Uint8Array) return value.length;
  if (isList(value))
    return value.reduce<number>(
      (sum, entry) => sum + 1 + sizeOfValue(entry),
      3,
    );
  return 3 + sizeOf(value);
};

export const isList = (value: Value): value is readonly Value[] =>
  Array.isArray(value);
