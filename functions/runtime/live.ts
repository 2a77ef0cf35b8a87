import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ulids } from "../core/ids.ts";
import type { Decide } from "../core/permission.ts";
import { statesOf } from "../core/jurisdiction-states.ts";
import { liveChannels } from "../outbound/channels.ts";
import { liveJourneys } from "../outbound/journeys.ts";
import { countryOf } from "../resources/normalise.ts";
import { createPolicies } from "../policy/engine.ts";
import { withBinaries } from "../store/binaries.ts";
import { loadedLate } from "../store/bucket.ts";
import { dynamoTable } from "../store/dynamo-table.ts";
import { kmsKeyProvider } from "../store/key-provider.ts";
import { createRecords } from "../store/repository.ts";
import { createSessions } from "../store/sessions.ts";
import { createGate } from "../store/gate.ts";
import { createVault } from "../store/vault.ts";
import type { Deps } from "./dependencies.ts";
import { environment } from "./environment.ts";
import { powertoolsLog } from "./log.ts";

type Handler = (event: never, context: never) => Promise<unknown>;

/**
 * A Lambda handler whose dependencies are built at the first invocation; importing the file does nothing. `makers` are
 * dependencies that few functions have, so that the others do not pay for importing them.
 */
export const live = <Extra extends object = object>(
  factory: (deps: Deps & NoInfer<Extra>) => Handler,
  makers?: Makers<Extra>,
): Handler => {
  let handler: Handler | undefined;
  return (event, context) =>
    (handler ??= factory(
      lazily({ ...common(), ...makers }) as unknown as Deps & Extra,
    ))(event, context);
};

/** A request that hangs is given up and sent again with the same token, long before API Gateway gives up. */
const patience = {
  maxAttempts: 4,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 4_000,
    throwOnRequestTimeout: true,
  },
};

type Makers<T extends object> = { readonly [K in keyof T]: () => T[K] };

/** Each dependency is made when first asked for, so a function needs only the variables of what it uses. */
const common = (): Makers<Deps> => {
  const now = (): Date => new Date();
  const newId = ulids(Date.now);
  let stored: ReturnType<typeof openStorage> | undefined;
  const storage = () => (stored ??= openStorage());
  let policies: Decide | undefined;
  const store = () => {
    const { uniqueIdentifiers, phone, timeZone } = environment("ORGANIZATION");
    const jurisdictions = environment("JURISDICTIONS");
    return {
      ...storage(),
      decide: (policies ??= createPolicies(jurisdictions)),
      states: statesOf(jurisdictions),
      zone: timeZone,
      now,
      newId,
      unique: new Set(uniqueIdentifiers),
      get country() {
        return countryOf(phone) ?? ("US" as const);
      },
    };
  };
  return {
    now: () => now,
    newId: () => newId,
    log: powertoolsLog,
    organization: () => environment("ORGANIZATION"),
    jurisdictions: () => environment("JURISDICTIONS"),
    gate: () => createGate(store()),
    sessions: () =>
      createSessions(store(), environment("ORGANIZATION").sessions),
    vault: () => storage().vault,
    records: () =>
      withBinaries(createRecords(store()), {
        ...storage(),
        newId,
        documents: bucketNamed("DOCUMENTS_BUCKET"),
      }),
    exportJobs: () => async () =>
      (await import("../store/export-jobs.ts")).createExportJobs(store()),
    importJobs: () => async () =>
      (await import("../store/import-jobs.ts")).createImportJobs(store()),
    emergencies: () => async () =>
      (await import("../store/emergency.ts")).createEmergencies(store()),
    activity: () => async () =>
      (await import("../store/activity.ts")).createActivity(store()),
    disclosures: () => async () => {
      const [{ createDisclosures }, { recipientsIn }] = await Promise.all([
        import("../store/disclosures.ts"),
        import("../core/disclosure.ts"),
      ]);
      return createDisclosures(
        store(),
        recipientsIn(environment("RECIPIENTS")),
      );
    },
    waits: () => async () => {
      const [{ createWaits }, { answerWait }] = await Promise.all([
        import("../store/waits.ts"),
        import("../outbound/task-tokens.ts"),
      ]);
      return createWaits(store(), answerWait());
    },
    erasures: () => async () =>
      (await import("../store/erasures.ts")).createErasures(store()),
    holds: () => async () =>
      (await import("../store/holds.ts")).createHolds(store()),
    disposals: () => async () =>
      (await import("../store/disposals.ts")).createDisposals(store()),
    erasing: () => async () => {
      const [{ createErasing }, { s3ObjectVersions }] = await Promise.all([
        import("../store/erasing.ts"),
        import("../store/s3-object-versions.ts"),
      ]);
      return createErasing(store(), {
        documents: s3ObjectVersions(environment("DOCUMENTS_BUCKET")),
        exchange: s3ObjectVersions(environment("EXCHANGE_BUCKET")),
      });
    },
    documents: () => bucketNamed("DOCUMENTS_BUCKET"),
    exchange: () => bucketNamed("EXCHANGE_BUCKET"),
    channels: () =>
      liveChannels(
        {
          smsOrigination: environment("SMS_ORIGINATION"),
          smsConfigurationSet: environment("SMS_CONFIGURATION_SET"),
          emailFrom: environment("EMAIL_FROM"),
          emailConfigurationSet: environment("EMAIL_CONFIGURATION_SET"),
          pushApplicationId: environment("PUSH_APPLICATION_ID"),
        },
        {
          organization: environment("ORGANIZATION"),
          now,
          refused: (channel, reason) =>
            powertoolsLog()("VendorRefused", { channel, reason }),
        },
      ),
    journeys: () => liveJourneys(environment("JOURNEYS")),
  };
};

const openStorage = () => {
  const client = new DynamoDBClient(patience);
  // It copies each answer whole for a logger, also where there is none.
  client.middlewareStack.remove("loggerMiddleware");
  const table = dynamoTable(client, {
    records: environment("RECORDS_TABLE"),
    keys: environment("KEYS_TABLE"),
  });
  const { slug } = environment("ORGANIZATION");
  return {
    table,
    vault: createVault(table, kmsKeyProvider(environment("DATA_KEY_ID"), slug)),
  };
};

const bucketNamed = (variable: "DOCUMENTS_BUCKET" | "EXCHANGE_BUCKET") =>
  loadedLate(async () =>
    (await import("../store/s3-bucket.ts")).s3Bucket(environment(variable)),
  );

const lazily = <T extends object>(makers: {
  readonly [K in keyof T]: () => T[K];
}): T => {
  const made: Partial<T> = {};
  const target = {};
  for (const name of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(target, name, {
      enumerable: true,
      get: () => (made[name] ??= makers[name]()),
    });
  }
  return target as T;
};
