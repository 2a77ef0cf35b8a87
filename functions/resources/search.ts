import { Fault } from "../core/fault.ts";
import { isKnown } from "./all.ts";
import type { KnownType } from "./declaration.ts";
import type { CountryCode } from "./normalise.ts";
import { partOf } from "./search/parse-filter.ts";
import { parametersOf } from "./search/parameter.ts";
import type {
  Filter,
  Inclusion,
  SearchQuery,
  SortKey,
} from "./search/query.ts";
import { loadPaths } from "./search/steps.ts";
import { loadTables } from "./search/tables.ts";
import { invalid, printable } from "./search/values.ts";

export interface SearchOptions {
  /** `Prefer: handling=strict`: an unknown parameter is refused instead of ignored. */
  readonly strict: boolean;
  /** The organization's country. */
  readonly country?: CountryCode | undefined;
  /** The server's own base URL: references under it are as good as relative ones. */
  readonly base?: string;
  /** The patient in whose compartment alone to search. */
  readonly within?: string | undefined;
}

type Pairs = readonly (readonly [string, string])[];

const maxCount = 200;
const defaultCount = 50;
const maxParameters = 100;
const maxSortKeys = 10;

/** Answered by the layer above; no part of the question. */
const presentation = new Set(["_format", "_pretty"]);
const control = new Set([
  "_sort",
  "_count",
  "_total",
  "_summary",
  "_elements",
  "_include",
  "_revinclude",
  "_cursor",
]);

/** Loads what understanding the search takes: the tables of its type and of those that it leads to or includes from. */
export const loadSearch = async (
  type: KnownType,
  params: Pairs,
): Promise<void> => {
  if (params.length > maxParameters) throw tooMany();
  const sources = params
    .filter(([key]) => inclusionKey.test(key))
    .map(([, value]) => value.split(":", 1)[0] ?? "");
  await Promise.all([
    loadPaths(
      type,
      params.map(([key]) => key),
    ),
    loadTables(sources.filter(isKnown)),
  ]);
};

/** Understands a search of one type, once it is loaded. Throws a Fault (400) that names the parameter and never holds a value. */
export const parseSearch = (
  type: KnownType,
  params: Pairs,
  { strict, country, base, within }: SearchOptions,
): SearchQuery => {
  if (params.length > maxParameters) throw tooMany();
  const parts: Pick<Filter, "criteria" | "chains" | "referrers">[] = [];
  const [ignored, honoured]: [string[], (readonly [string, string])[]] = [
    [],
    [],
  ];
  const asked = params.filter(([key]) => !presentation.has(key));
  for (const [key, value] of asked) {
    const part = isControl(key)
      ? undefined
      : partOf(type, [key, relative(value, base)], country);
    if (part) parts.push(part);
    if (part || (isControl(key) && !isForeign(key, value)))
      honoured.push([key, value]);
    else ignored.push(key);
  }
  if (strict && ignored.length > 0) throw unknown(type, ignored);
  const last = (name: string): string | undefined =>
    asked.findLast(([key]) => key === name)?.[1];
  const summary = oneOf("_summary", last("_summary"), [
    "true",
    "text",
    "data",
    "count",
    "false",
  ]);
  return {
    type,
    criteria: parts.flatMap(({ criteria }) => criteria),
    chains: parts.flatMap(({ chains }) => chains),
    referrers: parts.flatMap(({ referrers }) => referrers),
    within,
    sort: sortOf(type, last("_sort")),
    count: summary === "count" ? 0 : countOf(last("_count")),
    total: oneOf("_total", last("_total"), ["none", "estimate", "accurate"]),
    summary,
    elements: elementsOf(last("_elements")),
    include: inclusionsOf("_include", asked),
    revinclude: inclusionsOf("_revinclude", asked),
    cursor: last("_cursor"),
    country,
    ignored,
    honoured: honoured.filter(([key]) => key !== "_cursor"),
  };
};

const tooMany = (): Fault =>
  new Fault(
    "InvalidSearch",
    400,
    `a search takes at most ${maxParameters} parameters`,
  );

const inclusionKey = /^_(?:rev)?include(?:$|:)/u;

const isControl = (key: string): boolean =>
  control.has(key) || inclusionKey.test(key);

/** US Core clients ask every server for `_revinclude=Provenance:target`: a type not kept here has nothing to include. */
const isForeign = (key: string, value: string): boolean =>
  inclusionKey.test(key) &&
  /^[A-Z][A-Za-z]+:/u.test(value) &&
  !isKnown(value.split(":", 1)[0] ?? "");

const relative = (value: string, base: string | undefined): string =>
  base === undefined
    ? value
    : value.replaceAll(`${base.replace(/\/$/u, "")}/`, "");

const unknown = (type: KnownType, names: readonly string[]): Fault => {
  return new Fault(
    "InvalidSearch",
    400,
    `unknown search parameter ${names.map(printable).join(", ")}; ${type} supports ${supportedBy(type)}`,
    { code: "not-supported", expression: names.map(printable) },
  );
};

/** Names of all parameters of a type whose table is loaded. */
export const supportedBy = (type: KnownType): string =>
  [...parametersOf(type).keys(), ...control, "_has"].toSorted().join(", ");

const oneOf = <T extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined => {
  const found = allowed.find((each) => each === value);
  if (value !== undefined && found === undefined)
    throw invalid(name, `takes ${allowed.join(", ")}`);
  return found;
};

const countOf = (value: string | undefined): number => {
  if (value === undefined) return defaultCount;
  if (!/^\d{1,9}$/u.test(value))
    throw invalid("_count", "takes a whole number");
  return Math.min(Number(value), maxCount);
};

const sortOf = (
  type: KnownType,
  value: string | undefined,
): readonly SortKey[] =>
  value === undefined
    ? []
    : sortKeys(value).map((text) => {
        const parameter = parametersOf(type).get(text.replace(/^-/u, ""));
        if (!parameter)
          throw invalid(
            "_sort",
            `takes search parameters of ${type}, each optionally after a hyphen`,
          );
        return { parameter, descending: text.startsWith("-") };
      });

const sortKeys = (value: string): readonly string[] => {
  const keys = value.split(",");
  if (keys.length > maxSortKeys)
    throw invalid("_sort", `takes at most ${maxSortKeys} parameters`);
  return keys;
};

const elementsOf = (value: string | undefined): readonly string[] => {
  const elements = value?.split(",").map((element) => element.trim()) ?? [];
  if (!elements.every((element) => /^[A-Za-z]+$/u.test(element)))
    throw invalid("_elements", "takes names of top-level elements");
  return elements;
};

const inclusionsOf = (
  name: "_include" | "_revinclude",
  asked: Pairs,
): readonly Inclusion[] =>
  asked.flatMap(([key, value]) => {
    const [head, modifier, ...more] = key.split(":");
    if (head !== name || isForeign(key, value)) return [];
    if ((modifier !== undefined && modifier !== "iterate") || more.length > 0)
      throw invalid(name, "supports the modifier :iterate only");
    return [inclusion(name, value, modifier === "iterate")];
  });

const inclusion = (
  name: string,
  value: string,
  iterate: boolean,
): Inclusion => {
  const [source = "", parameter = "", target, ...more] = value.split(":");
  const isReference =
    isKnown(source) &&
    (parameter === "*" ||
      parametersOf(source).get(parameter)?.type === "reference");
  if (
    !isReference ||
    more.length > 0 ||
    (target !== undefined && !/^[A-Z][A-Za-z]+$/u.test(target))
  )
    throw invalid(
      name,
      "takes Type:parameter or Type:parameter:Target, where the parameter is a reference",
    );
  return { source, parameter, target, iterate };
};
