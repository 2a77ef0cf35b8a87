import type { Context } from "../../core/caller.ts";
import { isUnusual, parseExact } from "../../resources/exact-json.ts";
import type { SearchQuery } from "../../resources/search/query.ts";
import { readFacts } from "../commit-facts.ts";
import { addressOf } from "../keys.ts";
import type { Kept, SearchResult, Stored } from "../records.ts";
import type { Store } from "../store.ts";
import type { OpenWork } from "../work.ts";
import { candidatesOf, searchBy } from "./candidates.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { everyPatient } from "./every-patient.ts";
import { finding } from "./finding.ts";
import { found } from "./found.ts";
import { inclusions } from "./inclusions.ts";
import { pageOf } from "./page.ts";
import { tableReader, type Read } from "./reader.ts";
import { ofSamePerson } from "./same-person.ts";
import { workReader } from "./work-reader.ts";

export const answerTo = async (
  store: Store,
  context: Context,
  asked: SearchQuery,
): Promise<SearchResult> => {
  const search = searchBy(store, context, tableReader(store, context));
  const cursor = await openCursor(search, asked);
  const query = await ofSamePerson(search, asked);
  const candidates = await candidatesOf(search, query, finding);
  const { reads, total, next } =
    candidates.kind === "patients"
      ? await everyPatient(search, query, cursor)
      : await pageOf(search, query, candidates, cursor);
  const included = await inclusions(search, query, reads);
  const answered = [...reads, ...included.reads].map(seen);
  const facts = readFacts(store, context, answered);
  if (facts.length > 0) await store.table.append(facts);
  return {
    matches: reads.map(told),
    included: included.reads.map(told),
    ...(total !== undefined && query.total !== "none" && { total }),
    ...(next !== undefined && {
      next: await sealCursor(search, asked, { at: next, total }),
    }),
    ...(included.isPartial && { includesPartly: true }),
  };
};

const told = ({ resource, text }: Read): Stored<Kept> =>
  text !== undefined && isUnusual(text)
    ? (parseExact(text) as Stored<Kept>)
    : resource;

const seen = ({ resource: { resourceType, id, meta } }: Read) => ({
  type: resourceType,
  id,
  version: Number(meta.versionId),
  patient: addressOf(resourceType, id)?.patient,
});

export const matchesWithin = async (
  store: Store,
  context: Context,
  work: OpenWork,
  asked: SearchQuery,
  limit: number,
): Promise<readonly Stored<Kept>[]> => {
  const search = searchBy(store, context, workReader(work));
  const query = await ofSamePerson(search, asked);
  const candidates = await candidatesOf(search, query, finding);
  if (candidates.kind === "patients") {
    const page = await everyPatient(
      search,
      { ...query, count: limit },
      undefined,
    );
    return page.reads.map(({ resource }) => resource);
  }
  const matches = new Map<string, Stored<Kept>>();
  for await (const some of found(search, query, candidates)) {
    for (const { resource } of some.matches) matches.set(resource.id, resource);
    if (matches.size >= limit) break;
  }
  return [...matches.values()].slice(0, limit);
};
