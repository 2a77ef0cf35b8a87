/** What is wrong with the archive, in one word. */
export type Wrong =
  | "changed"
  | "missing"
  | "inserted"
  | "reordered"
  | "replaced"
  | "unsigned"
  | "unlinked";

export interface Finding {
  readonly wrong: Wrong;
  /** The fact, the object or the root, by its id, its name or its hour. */
  readonly what: string;
  readonly because: string;
}

/** What was found, and what was looked at. */
export interface Report {
  readonly findings: Finding[];
  /** Worth knowing and nothing wrong. */
  readonly notes: string[];
  from: string;
  to: string;
  roots: number;
  objects: number;
  facts: number;
  late: number;
  /** Facts that were delivered again in a later hour. */
  repeated: number;
  /** Objects of hours that have no root yet. */
  open: number;
}

export const newReport = (): Report => ({
  findings: [],
  notes: [],
  from: "",
  to: "",
  roots: 0,
  objects: 0,
  facts: 0,
  late: 0,
  repeated: 0,
  open: 0,
});
