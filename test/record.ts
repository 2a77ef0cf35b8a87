import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
} from "node:crypto";
import { ulids } from "../functions/core/ids.ts";
import type { Context } from "../functions/core/caller.ts";
import type { Vendor } from "../functions/core/vendor.ts";
import type { Member } from "../functions/core/access-review.ts";
import type { OutsideClient } from "../functions/core/disclosure.ts";
import type { OrganizationSettings } from "../functions/core/settings.ts";
import { countryOf } from "../functions/resources/normalise.ts";
import type { Decide } from "../functions/core/permission.ts";
import { statesOf } from "../functions/core/jurisdiction-states.ts";
import { policiesIn } from "../functions/policy/cedar.ts";
import { createPolicies } from "../functions/policy/engine.ts";
import { createGate, type Gate } from "../functions/store/gate.ts";
import { withBinaries } from "../functions/store/binaries.ts";
import { memoryTable } from "../functions/store/memory-table.ts";
import {
  createActivity,
  type ActivityStore,
} from "../functions/store/activity.ts";
import {
  createDisclosures,
  type Disclosures,
} from "../functions/store/disclosures.ts";
import {
  createEmergencies,
  type Emergencies,
} from "../functions/store/emergency.ts";
import {
  createDisposals,
  type Disposals,
} from "../functions/store/disposals.ts";
import { createErasing, type Erasing } from "../functions/store/erasing.ts";
import { createErasures, type Erasures } from "../functions/store/erasures.ts";
import { createHolds, type Holds } from "../functions/store/holds.ts";
import {
  createExportJobs,
  type ExportJobs,
} from "../functions/store/export-jobs.ts";
import {
  createImportJobs,
  type ImportJobs,
} from "../functions/store/import-jobs.ts";
import type { Journeys } from "../functions/outbound/journeys.ts";
import type { StaffAccounts } from "../functions/outbound/staff-accounts.ts";
import { createRecords } from "../functions/store/repository.ts";
import type { Records } from "../functions/store/records.ts";
import { createSessions, type Sessions } from "../functions/store/sessions.ts";
import type { Table } from "../functions/store/table.ts";
import {
  createVault,
  type KeyProvider,
  type Vault,
} from "../functions/store/vault.ts";
import { createWaits, type Waits } from "../functions/store/waits.ts";
import { memoryBucket, type MemoryBucket } from "./memory-bucket.ts";
import type { SignIn } from "../functions/resources/smart.ts";
import { demo } from "../organizations/demo.ts";

export interface TestRecord {
  readonly records: Records;
  readonly gate: Gate;
  readonly decide: Decide;
  readonly jurisdictions: readonly string[];
  readonly sessions: Sessions;
  readonly table: Table & Partial<ReturnType<typeof memoryTable>>;
  readonly vault: Vault;
  readonly documents: MemoryBucket;
  readonly signIn: SignIn;
  readonly exchange: MemoryBucket;
  readonly exportJobs: () => Promise<ExportJobs>;
  readonly importJobs: () => Promise<ImportJobs>;
  readonly emergencies: () => Promise<Emergencies>;
  readonly staffAccounts: StaffAccounts;
  readonly activity: () => Promise<ActivityStore>;
  readonly disclosures: () => Promise<Disclosures>;
  readonly vendors: readonly Vendor[];
  readonly waits: () => Promise<Waits>;
  readonly erasures: () => Promise<Erasures>;
  readonly holds: () => Promise<Holds>;
  readonly erasing: () => Promise<Erasing>;
  readonly disposals: () => Promise<Disposals>;
  readonly journeys: Journeys;
  readonly organization: OrganizationSettings;
  readonly now: () => Date;
  readonly newId: ReturnType<typeof ulids>;
}

/** The real store, by default over a table in memory, with a key provider that wraps under a key of its own as KMS would. */
export const aRecord = ({
  table = memoryTable(),
  now = () => new Date(),
  organization = demo.settings,
  provider = localKeyProvider(),
  jurisdictions = demo.jurisdictions,
  recipients = {},
  staff = [],
}: {
  table?: Table;
  now?: () => Date;
  organization?: OrganizationSettings;
  provider?: KeyProvider;
  jurisdictions?: readonly string[];
  recipients?: Readonly<Record<string, OutsideClient>>;
  staff?: readonly Member[];
} = {}): TestRecord => {
  const newId = ulids(() => now().getTime());
  const vault = createVault(table, provider, now);
  const documents = memoryBucket();
  const exchange = memoryBucket();
  const store = {
    table,
    vault,
    now,
    newId,
    decide: policiesOf(jurisdictions),
    states: statesOf(jurisdictions),
    zone: organization.timeZone,
    unique: new Set(organization.uniqueIdentifiers),
    country: countryOf(organization.phone) ?? ("US" as const),
  };
  const records = withBinaries(createRecords(store), {
    table,
    vault,
    newId,
    documents,
  });
  return {
    records,
    gate: createGate(store),
    decide: store.decide,
    jurisdictions,
    sessions: createSessions(store, organization.sessions),
    table,
    vault,
    documents,
    signIn,
    exchange,
    exportJobs: () => Promise.resolve(createExportJobs(store)),
    importJobs: () => Promise.resolve(createImportJobs(store)),
    emergencies: () => Promise.resolve(createEmergencies(store)),
    vendors: demo.vendors,
    activity: () => Promise.resolve(createActivity(store)),
    staffAccounts: { members: () => Promise.resolve(staff) },
    disclosures: () => Promise.resolve(createDisclosures(store, recipients)),
    waits: () => Promise.resolve(createWaits(store, () => Promise.resolve())),
    erasures: () => Promise.resolve(createErasures(store)),
    holds: () => Promise.resolve(createHolds(store)),
    disposals: () => Promise.resolve(createDisposals(store)),
    erasing: () =>
      Promise.resolve(
        createErasing(store, {
          documents: documents.versions,
          exchange: exchange.versions,
        }),
      ),
    journeys: noJourneys,
    organization,
    now,
    newId,
  };
};

const known = new Map<string, Decide>();

/** The policies as deployed, and what tests do in the name of our own code. Loaded once for all records of a process. */
const policiesOf = (jurisdictions: readonly string[]): Decide => {
  const name = jurisdictions.join();
  const decide = known.get(name) ?? createPolicies(jurisdictions, forTests);
  known.set(name, decide);
  return decide;
};

const forTests = policiesIn(`@id("tests")
permit (principal is System, action, resource)
when {
  principal == System::"test" || principal == System::"front-desk" || principal == System::"task" ||
  principal == System::"import" || principal == System::"none" || principal == System::"x"
};
`);

/** Nothing runs here that could be started. */
export const noJourneys: Journeys = {
  start: () => Promise.reject(new Error("no journeys run here")),
  stop: () => Promise.resolve(),
};

/** Where clients get tokens, at a placeholder's address. */
export const signIn: SignIn = {
  url: "https://sign-in.example",
  scopes: demo.clients.ehr?.scopes ?? [],
};

/** Context of our own code, as tasks and events act. */
export const bySystem: Context = {
  by: { kind: "system", id: "test" },
  purpose: "TREAT",
  requestId: "test",
};

/** Wraps data keys under a random master key, the purpose as additional data: what KMS does, without KMS. */
export const localKeyProvider = (
  master: Buffer = randomBytes(32),
): KeyProvider => ({
  generate: (purpose) => {
    const plain = randomBytes(32);
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", master, iv).setAAD(
      digest(purpose),
    );
    return Promise.resolve({
      plain,
      wrapped: Buffer.concat([
        iv,
        cipher.update(plain),
        cipher.final(),
        cipher.getAuthTag(),
      ]),
    });
  },
  unwrap: (purpose, wrapped) => {
    const bytes = Buffer.from(wrapped);
    const decipher = createDecipheriv(
      "aes-256-gcm",
      master,
      bytes.subarray(0, 12),
    )
      .setAAD(digest(purpose))
      .setAuthTag(bytes.subarray(-16));
    return Promise.resolve(
      Buffer.concat([
        decipher.update(bytes.subarray(12, -16)),
        decipher.final(),
      ]),
    );
  },
});

const digest = (text: string): Buffer =>
  createHash("sha256").update(text).digest();
