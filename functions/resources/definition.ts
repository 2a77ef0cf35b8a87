/** What FHIR R4 says of one resource type or of all datatypes, pruned to what validation asks. */
export interface Definition {
  readonly types: Readonly<Record<string, TypeDefinition>>;
  /** The codes of each required value set, space-separated, of concepts `system|code`; `/…/` is a pattern for sets too large to list. */
  readonly codes: Readonly<Record<string, string>>;
}

export interface TypeDefinition {
  /** The type whose elements and rules this one has too. */
  readonly base?: string;
  /**
   * By element name: types separated by `|` (a choice's elements end in `[x]`), then cardinality (none 0..1, `!` 1..1,
   * `*` 0..*, `+` 1..*), then optionally `#value-set` or `>Target,Target` for a reference.
   */
  readonly elements: Readonly<Record<string, string>>;
  /** By constraint key: the FHIRPath expression and what it says. */
  readonly rules?: Readonly<
    Record<string, readonly [expression: string, human: string]>
  >;
}
