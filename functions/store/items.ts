import type { Key } from "./keys.ts";
import type { Item } from "./table.ts";

/** A resource as the table holds it: its sealed body, or a tombstone without one. */
export interface ResourceItem extends Key {
  /** Version of the resource. */
  readonly v: number;
  readonly id: string;
  readonly updated: string;
  /** The commit that wrote it: a repeated commit recognises its own work. */
  readonly commit: string;
  readonly body?: Uint8Array;
  /** Name of the key that opens the body. */
  readonly key?: string;
  readonly deleted?: true;
  /** The exact entries written for it, as `pk|sk`: updates write the difference, erasure deletes them. */
  readonly indexed?: readonly string[];
  readonly unique?: readonly string[];
  readonly links?: readonly string[];
}

/** A patient's wrapped key. */
export interface KeyItem extends Key {
  readonly v: number;
  readonly wrapped?: Uint8Array;
  readonly wrappedBy?: number;
  /** Of the commit that last changed what the patient's Consents say of reading; absent when none ever said anything. */
  readonly rules?: string;
  /** Set when the patient was erased; then there is no wrapped key. */
  readonly shredded?: string;
}

/** Where a patient's record belongs since it was merged, and which records were merged into it. */
export interface MergeItem extends Key {
  readonly v: number;
  readonly into?: string;
  /** Version of the patient with which it was merged. */
  readonly at?: number;
  readonly parts?: readonly string[];
}

/** The shapes hold for what this code wrote; the contract suite writes and reads them back. */
export const asResource = (item: Item): ResourceItem =>
  item as unknown as ResourceItem;
export const asKey = (item: Item): KeyItem => item as unknown as KeyItem;
export const asMerge = (item: Item): MergeItem => item as unknown as MergeItem;
export const asItem = (item: ResourceItem | KeyItem | MergeItem): Item => ({
  ...item,
});

/** `pk|sk`, for maps and for lists of keys within an item. */
export const nameOf = ({ pk, sk }: Key): string => `${pk}|${sk}`;

export const keyNamed = (name: string): Key => {
  const at = name.lastIndexOf("|");
  return { pk: name.slice(0, at), sk: name.slice(at + 1) };
};
