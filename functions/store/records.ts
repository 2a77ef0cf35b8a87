import type { ExtractResource, Reference, Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { AuditPage, AuditQuestion } from "./audit.ts";
import type { ChangesAsked } from "./changes.ts";
import type { Fact } from "./facts.ts";
import type { Permits } from "./permits.ts";
import type { SearchQuery } from "../resources/search/query.ts";
import type { EverythingPage } from "./everything.ts";
import type { EverythingQuestion } from "./everything-cursor.ts";

export type Kept<K extends KnownType = KnownType> = ExtractResource<K>;

/** A resource of the record: it has an id, a version and the time of its last change. */
export type Stored<T extends Resource> = T & {
  readonly id: string;
  readonly meta: { readonly versionId: string; readonly lastUpdated: string };
};

export interface SearchResult {
  readonly matches: readonly Stored<Resource>[];
  readonly included: readonly Stored<Resource>[];
  readonly total?: number;
  /** Set when not everything that `_include` and `_revinclude` ask for came along. */
  readonly includesPartly?: true;
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** The FHIR repository: the only way to the record. Permission is asked here, per resource; every access leaves a fact. */
export interface Records {
  /** Throws NotFound (404), Gone (410), Forbidden (403). */
  read<K extends KnownType>(
    context: Context,
    type: K,
    id: string,
  ): Promise<Stored<Kept<K>>>;
  readVersion<K extends KnownType>(
    context: Context,
    type: K,
    id: string,
    version: string,
  ): Promise<Stored<Kept<K>>>;
  history(
    context: Context,
    type: KnownType,
    id: string,
    page: { count: number; cursor?: string; since?: Date },
  ): Promise<HistoryPage>;
  /** Versions of all resources, or of all of a type, that the caller may see, newest first. */
  changes(context: Context, asked: ChangesAsked): Promise<HistoryPage>;
  search(context: Context, query: SearchQuery): Promise<SearchResult>;
  /** A page of a person's whole record. Throws NotFound (404), Gone (410), Forbidden (403), InvalidCursor (400). */
  everything(
    context: Context,
    patient: string,
    asked: EverythingQuestion | { readonly cursor: string },
  ): Promise<EverythingPage>;
  /** Facts, newest first. Throws Forbidden (403), InvalidCursor (400). */
  audit(context: Context, asked: AuditQuestion): Promise<AuditPage>;
  /** One fact, by its patient's id and its own, or its own alone. Throws NotFound (404), Forbidden (403). */
  auditEntry(context: Context, id: string): Promise<Fact>;
  /**
   * Runs `body` on a fresh unit of work and commits it in one transaction; a lost race re-runs it, at most three times,
   * then throws Conflict (409). So `body` has no effects but through `work`.
   */
  change<R>(context: Context, body: (work: Work) => Promise<R>): Promise<R>;
}

export interface HistoryPage {
  readonly entries: readonly {
    readonly type: KnownType;
    readonly id: string;
    readonly version: string;
    readonly updated: string;
    readonly deleted: boolean;
    readonly resource?: Stored<Resource>;
  }[];
  readonly next?: string;
}

/** What is needed of the record within one transaction; reads are remembered and guarded at the commit. */
export interface Work extends Pick<Permits, "permit"> {
  /** `undefined` when it never was or is deleted. Reads of one call share one BatchGetItem. */
  read<K extends KnownType>(
    type: K,
    id: string,
  ): Promise<Stored<Kept<K>> | undefined>;
  /** As `read`, but throws NotFound (404) or Gone (410). */
  demand<K extends KnownType>(type: K, id: string): Promise<Stored<Kept<K>>>;
  readAll(
    references: readonly string[],
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  /**
   * As `readAll`, but leaves no fact: for choosing among many, of whom the caller learns nothing. What is answered of the
   * chosen is read.
   */
  compare(
    references: readonly string[],
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  /** What will be read soon: the next read brings it along, so that both cost one BatchGetItem. Asks no permission, reads nothing yet. */
  expect(references: readonly string[]): void;
  /** Every current resource of a type in a patient's compartment, oldest first. */
  ofPatient<K extends KnownType>(
    type: K,
    patientId: string,
  ): Promise<readonly Stored<Kept<K>>[]>;
  /** Ids of resources of the type that carry the identifier. */
  byIdentifier<K extends KnownType>(
    type: K,
    system: string,
    value: string,
  ): Promise<readonly Stored<Kept<K>>[]>;
  /** Ids from a declared look-up, e.g. `lookUp("Patient", "phone", ["+1202…"])`; candidates, to be read and checked. */
  lookUp(
    type: KnownType,
    list: string,
    key: readonly string[],
  ): Promise<readonly string[]>;
  /** Current resources that answer to all criteria, at most `limit`, without what this work changed. Throws 400 for criteria that are unknown or too wide. */
  search<K extends KnownType>(
    type: K,
    criteria: readonly (readonly [string, string])[],
    limit: number,
  ): Promise<readonly Stored<Kept<K>>[]>;
  /** No other work that excludes the same words commits at the same time; the later one is run again. */
  exclude(words: string): Promise<void>;
  /** Every record of the same person as this patient's, the surviving one first. */
  samePerson(patientId: string): Promise<readonly string[]>;
  /** The version with which a patient was merged into another; undefined when it is not. */
  mergedAt(patientId: string): Promise<number | undefined>;
  /** Every current resource of a directory type. */
  inDirectory<K extends KnownType>(
    type: K,
  ): Promise<readonly Stored<Kept<K>>[]>;
  /** Slots of a schedule that start within the stretch, in order. */
  slotsOf(
    scheduleId: string,
    time: Stretch,
  ): Promise<readonly Stored<Kept<"Slot">>[]>;
  /** Starts (UTC, to the minute) of the five-minute rows of an actor's time that bookings hold, with the number of holders. */
  claimed(actor: string, time: Stretch): Promise<ReadonlyMap<string, number>>;
  /** The id that `create` will give the resource, so that others of the same work can refer to it before. */
  reserve(resource: Kept): string;
  /** Validates (422), asks permission (403), assigns id (or takes a reserved one) and version. */
  create<T extends Kept>(
    resource: T,
    options?: { readonly reserved?: string },
  ): Promise<Stored<T>>;
  /** `ifVersion` is the caller's If-Match: a mismatch is PreconditionFailed (412). An unchanged resource writes nothing. */
  update<T extends Kept>(
    resource: T & { id: string },
    options?: { readonly ifVersion?: string },
  ): Promise<Stored<T>>;
  remove(
    type: KnownType,
    id: string,
    options?: { readonly ifVersion?: string },
  ): Promise<void>;
  /** The commit fails, and the body is run again, if this resource has changed since it was read. */
  rely(type: KnownType, id: string): void;
}

/** UTC instants, the end excluded. */
export interface Stretch {
  readonly from: string;
  readonly until: string;
}

/** `Type/id` of a literal reference to this server; undefined for anything else. */
export const localReference = (
  reference: Reference | undefined,
): string | undefined => {
  const match =
    /^([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(\/_history\/\d+)?$/.exec(
      reference?.reference ?? "",
    );
  return match?.[1];
};
