export type Parameters = Readonly<Record<string, ParameterText>>;

/** What search knows of a type, generated from R4's search parameters. */
export interface TypeTable {
  readonly parameters: Parameters;
  /** Top-level elements that `_summary=true` keeps. */
  readonly summary: string;
  /** Top-level elements that every subset keeps: mandatory ones and modifiers. */
  readonly kept: string;
}

/**
 * `type path:Datatype path:Datatype[filter] >Target,Target =id`: each path ends in one property of one datatype; the
 * filter is the type that a reference must point to, the system of a contact point, or `type=` of the element that has
 * the property; the id is R4's, given where it is not `Type-parameter`.
 */
type ParameterText = string;
