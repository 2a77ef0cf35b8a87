import type { KnownType } from "../declaration.ts";
import type { CountryCode } from "../normalise.ts";
import type { Parameter } from "./parameter.ts";

/** What must hold of a resource of the type: all criteria, chains and referrers. */
export interface Filter {
  readonly type: KnownType;
  readonly criteria: readonly Criterion[];
  readonly chains: readonly Chain[];
  readonly referrers: readonly Referrer[];
  /** Whose dialling rules numbers without a country code follow. */
  readonly country: CountryCode | undefined;
}

/** The parameter refers to a resource that one of the filters finds; there is one filter per type that it may be of. */
export interface Chain {
  readonly parameter: Parameter;
  readonly filters: readonly [Filter, ...Filter[]];
}

/** `_has`: a resource that the filter finds refers here by the parameter. */
export interface Referrer {
  readonly parameter: Parameter;
  readonly filter: Filter;
}

/** A search as asked, checked and ready to be matched against resources of its type. */
export interface SearchQuery extends Filter {
  /** The patient in whose compartment alone to search. */
  readonly within: string | undefined;
  readonly sort: readonly SortKey[];
  /** Entries a page, at most 200; 0 asks for the total alone. */
  readonly count: number;
  readonly total: "none" | "estimate" | "accurate" | undefined;
  readonly summary: "true" | "text" | "data" | "count" | "false" | undefined;
  /** Top-level elements to answer with; empty for all. */
  readonly elements: readonly string[];
  readonly include: readonly Inclusion[];
  readonly revinclude: readonly Inclusion[];
  readonly cursor: string | undefined;
  /** Names of parameters that are unknown here and had no effect. */
  readonly ignored: readonly string[];
  /** The parameters that had effect, as asked: the `self` link. */
  readonly honoured: readonly (readonly [string, string])[];
}

export interface Criterion {
  readonly parameter: Parameter;
  readonly modifier: Modifier | undefined;
  /** One of them must match. */
  readonly values: readonly [Value, ...Value[]];
}

export type Modifier =
  "exact" | "contains" | "missing" | "not" | "identifier" | "text";
export type Prefix =
  "eq" | "ne" | "gt" | "lt" | "ge" | "le" | "sa" | "eb" | "ap";

export type Value =
  | { readonly kind: "missing"; readonly missing: boolean }
  /** As asked; matching folds it. */
  | { readonly kind: "string"; readonly text: string }
  /** `system` undefined: any; empty: none. `code` undefined: any of the system. */
  | {
      readonly kind: "token";
      readonly system: string | undefined;
      readonly code: string | undefined;
    }
  | {
      readonly kind: "date";
      readonly prefix: Prefix;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: "number";
      readonly prefix: Prefix;
      readonly number: number;
      readonly from: number;
      readonly to: number;
      readonly unit?: Unit;
    }
  /** `Type/id` or a bare id; anything else is compared as a whole. */
  | {
      readonly kind: "reference";
      readonly type: string | undefined;
      readonly id: string;
    }
  | { readonly kind: "uri"; readonly uri: string };

export interface Unit {
  readonly system: string | undefined;
  readonly code: string;
}

export interface SortKey {
  readonly parameter: Parameter;
  readonly descending: boolean;
}

export interface Inclusion {
  readonly source: string;
  /** A reference parameter of the source, or `*`. */
  readonly parameter: string;
  readonly target: string | undefined;
  readonly iterate: boolean;
}
