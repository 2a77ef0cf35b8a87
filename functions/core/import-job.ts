import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { Caller, Context } from "./caller.ts";
import { reachesAll } from "./export-job.ts";
import { refused } from "./refused.ts";
import type { ImportedType } from "./import-types.ts";
import type { Occurrence } from "./journey.ts";
import { allowed, grantsOf } from "./scopes.ts";

/** What an import may become; what has ended stays as it ended, but may be removed. */
export const importMoves = {
  waiting: ["running", "cancelled"],
  running: ["completed", "failed", "cancelled"],
  completed: ["cancelled"],
  failed: ["cancelled"],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type ImportStatus = keyof typeof importMoves;

export interface ImportFile {
  readonly type: ImportedType;
  /** As its owner calls it. */
  readonly name: string;
  /** Of the object in the bucket. */
  readonly key: string;
  /** Known from the start on. */
  readonly bytes?: number;
}

/** What a system hands over, taken in the name of whoever asked for it. */
export interface ImportJob {
  readonly id: string;
  readonly version: number;
  readonly status: ImportStatus;
  readonly by: Caller;
  readonly purpose: Context["purpose"];
  /** Slug of the system that the resources and their ids come from. */
  readonly source: string;
  /** Absolute references that begin so are that system's own. */
  readonly base?: string;
  readonly files: readonly ImportFile[];
  readonly requested: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export const outcomes = [
  "read",
  "created",
  "updated",
  "unchanged",
  "refused",
] as const;
export type Counts = Readonly<Record<(typeof outcomes)[number], number>>;

export const noCounts: Counts = {
  read: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  refused: 0,
};

/** Sums by type. */
export const total = (
  parts: readonly Readonly<Record<string, Counts>>[],
): Readonly<Record<string, Counts>> => {
  const sums: Record<string, Counts> = {};
  for (const [type, counts] of parts.flatMap((part) => Object.entries(part))) {
    const before = sums[type] ?? noCounts;
    sums[type] = Object.fromEntries(
      outcomes.map((name) => [name, before[name] + counts[name]]),
    ) as unknown as Counts;
  }
  return sums;
};

export const importJourney = "bulk-import";

export const importOccurrence = (id: string): Occurrence => ({
  journey: importJourney,
  subject: id,
  occurrence: "1",
});

export const importFolder = (id: string): string => `imports/${id}/`;
export const uploadsOf = (id: string): string => `${importFolder(id)}uploads/`;
export const problemsOf = (id: string): string =>
  `${importFolder(id)}problems/`;
export const allProblemsOf = (id: string): string =>
  `${importFolder(id)}problems.ndjson`;

/** One reading of one file: first ids are reserved for all there is, then all of it is written. */
export interface ImportStep {
  readonly does: "reserve" | "write";
  readonly file: number;
}

/**
 * The order in which files are read. An id begins with its home's, so ids follow homes; writing follows the keys that seal.
 * Slots come behind the appointments that fill them, because a taken slot takes no appointment.
 */
export const stepsOf = (
  files: readonly Pick<ImportFile, "type">[],
): readonly ImportStep[] => {
  const inOrder = (rank: (type: KnownType) => number) =>
    files
      .map(({ type }, file) => ({ file, at: rank(type) }))
      .toSorted((one, other) => one.at - other.at || one.file - other.file);
  return [
    ...inOrder(homeRank).map(
      ({ file }) => ({ does: "reserve", file }) as const,
    ),
    ...inOrder(writeRank).map(({ file }) => ({ does: "write", file }) as const),
  ];
};

/** Whether all of a type was written before the first of another. */
export const isWrittenBefore = (one: KnownType, other: KnownType): boolean =>
  writeRank(one) < writeRank(other);

const writeRank = (type: KnownType): number =>
  type === "Slot" ? 4 : homeRank(type);

const homeRank = (type: KnownType): number => {
  const { home, homeByResource } = declarations[type];
  if (type === "Provenance") return 3;
  if (homeByResource === true) return 2;
  return home === "self" || home === "directory" ? 0 : 1;
};

/** An import is its caller's to follow, and a manager's, unless a token reaches less than the job. */
export const mayFollow = ({ by }: ImportJob, caller: Caller): boolean =>
  ((by.kind === caller.kind && by.id === caller.id) ||
    (caller.kind === "staff" && caller.roles.includes("manager"))) &&
  reachesAll(caller, by);

/** Whether the caller's scopes reach such types at all; roles are the policies' matter, and each resource is asked for later. Throws 403. */
export const permitImport = (
  caller: Caller,
  types: readonly KnownType[],
): void => {
  const grants = grantsOf(caller);
  if (
    types.some((type) =>
      (["create", "update"] as const).some(
        (action) => allowed(grants, action, { type }) === false,
      ),
    )
  )
    throw refused("import-scope");
};
