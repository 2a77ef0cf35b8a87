import { createHash } from "node:crypto";
import type { Context } from "../../core/caller.ts";
import type { SearchQuery } from "../../resources/search/query.ts";
import type { Place, Sortable } from "../../resources/search/sort.ts";
import { callerId } from "../facts.ts";
import { badCursor } from "../history.ts";
import type { Search } from "./candidates.ts";

/** Behind what a page goes on: a place in the order of storage, or in the order that was asked for. */
export interface Cursor {
  readonly at: string | Place;
  /** Of all pages, when an earlier one has counted it. */
  readonly total: number | undefined;
}

/** A cursor belongs to one search of one caller. */
const kindOf = (
  { by }: Context,
  { type, within, honoured }: SearchQuery,
): string =>
  `search:${createHash("sha256")
    .update(JSON.stringify([callerId(by), type, within, honoured]))
    .digest("hex")}`;

export const sealCursor = (
  { store, context }: Search,
  query: SearchQuery,
  { at, total }: Cursor,
): Promise<string> =>
  store.vault.sealToken(
    kindOf(context, query),
    JSON.stringify([typeof at === "string" ? at : at.map(texted), total]),
  );

/** Throws 400 for what is no cursor of this search. */
export const openCursor = async (
  { store, context }: Search,
  query: SearchQuery,
): Promise<Cursor | undefined> => {
  if (query.cursor === undefined) return undefined;
  const text = await store.vault.openToken(
    kindOf(context, query),
    query.cursor,
  );
  if (text === undefined) throw badCursor();
  const [at, total] = JSON.parse(text) as [string | string[], number | null];
  return {
    at: typeof at === "string" ? at : at.map(untexted),
    total: total ?? undefined,
  };
};

/** JSON knows neither what is missing nor what is endless. */
const texted = (value: Sortable): string =>
  value === undefined ? "" : `${typeof value === "number" ? "#" : "$"}${value}`;

const untexted = (text: string): Sortable =>
  text === ""
    ? undefined
    : text.startsWith("#")
      ? Number(text.slice(1))
      : text.slice(1);
