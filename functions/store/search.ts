import { createHash } from "node:crypto";
import type { Resource } from "@medplum/fhirtypes";
import { callerId } from "./facts.ts";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { declarations, isKnown } from "../resources/all.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import { parseSearch } from "../resources/search.ts";
import { valuesOf } from "../resources/search/extract.ts";
import { matches } from "../resources/search/match.ts";
import { parametersOf } from "../resources/search/parameter.ts";
import type { Inclusion, SearchQuery } from "../resources/search/query.ts";
import { compare } from "../resources/search/sort.ts";
import { candidatesOf } from "./candidates.ts";
import { readFacts } from "./commit.ts";
import { badCursor } from "./history.ts";
import {
  addressOf,
  compartment,
  directory,
  linksOf,
  scheduleOf,
  type Address,
} from "./keys.ts";
import type { Kept, SearchResult, Stored } from "./records.ts";
import type { Store } from "./store.ts";
import { openWork, type OpenWork } from "./work.ts";

const mostCandidates = 2000;

/** Key condition first, then unseal, then filter; one fact per patient in the result. */
export const search = async (
  store: Store,
  context: Context,
  query: SearchQuery,
): Promise<SearchResult> => {
  const work = openWork(store, context);
  const offset = await offsetOf(store, context, query);
  const candidates = await candidatesOf(store, context, query);
  const found =
    candidates.kind === "patients"
      ? await listedPatients(work, query, candidates.partitions, offset)
      : await filtered(work, query, candidates, offset);
  const included = await inclusions(work, query, found.page);
  const answered = [...found.page, ...included].map(
    ({ resourceType, id, meta }) => ({
      type: resourceType,
      id,
      version: Number(meta.versionId),
      patient: addressOf(resourceType, id)?.patient,
    }),
  );
  const facts = readFacts(store, context, answered);
  if (facts.length > 0) await store.table.append(facts);
  const more = offset + found.page.length < found.total && query.count > 0;
  return {
    matches: found.page,
    included,
    ...(query.total !== "none" && { total: found.total }),
    ...(more && {
      next: await store.vault.sealToken(
        cursorKind(context, query),
        String(offset + found.page.length),
      ),
    }),
  };
};

/** All matches as one unit of work sees them, its own changes included: at most `limit`, without facts or pages. */
export const matchesIn = async (
  store: Store,
  context: Context,
  work: OpenWork,
  query: SearchQuery,
  limit: number,
): Promise<readonly Stored<Kept>[]> => {
  const candidates = await candidatesOf(store, context, query);
  const all =
    candidates.kind === "patients"
      ? (
          await listedPatients(
            work,
            { ...query, count: limit },
            candidates.partitions,
            0,
          )
        ).page
      : await gathered(work, query.type, candidates);
  return all.filter((resource) => matches(query, resource)).slice(0, limit);
};

interface Found {
  readonly page: readonly Stored<Kept>[];
  readonly total: number;
}

/** A cursor belongs to one search of one caller. */
const cursorKind = (
  context: Context,
  { type, honoured }: SearchQuery,
): string =>
  `search:${createHash("sha256")
    .update(JSON.stringify([callerId(context.by), type, honoured]))
    .digest("hex")}`;

const offsetOf = async (
  { vault }: Store,
  context: Context,
  query: SearchQuery,
): Promise<number> => {
  if (query.cursor === undefined) return 0;
  const text = await vault.openToken(cursorKind(context, query), query.cursor);
  if (text === undefined) throw badCursor();
  return Number(text);
};

const filtered = async (
  work: OpenWork,
  query: SearchQuery,
  candidates: Parameters<typeof gathered>[2],
  offset: number,
): Promise<Found> => {
  const all = (await gathered(work, query.type, candidates)).filter(
    (resource) => matches(query, resource),
  );
  const sorted = query.sort.length > 0 ? all.sort(compare(query)) : all;
  return {
    page: sorted.slice(offset, offset + query.count),
    total: sorted.length,
  };
};

/** Every candidate, each once; permission is asked for each compartment before it is opened. */
const gathered = async (
  work: OpenWork,
  type: KnownType,
  candidates: Exclude<
    Awaited<ReturnType<typeof candidatesOf>>,
    { kind: "patients" }
  >,
): Promise<Stored<Kept>[]> => {
  const { links }: Declaration = declarations[type];
  switch (candidates.kind) {
    case "ids":
      return byIds(work, type, candidates.ids);
    case "index":
      return byIds(work, type, [
        ...new Set(
          (
            await Promise.all(
              candidates.partitions.map((partition) => work.listed(partition)),
            )
          ).flat(),
        ),
      ]);
    case "compartments": {
      const results = new Map<string, Stored<Kept>>();
      for (const patient of candidates.patients) {
        if (addressOf("Patient", patient) === undefined) continue;
        await work.permit("search", type, patient);
        const [own, ids] = await Promise.all([
          work.current(compartment(patient), type),
          links.length > 0
            ? work.listed(compartment(patient), linksOf(type))
            : [],
        ]);
        const linked = await byIds(
          work,
          type,
          (
            await visible(
              work,
              ids.flatMap((id) => addressOf(type, id) ?? []),
            )
          ).map(({ id }) => id),
        );
        for (const resource of [...own, ...linked])
          results.set(resource.id, resource);
      }
      return [...results.values()];
    }
    case "directory":
      await work.permit("search", type, undefined);
      return [...(await work.current(directory(type), type))];
    case "schedules":
      await work.permit("search", type, undefined);
      return (
        await Promise.all(
          candidates.ids.map((id) => work.current(scheduleOf(id), type)),
        )
      ).flat();
  }
};

/** A link or a reference may lead to what is another patient's alone to see. */
const visible = async (
  work: OpenWork,
  places: readonly Address[],
): Promise<readonly Address[]> => {
  const isVisible = await Promise.all(
    places.map(({ type, patient }) => work.permitted("search", type, patient)),
  );
  return places.filter((_, index) => isVisible[index]);
};

const byIds = async (
  work: OpenWork,
  type: KnownType,
  ids: readonly string[],
): Promise<Stored<Kept>[]> => {
  if (ids.length > mostCandidates) {
    throw new Fault(
      "SearchTooWide",
      400,
      "Too many resources answer to this. Add what narrows it.",
      { code: "too-costly" },
    );
  }
  const places = ids.flatMap((id) => addressOf(type, id) ?? []);
  for (const { patient } of places) await work.permit("search", type, patient);
  return (await work.load(places)).filter((resource) => resource !== undefined);
};

const listedPatients = async (
  work: OpenWork,
  query: SearchQuery,
  partitions: readonly string[],
  offset: number,
): Promise<Found> => {
  const ids = (
    await Promise.all(partitions.map((partition) => work.listed(partition)))
  )
    .flat()
    .sort();
  return {
    page: await byIds(
      work,
      query.type,
      ids.slice(offset, offset + query.count),
    ),
    total: ids.length,
  };
};

/** `_include` and `_revinclude`, within what the caller may see; a resource is included once. */
const inclusions = async (
  work: OpenWork,
  query: SearchQuery,
  page: readonly Stored<Kept>[],
): Promise<readonly Stored<Kept>[]> => {
  const known = new Set(page.map(nameOf));
  const results: Stored<Kept>[] = [];
  const add = (resources: readonly Stored<Kept>[]): Stored<Kept>[] =>
    resources.filter((resource) => {
      if (known.has(nameOf(resource))) return false;
      known.add(nameOf(resource));
      results.push(resource);
      return true;
    });
  let fresh: readonly Stored<Kept>[] = page;
  for (let round = 0; round < 5 && fresh.length > 0; round += 1) {
    const added: Stored<Kept>[] = [];
    for (const inclusion of query.include.filter(
      ({ iterate }) => round === 0 || iterate,
    ))
      added.push(...add(await forward(work, inclusion, fresh)));
    for (const inclusion of query.revinclude.filter(
      ({ iterate }) => round === 0 || iterate,
    ))
      added.push(...add(await backward(work, inclusion, fresh)));
    fresh = added;
  }
  return results;
};

const forward = async (
  work: OpenWork,
  { source, parameter, target }: Inclusion,
  resources: readonly Stored<Kept>[],
): Promise<readonly Stored<Kept>[]> => {
  if (!isKnown(source)) return [];
  const parameters = [...parametersOf(source).values()].filter(
    ({ name, type }) =>
      type === "reference" && (parameter === "*" || name === parameter),
  );
  const references = resources
    .filter(({ resourceType }) => resourceType === source)
    .flatMap((resource) => parameters.flatMap((one) => valuesOf(resource, one)))
    .flatMap(({ value }) => (value as { reference?: string }).reference ?? []);
  const places = [...new Set(references)].flatMap((reference) => {
    const [type = "", id = ""] = reference.split("/");
    const place =
      isKnown(type) && (target === undefined || target === type)
        ? addressOf(type, id)
        : undefined;
    return place ?? [];
  });
  return (await work.load(await visible(work, places))).filter(
    (resource) => resource !== undefined,
  );
};

/** Looks where a reference back can lie: in the compartment of the resource's patient. */
const backward = async (
  work: OpenWork,
  { source, parameter }: Inclusion,
  resources: readonly Stored<Kept>[],
): Promise<readonly Stored<Kept>[]> => {
  if (!isKnown(source)) return [];
  const results: Stored<Kept>[] = [];
  const byPatient = Map.groupBy(
    resources,
    ({ resourceType, id }) => addressOf(resourceType, id)?.patient,
  );
  for (const [patient, group] of byPatient) {
    if (
      patient === undefined ||
      !(await work.permitted("search", source, patient))
    )
      continue;
    const parameters =
      parameter === "*"
        ? [...parametersOf(source).values()]
            .filter(({ type }) => type === "reference")
            .map(({ name }) => name)
        : [parameter];
    const referring = await work.current(compartment(patient), source);
    for (const code of parameters) {
      const query = parseSearch(source, [[code, group.map(nameOf).join(",")]], {
        strict: false,
      });
      results.push(...referring.filter((resource) => matches(query, resource)));
    }
  }
  return results;
};

const nameOf = ({ resourceType, id }: Resource & { id: string }): string =>
  `${resourceType}/${id}`;
