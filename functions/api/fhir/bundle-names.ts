import type { Kept, Stored, Work } from "../../store/records.ts";
import { located, stage, type Entry } from "./bundle-entries.ts";
import { nameOf, resourceFrom } from "./exchange.ts";
import { existing } from "./writing.ts";

/** Ids for all creates, those others refer to first, and a function that puts them in place of `fullUrl`s. */
export const named = async (work: Work, entries: readonly Entry[]) => {
  const ids = new Map<string, string>();
  const reserved = new Map<number, string>();
  const found = new Map<number, Stored<Kept>>();
  for (const { fullUrl, method, type, id } of entries)
    if (method === "PUT" && fullUrl !== undefined && id !== undefined)
      ids.set(fullUrl, `${type}/${id}`);
  const creates = entries.filter(({ method }) => method === "POST");
  for (const { index, type, ifNoneExist, fullUrl } of creates) {
    const match = await located(index, () => existing(work, type, ifNoneExist));
    if (match === undefined) continue;
    found.set(index, match);
    if (fullUrl !== undefined) ids.set(fullUrl, nameOf(match));
  }
  const rewrite = (resource: unknown): unknown => rewritten(resource, ids);
  for (const entry of creates
    .filter(({ index }) => !found.has(index))
    .toSorted((one, other) => stage(one) - stage(other))) {
    const { index, type, fullUrl } = entry;
    await located(index, () => {
      const id = work.reserve(resourceFrom(rewrite(entry.resource), type));
      reserved.set(index, id);
      if (fullUrl !== undefined) ids.set(fullUrl, `${type}/${id}`);
      return Promise.resolve();
    });
  }
  return { reserved, found, rewrite };
};

const rewritten = (
  value: unknown,
  ids: ReadonlyMap<string, string>,
): unknown => {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === "string" &&
      (name === "reference" || name.endsWith("Uri") || name === "url")
        ? (ids.get(each) ?? each)
        : rewritten(each, ids),
    ]),
  );
};
