/** For how long the law wants records of care kept, and documentation of how they were protected. */
export interface RetentionPack {
  readonly publisher: string;
  readonly version: string;
  readonly effective: { readonly from: string; readonly until?: string };
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** What stays of an erased patient: who did what, when, by ids. */
  readonly documentation: {
    readonly name: string;
    readonly years: number;
    readonly source: string;
  };
  readonly rules: readonly RetentionRule[];
}

export interface RetentionRule {
  readonly name: string;
  /** Where it applies; without states, wherever no other rule of its pack does. */
  readonly states?: readonly string[];
  /** After the last care. */
  readonly years: number;
  /** Of a patient who was younger at the last care, at least until this age. */
  readonly minorsUntilAge?: number;
  /** Whether the law lets the organization erase at the patient's request before the period ends. */
  readonly mayEndEarly: boolean;
  /** Statute and the year of its wording. */
  readonly source: string;
}
