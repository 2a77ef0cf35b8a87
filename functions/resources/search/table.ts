import type { KnownType } from "../declaration.ts";

/** What search knows of the declared types, generated from R4's search parameters. */
export interface SearchTable {
  /** Parameters of every type. */
  readonly common: Readonly<Record<string, ParameterText>>;
  readonly types: Readonly<Record<KnownType, TypeTable>>;
}

export interface TypeTable {
  readonly parameters: Readonly<Record<string, ParameterText>>;
  /** Top-level elements that `_summary=true` keeps. */
  readonly summary: string;
  /** Top-level elements that every subset keeps: mandatory ones and modifiers. */
  readonly kept: string;
}

/**
 * `type path:Datatype path:Datatype[filter] >Target,Target =id`: each path ends in one property of one datatype; the
 * filter is the type that a reference must point to, or the system of a contact point; the id is R4's, given where it is
 * not `Type-parameter`.
 */
type ParameterText = string;
