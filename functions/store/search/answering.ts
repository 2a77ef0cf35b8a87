import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import { matches } from "../../resources/search/match.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Chain, Filter, Referrer } from "../../resources/search/query.ts";
import { addressOf, directory } from "../keys.ts";
import type { Search } from "./candidates.ts";
import { finding } from "./finding.ts";
import { found, visible, type Near } from "./found.ts";
import { addressesOf, nameOf, namesAt } from "./names.ts";
import type { Read } from "./reader.ts";
import { compartmentsOf, namesOfSame } from "./same-person.ts";

/** Of resources of the filter's type, those that answer all of it. */
export const answering = async (
  search: Search,
  filter: Filter,
  reads: readonly Read[],
): Promise<readonly Read[]> => {
  let left = reads.filter(({ resource }) => matches(filter, resource));
  for (const chain of filter.chains)
    if (left.length > 0) left = await alongChain(search, chain, left);
  for (const referrer of filter.referrers)
    if (left.length > 0) left = await alongReferrer(search, referrer, left);
  return left;
};

const alongChain = async (
  search: Search,
  chain: Chain,
  reads: readonly Read[],
): Promise<Read[]> => {
  const known = search.chains.get(chain) ?? new Map<string, boolean>();
  search.chains.set(chain, known);
  const names = reads.map(({ resource }) => namesAt(resource, chain.parameter));
  const unknown = new Set(names.flat().filter((name) => !known.has(name)));
  const same = await Promise.all(
    [...unknown].map(
      async (name) => [name, await namesOfSame(search, name)] as const,
    ),
  );
  const addresses = addressesOf(same.flatMap(([, others]) => others)).filter(
    ({ type }) => chain.filters.some((filter) => filter.type === type),
  );
  const targets = await search.reader.load(await visible(search, addresses));
  const answered = new Set<string>();
  for (const filter of chain.filters) {
    const own = targets.filter(
      ({ resource }) => resource.resourceType === filter.type,
    );
    for (const { resource } of await answering(search, filter, own))
      answered.add(nameOf(resource));
  }
  for (const [name, others] of same)
    known.set(
      name,
      others.some((other) => answered.has(other)),
    );
  return reads.filter((_, index) =>
    names[index]?.some((name) => known.get(name) === true),
  );
};

const mostCompartments = 200;

const alongReferrer = async (
  search: Search,
  referrer: Referrer,
  reads: readonly Read[],
): Promise<Read[]> => {
  const known =
    search.referrers.get(referrer) ??
    new Map<string | undefined, ReadonlySet<string>>();
  search.referrers.set(referrer, known);
  const patients = reads.map(
    ({ resource }) => addressOf(resource.resourceType, resource.id)?.patient,
  );
  for (const patient of new Set(patients)) {
    if (known.has(patient)) continue;
    if (known.size >= mostCompartments)
      throw new Fault(
        "SearchTooWide",
        400,
        `_has would open the records of more than ${mostCompartments} patients. Add what narrows the search.`,
        { code: "too-costly", expression: ["_has"] },
      );
    known.set(patient, await referredFrom(search, referrer, patient));
  }
  return reads.filter(({ resource }, index) =>
    known.get(patients[index])?.has(nameOf(resource)),
  );
};

/** Names that the referring resources of a patient's compartment, or of none, refer to. */
const referredFrom = async (
  search: Search,
  { parameter, filter }: Referrer,
  patient: string | undefined,
): Promise<ReadonlySet<string>> => {
  const { type } = filter;
  const names = new Set<string>();
  const add = (resource: Read["resource"]): void => {
    for (const name of namesAt(resource, parameter)) names.add(name);
  };
  const near = await nearby(search, type, patient);
  if (near === undefined)
    for (const resource of await finding(search, filter)) add(resource);
  else if (await search.reader.permitted("search", type, patient))
    for await (const { matches: some } of found(search, filter, near))
      for (const { resource } of some) add(resource);
  return names;
};

/** Where what refers to a resource lies: in the same compartment, or with it in the directory. */
const nearby = async (
  search: Search,
  type: KnownType,
  patient: string | undefined,
): Promise<Near | undefined> => {
  if (patient !== undefined) return compartmentsOf(search, type, patient);
  return declarations[type].home === "directory"
    ? {
        kind: "stretches",
        stretches: [{ type, pk: directory(type) }],
        patients: [],
      }
    : undefined;
};
