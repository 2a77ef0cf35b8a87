import type { OperationOutcome } from "@medplum/fhirtypes";
import type { KnownType } from "../resources/declaration.ts";
import type { Caller, Context } from "./caller.ts";
import type { ExportRequest } from "./export-request.ts";
import { refused } from "./refused.ts";
import { allowed, grantsOf, type Grant } from "./scopes.ts";
import type { Occurrence } from "./journey.ts";

/** What a job may become; what has ended stays as it ended, but may be removed. */
export const exportMoves = {
  running: ["completed", "failed", "cancelled"],
  completed: ["cancelled"],
  failed: ["cancelled"],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type ExportStatus = keyof typeof exportMoves;

/** A bulk export in the name of whoever asked for it. */
export interface ExportJob extends Omit<ExportRequest, "patients"> {
  readonly id: string;
  readonly version: number;
  readonly status: ExportStatus;
  readonly by: Caller;
  readonly purpose: Context["purpose"];
  /** The address that was asked, with its query. */
  readonly request: string;
  /** The export is the record as it was at this instant. */
  readonly transactionTime: string;
  /** Seconds since 1970; nothing of it can be had after. */
  readonly expires: number;
  /** Lists of patients it is limited to; absent when it holds all. */
  readonly lists?: number;
  /** Messages about the export itself. */
  readonly outcomes?: ExportFile;
}

/** One NDJSON file in the bucket; `Bundle` holds deletions. */
export interface ExportFile {
  readonly type: KnownType | "Bundle" | "OperationOutcome";
  readonly key: string;
  readonly count: number;
}

export const exportJourney = "bulk-export";

export const exportOccurrence = (id: string): Occurrence => ({
  journey: exportJourney,
  subject: id,
  occurrence: "1",
});

/** Where the files of an export lie. */
export const exportFolder = (id: string): string => `exports/${id}/`;

/** A job is its caller's to follow, and a manager's, unless a token reaches less than the job. */
export const mayFollow = ({ by }: ExportJob, caller: Caller): boolean =>
  ((by.kind === caller.kind && by.id === caller.id) ||
    (caller.kind === "staff" && caller.roles.includes("manager"))) &&
  reachesAll(caller, by);

/** Whether the scopes of one reach at least what those of the other do. */
export const reachesAll = (one: Caller, other: Caller): boolean => {
  const [own, theirs] = [grantsOf(one), grantsOf(other)];
  return (
    own === "unrestricted" ||
    (theirs !== "unrestricted" &&
      theirs.every((grant) => own.some((each) => holds(each, grant))))
  );
};

const holds = (wide: Grant, narrow: Grant): boolean =>
  (wide.type === "*" || wide.type === narrow.type) &&
  Array.from(narrow.actions).every((each) => wide.actions.includes(each)) &&
  (wide.patient === undefined || wide.patient === narrow.patient) &&
  (wide.criteria === undefined ||
    JSON.stringify(wide.criteria) === JSON.stringify(narrow.criteria));

const launchOf = (caller: Caller): string | undefined =>
  "launch" in caller ? caller.launch : undefined;

/** Whether the caller's own record and scopes go so far; roles are the policies' matter, and each resource is asked for later. Throws 403. */
export const permitExport = (
  caller: Caller,
  { level, patients, types }: ExportRequest,
): void => {
  const grants = grantsOf(caller);
  const patient = caller.kind === "patient" ? caller.id : launchOf(caller);
  if (
    types.every((type) => allowed(grants, "read", { type, patient }) === false)
  )
    throw refused(`${caller.kind}-scope`);
  if (caller.kind !== "patient") return;
  const own = patients?.every((id) => id === caller.id) ?? true;
  if (level !== "patient" || !own) throw refused("patient-own-record");
};

/** What the export has to say about itself, as resources. */
export const exportOutcomes = (
  notes: readonly string[],
): readonly OperationOutcome[] =>
  notes.map((text) => ({
    resourceType: "OperationOutcome",
    issue: [{ severity: "warning", code: "not-supported", details: { text } }],
  }));
