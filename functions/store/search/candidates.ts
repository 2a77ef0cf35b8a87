import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import type { Declaration, KnownType } from "../../resources/declaration.ts";
import type {
  Chain,
  Filter,
  Referrer,
  SearchQuery,
  Value,
} from "../../resources/search/query.ts";
import { addressOf, compartment, directory } from "../keys.ts";
import { slotStretches } from "./asked-time.ts";
import { compartmentsNamed, monthsOf, targetsNamed } from "./compartments.ts";
import { lookedUp } from "./look-ups.ts";
import { nameOf, namesAt } from "./names.ts";
import { waysInto } from "./ways-into.ts";
import type { Reader, Stretch } from "./reader.ts";
import { ofSamePerson } from "./same-person.ts";
import type { Kept, Stored } from "../records.ts";
import type { Store } from "../store.ts";

/** Where the answers of a search can lie: always more than they are, never less, and never the whole table. */
export type Candidates =
  | {
      readonly kind: "ids";
      readonly ids: readonly string[];
      /** The caller named them, so what may not be seen is refused; what a look-up found is left out. */
      readonly asked: boolean;
    }
  | {
      readonly kind: "stretches";
      /** By partition, in order. */
      readonly stretches: readonly Stretch[];
      /** Patients whose compartments also link to resources elsewhere. */
      readonly patients: readonly string[];
    }
  /** Every patient, from the sharded list. */
  | { readonly kind: "patients" };

/** What looking for the answers of one search takes. */
export interface Search {
  readonly store: Store;
  readonly context: Context;
  readonly reader: Reader;
  /** Which of the resources that a chain led to answer it. */
  readonly chains: Map<Chain, Map<string, boolean>>;
  /** What is referred to from a patient's compartment, or from none. */
  readonly referrers: Map<
    Referrer,
    Map<string | undefined, ReadonlySet<string>>
  >;
}

export const searchBy = (
  store: Store,
  context: Context,
  reader: Reader,
): Search => ({
  store,
  context,
  reader,
  chains: new Map(),
  referrers: new Map(),
});

export type Asked = Filter & Partial<Pick<SearchQuery, "within">>;

/** What a filter finds; throws 400 when that is too much to go on from. */
export type Finding = (
  search: Search,
  filter: Filter,
) => Promise<readonly Stored<Kept>[]>;

/** Chooses the narrowest way to the answers. Throws 400 naming what would make the search possible. */
export const candidatesOf = async (
  search: Search,
  asked: Asked,
  finding: Finding,
): Promise<Candidates> => {
  const found =
    (await direct(search, asked)) ??
    (await alongChains(search, asked, finding)) ??
    (await alongReferrers(search, asked, finding));
  if (found !== undefined) return found;
  if (asked.type === "Patient" && isWithoutCriteria(asked))
    return { kind: "patients" };
  throw new Fault(
    "SearchTooWide",
    400,
    `A search of ${asked.type} across patients needs one of: ${waysInto(asked.type).join("; ")}.`,
    { code: "too-costly" },
  );
};

/** What the criteria alone lead to. */
const direct = async (
  search: Search,
  asked: Asked,
): Promise<Candidates | undefined> => {
  const { type, within } = asked;
  const { home }: Declaration = declarations[type];
  const { by } = search.context;
  const ids = idsNamed(asked);
  const { samePerson } = search.reader;
  if (within !== undefined)
    return inCompartments(type, await samePerson(within));
  if (ids !== undefined) return { kind: "ids", ids, asked: true };
  const patients = compartmentsNamed(asked);
  if (patients !== undefined) return inCompartments(type, patients);
  if (by.kind === "patient" && (home === "self" || Array.isArray(home)))
    return home === "self"
      ? { kind: "ids", ids: [by.id], asked: true }
      : inCompartments(type, await samePerson(by.id));
  const looked = await lookedUp(search, asked);
  if (looked !== undefined) return { kind: "ids", ids: looked, asked: false };
  const stretches =
    home === "schedule"
      ? slotStretches(asked)
      : home === "directory"
        ? [{ type, pk: directory(type) }]
        : monthsOf(type, targetsNamed(asked) ?? ["none"], search.store.now());
  return stretches && { kind: "stretches", stretches, patients: [] };
};

const inCompartments = (
  type: KnownType,
  patients: readonly string[],
): Candidates => {
  const { home, links }: Declaration = declarations[type];
  const known = patients
    .filter((patient) => addressOf("Patient", patient) !== undefined)
    .toSorted();
  if (!Array.isArray(home) && home !== "self" && links.length === 0)
    throw new Fault(
      "InvalidSearch",
      400,
      `${type} is in no patient's compartment. Search it by itself.`,
      { code: "not-supported" },
    );
  return {
    kind: "stretches",
    stretches:
      home === "directory"
        ? []
        : known.map((patient) => ({ type, pk: compartment(patient) })),
    patients: known,
  };
};

const idsNamed = ({ criteria }: Asked): readonly string[] | undefined => {
  const values = criteria.find(
    ({ parameter, modifier }) =>
      parameter.name === "_id" && modifier === undefined,
  )?.values;
  return (
    values &&
    [
      ...new Set(
        values.map((value) =>
          value.kind === "token" ? (value.code ?? "") : "",
        ),
      ),
    ].toSorted()
  );
};

/** Resolves a chain first where that makes the rest possible: the patient of an identifier, then that compartment. */
const alongChains = async (
  search: Search,
  asked: Asked,
  finding: Finding,
): Promise<Candidates | undefined> => {
  for (const chain of asked.chains) {
    const probes = chain.filters.map(({ type }) => `${type}/${noId}`);
    if ((await direct(search, narrowed(asked, chain, probes))) === undefined)
      continue;
    const names = await unlessTooWide(async () =>
      (
        await Promise.all(
          chain.filters.map((filter) => finding(search, filter)),
        )
      )
        .flat()
        .map(nameOf),
    );
    if (names?.length === 0) return nowhere;
    if (names !== undefined)
      return direct(
        search,
        await ofSamePerson(search, narrowed(asked, chain, names)),
      );
  }
  return undefined;
};

const noId = "0".repeat(26);
const nowhere: Candidates = { kind: "ids", ids: [], asked: false };

const narrowed = (
  asked: Asked,
  { parameter }: Pick<Chain, "parameter">,
  names: readonly string[],
): Asked => {
  const [first, ...others] = names.map((name): Value => {
    const [type = "", id = ""] = name.split("/");
    return { kind: "reference", type, id };
  });
  return first === undefined
    ? asked
    : {
        ...asked,
        criteria: [
          ...asked.criteria,
          { parameter, modifier: undefined, values: [first, ...others] },
        ],
      };
};

/** Resolves `_has` first where the referring resources can be found by themselves. */
const alongReferrers = async (
  search: Search,
  asked: Asked,
  finding: Finding,
): Promise<Candidates | undefined> => {
  for (const { parameter, filter } of asked.referrers) {
    const referring = await unlessTooWide(() => finding(search, filter));
    if (referring === undefined) continue;
    const ids = referring
      .flatMap((resource) => namesAt(resource, parameter))
      .filter((name) => name.startsWith(`${asked.type}/`))
      .map((name) => name.slice(asked.type.length + 1));
    return { kind: "ids", ids: [...new Set(ids)].toSorted(), asked: false };
  }
  return undefined;
};

const unlessTooWide = async <T>(
  find: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Fault && error.name === "SearchTooWide")
      return undefined;
    throw error;
  }
};

const isWithoutCriteria = ({ criteria, chains, referrers }: Filter): boolean =>
  criteria.length + chains.length + referrers.length === 0;
