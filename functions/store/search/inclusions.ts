import { isKnown, declarations } from "../../resources/all.ts";
import type { KnownType } from "../../resources/declaration.ts";
import {
  parametersOf,
  type Parameter,
} from "../../resources/search/parameter.ts";
import type {
  Filter,
  Inclusion,
  SearchQuery,
} from "../../resources/search/query.ts";
import { addressOf, directory } from "../keys.ts";
import type { Search } from "./candidates.ts";
import { monthsOf } from "./compartments.ts";
import { found, visible, type Near } from "./found.ts";
import { addressesOf, nameOf, namesAt } from "./names.ts";
import { pageBytes } from "./page.ts";
import type { Read } from "./reader.ts";
import { compartmentsOf } from "./same-person.ts";

/** Resources that one page may include. */
export const mostIncluded = 1000;
const mostRounds = 5;

export interface Included {
  readonly reads: readonly Read[];
  /** Some were left out, for their number, their size or because nothing leads to them. */
  readonly isPartial: boolean;
}

/** `_include` and `_revinclude`, within what the caller may see; a resource is included once. */
export const inclusions = async (
  search: Search,
  query: SearchQuery,
  page: readonly Read[],
): Promise<Included> => {
  const known = new Set(page.map(({ resource }) => nameOf(resource)));
  const reads: Read[] = [];
  let left = pageBytes - page.reduce((sum, { size }) => sum + size, 0);
  let [isCut, isFound] = [false, true];
  const isFull = (): boolean => isCut;
  const add = (read: Read): void => {
    const name = nameOf(read.resource);
    if (known.has(name)) return;
    known.add(name);
    if (reads.length >= mostIncluded || read.size > left) isCut = true;
    else {
      reads.push(read);
      left -= read.size;
    }
  };
  let fresh = page;
  for (let round = 0; round < mostRounds && fresh.length > 0; round += 1) {
    const before = reads.length;
    const isDue = ({ iterate }: Inclusion): boolean => round === 0 || iterate;
    for (const inclusion of query.include.filter(isDue))
      await forward(search, inclusion, { from: fresh, known, add, isFull });
    for (const inclusion of query.revinclude.filter(isDue))
      if (
        !(await backward(search, inclusion, {
          from: fresh,
          known,
          add,
          isFull,
        }))
      )
        isFound = false;
    fresh = reads.slice(before);
  }
  return { reads, isPartial: isCut || !isFound };
};

interface Step {
  readonly from: readonly Read[];
  readonly known: ReadonlySet<string>;
  readonly add: (read: Read) => void;
  /** Something did not fit: looking on is in vain. */
  readonly isFull: () => boolean;
}

const parametersIn = ({
  source,
  parameter,
}: Inclusion): readonly Parameter[] =>
  isKnown(source)
    ? [...parametersOf(source).values()].filter(
        ({ name, type }) =>
          type === "reference" && (parameter === "*" || name === parameter),
      )
    : [];

const forward = async (
  search: Search,
  inclusion: Inclusion,
  { from, known, add }: Step,
): Promise<void> => {
  const parameters = parametersIn(inclusion);
  const names = from
    .filter(({ resource }) => resource.resourceType === inclusion.source)
    .flatMap(({ resource }) =>
      parameters.flatMap((parameter) => namesAt(resource, parameter)),
    )
    .filter((name) => !known.has(name));
  const addresses = addressesOf(names)
    .filter(
      ({ type }) => inclusion.target === undefined || inclusion.target === type,
    )
    .slice(0, mostIncluded + 1);
  for (const read of await search.reader.load(await visible(search, addresses)))
    add(read);
};

/** Looks where a reference back can lie; false when that is nowhere in particular. */
const backward = async (
  search: Search,
  inclusion: Inclusion,
  { from, add, isFull }: Step,
): Promise<boolean> => {
  const { source } = inclusion;
  if (!isKnown(source)) return true;
  const parameters = parametersIn(inclusion);
  const everything: Filter = {
    type: source,
    criteria: [],
    chains: [],
    referrers: [],
    country: undefined,
  };
  let isFound = true;
  const groups = Map.groupBy(
    from,
    ({ resource }) => addressOf(resource.resourceType, resource.id)?.patient,
  );
  for (const [patient, group] of groups) {
    const names = new Set(group.map(({ resource }) => nameOf(resource)));
    const near = await referrersTo(search, source, patient, names);
    if (near === undefined) isFound = false;
    else if (await search.reader.permitted("search", source, patient))
      for await (const { matches } of found(search, everything, near)) {
        for (const match of matches)
          if (
            parameters.some((parameter) =>
              namesAt(match.resource, parameter).some((name) =>
                names.has(name),
              ),
            )
          )
            add(match);
        if (isFull()) return isFound;
      }
  }
  return isFound;
};

/** Partitions that may hold what refers to the resources of a patient, or of none. */
const referrersTo = async (
  search: Search,
  type: KnownType,
  patient: string | undefined,
  names: ReadonlySet<string>,
): Promise<Near | undefined> => {
  if (patient !== undefined) return compartmentsOf(search, type, patient);
  const stretches =
    declarations[type].home === "directory"
      ? [{ type, pk: directory(type) }]
      : monthsOf(type, names, search.store.now());
  return stretches && { kind: "stretches", stretches, patients: [] };
};
