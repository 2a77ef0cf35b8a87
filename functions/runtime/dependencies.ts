import type { OrganizationSettings } from "../core/settings.ts";
import type { Ulid } from "../core/ids.ts";
import type { Channels } from "../outbound/channels.ts";
import type { Journeys } from "../outbound/journeys.ts";
import type { Bucket } from "../store/bucket.ts";
import type { ActivityStore } from "../store/activity.ts";
import type { Disclosures } from "../store/disclosures.ts";
import type { Emergencies } from "../store/emergency.ts";
import type { Disposals } from "../store/disposals.ts";
import type { Erasing } from "../store/erasing.ts";
import type { Erasures } from "../store/erasures.ts";
import type { ExportJobs } from "../store/export-jobs.ts";
import type { Holds } from "../store/holds.ts";
import type { ImportJobs } from "../store/import-jobs.ts";
import type { Gate } from "../store/gate.ts";
import type { Records } from "../store/records.ts";
import type { Sessions } from "../store/sessions.ts";
import type { Vault } from "../store/vault.ts";
import type { Waits } from "../store/waits.ts";
import type { Log } from "./log.ts";

/** All that a handler, a task or an event consumer may ask for; each takes the part it needs. */
export interface Deps {
  readonly organization: OrganizationSettings;
  /** Names of packs, such as `us-ca`. */
  readonly jurisdictions: readonly string[];
  readonly records: Records;
  /** Whether a caller may come to an address at all. */
  readonly gate: Gate;
  /** Sign-ins of patients and staff. */
  readonly sessions: Sessions;
  /** Keyed hashes, for what is derived instead of stored. */
  readonly vault: Pick<Vault, "hash">;
  /** Bodies of documents, sealed. */
  readonly documents: Bucket;
  /** Files of bulk exports and imports, gone after two days. */
  readonly exchange: Bucket;
  /** Loaded with the first question. */
  readonly exportJobs: () => Promise<ExportJobs>;
  /** As before. */
  readonly importJobs: () => Promise<ImportJobs>;
  /** As before. */
  readonly emergencies: () => Promise<Emergencies>;
  /** As before. */
  readonly activity: () => Promise<ActivityStore>;
  /** As before. */
  readonly disclosures: () => Promise<Disclosures>;
  /** As before. */
  readonly waits: () => Promise<Waits>;
  /** As before; erasures, legal holds, and what an erasure does to the stores. */
  readonly erasures: () => Promise<Erasures>;
  readonly holds: () => Promise<Holds>;
  readonly erasing: () => Promise<Erasing>;
  readonly disposals: () => Promise<Disposals>;
  readonly channels: Channels;
  readonly journeys: Journeys;
  readonly log: Log;
  /** The wall clock; a task of a journey uses the `now` of its input instead. */
  readonly now: () => Date;
  readonly newId: () => Ulid;
}
