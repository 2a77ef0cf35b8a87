import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import type { Declaration, KnownType } from "../../resources/declaration.ts";
import { matchesHints } from "../../resources/search/match-hints.ts";
import type { Filter } from "../../resources/search/query.ts";
import { addressOf, linksOf, compartment, type Address } from "../keys.ts";
import type { Candidates, Search } from "./candidates.ts";
import type { Hints, Read, Stretch } from "./reader.ts";
import { answering } from "./answering.ts";

/** A match, and where it stands; places compare as text. */
export interface Match extends Read {
  readonly at: string;
}

/** Some of what was looked through, in the order of places. */
export interface Found {
  readonly matches: readonly Match[];
  /** Bytes that were looked through. */
  readonly size: number;
  /** The place of the last that was looked at. */
  readonly at: string | undefined;
}

/** Candidates that can be looked through one by one. */
export type Near = Exclude<Candidates, { kind: "patients" }>;

/**
 * What answers the filter among the candidates, a handful at a time: partition after partition, then what was looked up or
 * linked, each in the order of ids; behind the place `after`, and reading only some ahead when few are wanted.
 */
export async function* found(
  search: Search,
  filter: Filter,
  candidates: Near,
  { after = "", atFirst }: { after?: string; atFirst?: number } = {},
): AsyncGenerator<Found> {
  const wanted = (hints: Hints): boolean => matchesHints(filter, hints);
  const results = async (
    reads: readonly Read[],
    place: (read: Read) => string,
  ): Promise<Found> => {
    const last = reads.at(-1);
    const matches = await answering(search, filter, reads);
    return {
      matches: matches.map((read) => ({ ...read, at: place(read) })),
      size: reads.reduce((sum, { size }) => sum + size, 0),
      at: last && place(last),
    };
  };
  await permitAll(search, filter.type, candidates);
  if (candidates.kind === "stretches")
    for (const stretch of remaining(candidates.stretches, after))
      for await (const reads of search.reader.stretch(
        { ...stretch, ...(atFirst !== undefined && { atFirst }) },
        wanted,
      ))
        yield await results(reads, storedPlace);
  const others = await looseOf(search, filter.type, candidates);
  const left = others.filter((address) => loosePlace(address) > after);
  for (let at = 0; at < left.length; at += handful)
    yield await results(
      (await search.reader.load(left.slice(at, at + handful))).filter(
        ({ resource: { id, meta } }) =>
          wanted({ id, updated: meta.lastUpdated }),
      ),
      ({ resource: { id } }) => loosePlace({ id }),
    );
}

const handful = 50;

/** Throws 403 where the caller named what may not be seen. */
const permitAll = async (
  { reader }: Search,
  type: KnownType,
  candidates: Near,
): Promise<void> => {
  if (candidates.kind === "ids") return;
  const { stretches, patients } = candidates;
  if (patients.length === 0 && stretches.length > 0)
    await reader.permit("search", type, undefined);
  for (const patient of patients) await reader.permit("search", type, patient);
};

/** Candidates that lie scattered: found by their ids. */
const looseOf = async (
  search: Search,
  type: KnownType,
  candidates: Near,
): Promise<readonly Address[]> => {
  if (candidates.kind === "stretches")
    return linked(search, type, candidates.patients);
  const addresses = candidates.ids.flatMap((id) => addressOf(type, id) ?? []);
  if (candidates.asked) {
    for (const { patient } of addresses)
      await search.reader.permit("search", type, patient);
    return addresses;
  }
  const seen = await visible(search, addresses);
  if (seen.length === 0) await permitType(search, type);
  return seen;
};

/** Throws 403 where the type is closed to the caller wherever it lies: the answer does not tell whether anything was found. */
export const permitType = async (
  { reader, context: { by } }: Search,
  type: KnownType,
): Promise<void> => {
  const { home, homeOptional }: Declaration = declarations[type];
  const isFiled = home === "self" || Array.isArray(home);
  const launch = "launch" in by ? by.launch : undefined;
  const [place, ...others] = [
    ...(isFiled ? [somebody] : []),
    ...(isFiled && launch !== undefined ? [launch] : []),
    ...(isFiled && homeOptional !== true ? [] : [undefined]),
  ];
  for (const other of others)
    if (await reader.permitted("search", type, other)) return;
  await reader.permit("search", type, place);
};

/** A patient who is not the caller. */
const somebody = "0".repeat(26);

/** Resources at home elsewhere that name one of the patients, as far as the caller may see them. */
const linked = async (
  search: Search,
  type: KnownType,
  patients: readonly string[],
): Promise<readonly Address[]> => {
  const { links }: Declaration = declarations[type];
  if (links.length === 0) return [];
  const ids = await Promise.all(
    patients.map((patient) =>
      search.reader.listed(compartment(patient), linksOf(type), mostLinks),
    ),
  );
  const addresses = [...new Set(ids.flat())]
    .toSorted()
    .flatMap((id) => addressOf(type, id) ?? [])
    .filter(
      ({ patient }) => patient === undefined || !patients.includes(patient),
    );
  if (addresses.length > mostLinks)
    throw new Fault(
      "SearchTooWide",
      400,
      "Too many resources of others name these patients. Search for fewer patients at once.",
      { code: "too-costly" },
    );
  return visible(search, addresses);
};

const mostLinks = 2000;

/** A link or a reference may lead to what is another patient's alone to see. */
export const visible = async (
  { reader }: Search,
  addresses: readonly Address[],
): Promise<readonly Address[]> => {
  const isVisible = await Promise.all(
    addresses.map(({ type, patient }) =>
      reader.permitted("search", type, patient),
    ),
  );
  return addresses.filter((_, index) => isVisible[index]);
};

const storedPlace = ({ resource: { resourceType, id } }: Read): string => {
  const address = addressOf(resourceType, id);
  return address === undefined ? "" : `${address.pk}|${address.sk}`;
};

/** Behind every partition. */
const loosePlace = ({ id }: Pick<Address, "id">): string => `~|${id}`;

const remaining = (
  stretches: readonly Stretch[],
  after: string,
): readonly Stretch[] => {
  const [pk = "", sk = ""] = after.split("|");
  return stretches
    .filter((stretch) => stretch.pk >= pk)
    .map((stretch) =>
      stretch.pk === pk ? { ...stretch, after: sk } : stretch,
    );
};
