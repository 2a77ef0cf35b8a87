import { Fault } from "../../core/fault.ts";
import { isKnown } from "../../resources/all.ts";
import { writtenAs } from "../../resources/exact-json.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";
import { located, stage, type Entry } from "./bundle-entries.ts";
import { criteriaFrom, onlyOnce, theMatch } from "./conditional.ts";
import { nameOf, resourceFrom } from "./exchange.ts";
import { notFound } from "../../store/work.ts";

/**
 * Before anything is written: the resources that conditional entries mean, ids for all creates (those others refer to
 * first), and a function that puts ids in place of `fullUrl`s and of conditional references.
 */
export const named = async (
  work: Work,
  entries: readonly Entry[],
  base: string,
) => {
  const ids = new Map<string, string>();
  const reserved = new Map<number, string>();
  const found = new Map<number, Stored<Kept>>();
  const resolved: Entry[] = [];
  for (const entry of entries) {
    const { index, fullUrl, method, type, id } = entry;
    const result = await located(index, () => resolve(work, entry));
    if (result === undefined) continue;
    resolved.push(result.entry);
    if (result.match !== undefined && method === "POST")
      found.set(index, result.match);
    const target =
      result.match === undefined
        ? method === "PUT" && id !== undefined
          ? `${type}/${id}`
          : undefined
        : nameOf(result.match);
    if (fullUrl !== undefined && target !== undefined) ids.set(fullUrl, target);
  }
  await resolveReferences(work, resolved, ids, base);
  const rewrite = (resource: unknown): unknown => rewritten(resource, ids);
  for (const entry of resolved
    .filter(({ method, index }) => method === "POST" && !found.has(index))
    .toSorted((one, other) => stage(one) - stage(other))) {
    const { index, type, fullUrl } = entry;
    await located(index, () => {
      const id = work.reserve(resourceFrom(rewrite(entry.resource), type));
      reserved.set(index, id);
      if (fullUrl !== undefined) ids.set(fullUrl, `${type}/${id}`);
      return Promise.resolve();
    });
  }
  return { resolved, reserved, found, rewrite };
};

/** What a conditional entry means; undefined when there is nothing to do. */
const resolve = async (
  work: Work,
  entry: Entry,
): Promise<{ entry: Entry; match?: Stored<Kept> } | undefined> => {
  const { method, type, criteria, ifNoneExist, resource } = entry;
  const asked =
    method === "POST" && ifNoneExist !== undefined
      ? criteriaFrom(ifNoneExist)
      : criteria;
  if (asked === undefined) return { entry };
  const match = await theMatch(work, type, asked);
  if (match === undefined) {
    if (method === "PATCH") throw notFound(type);
    if (method === "DELETE")
      return { entry: { ...entry, criteria: undefined } };
    await onlyOnce(work, type, asked);
    if (
      (resource as Partial<Kept> | undefined)?.id !== undefined &&
      method === "PUT"
    )
      throw new Fault(
        "InvalidRequest",
        400,
        "Nothing answers to the criteria, and this server gives ids itself: leave the id out to create it.",
        { expression: ["resource.id"] },
      );
    return {
      entry: {
        ...entry,
        method: "POST",
        criteria: undefined,
        ifNoneExist: undefined,
      },
    };
  }
  if (method === "POST") return { entry, match };
  return {
    match,
    entry: {
      ...entry,
      id: match.id,
      criteria: undefined,
      ...(method === "PUT" &&
        typeof resource === "object" && {
          resource: { id: match.id, ...resource },
        }),
    },
  };
};

/** `Patient?identifier=…` as a reference: exactly one resource must answer. */
const resolveReferences = async (
  work: Work,
  entries: readonly Entry[],
  ids: Map<string, string>,
  base: string,
): Promise<void> => {
  for (const { index, resource, method } of entries)
    if (method !== "PATCH")
      for (const { reference, place } of conditionalReferences(resource)) {
        if (ids.has(reference)) continue;
        await located(index, async () => {
          const [type = "", ...query] = reference
            .replace(`${base}/`, "")
            .split("?");
          const match = isKnown(type)
            ? await theMatch(work, type, criteriaFrom(`?${query.join("?")}`))
            : undefined;
          if (match === undefined)
            throw new Fault(
              "NoMatch",
              412,
              "Nothing answers to this conditional reference.",
              { code: "not-found", expression: [`resource.${place}`] },
            );
          ids.set(reference, nameOf(match));
        });
      }
};

const conditionalReferences = (
  value: unknown,
  place: readonly string[] = [],
): readonly { reference: string; place: string }[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    name === "reference" && typeof each === "string" && each.includes("?")
      ? [{ reference: each, place: [...place, name].join(".") }]
      : conditionalReferences(each, [...place, name]),
  );
};

const rewritten = (
  value: unknown,
  ids: ReadonlyMap<string, string>,
): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => rewritten(each, ids));
  let copy: Record<string, unknown> | undefined;
  for (const [name, each] of Object.entries(value) as [string, unknown][]) {
    const other =
      typeof each === "string"
        ? name === "reference" || name.endsWith("Uri") || name === "url"
          ? (ids.get(each) ?? each)
          : each
        : rewritten(each, ids);
    if (other !== each) (copy ??= { ...value })[name] = other;
  }
  return copy === undefined ? value : writtenAs(value, copy);
};
