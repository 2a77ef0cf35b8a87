import { generateKeyPairSync, sign } from "node:crypto";
import { executionName } from "../../functions/core/journey.ts";
import type { Accounts } from "../../functions/outbound/accounts.ts";
import type { RootSigner } from "../../functions/store/archive.ts";
import { erasureOccurrence } from "../../functions/core/erasure.ts";
import { startErasure } from "../../functions/runtime/start-erasure.ts";
import { erasureCertify } from "../../functions/tasks/erasure-certify.ts";
import { erasureCheck } from "../../functions/tasks/erasure-check.ts";
import { erasureClose } from "../../functions/tasks/erasure-close.ts";
import { erasureShred } from "../../functions/tasks/erasure-shred.ts";
import { erasureSweep } from "../../functions/tasks/erasure-sweep.ts";
import type { VirtualClock } from "../../simulator/clock.ts";
import { TaskFailure } from "../../simulator/engine.ts";
import {
  stagedWorkflow,
  type Handler,
} from "../../simulator/staged-workflow.ts";
import { erasure } from "../../workflows/erasure.ts";
import { notedLog } from "../noted-log.ts";
import { bySystem, type TestRecord } from "../record.ts";
import type { Log } from "../../functions/runtime/log.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
});

export const certificatesKey = publicKey;

/** Signs as KMS does. */
export const signer: RootSigner = {
  key: "certificates-key",
  sign: (text) =>
    Promise.resolve(sign("sha256", Buffer.from(text), privateKey)),
  publicKey: () =>
    Promise.resolve(
      publicKey.export({ format: "pem", type: "spki" }).toString(),
    ),
};

export interface KnownAccounts extends Accounts {
  readonly names: Set<string>;
}

export const accountsOf = (...names: readonly string[]): KnownAccounts => {
  const known = new Set(names);
  return {
    names: known,
    exists: (patient) => Promise.resolve(known.has(patient)),
    remove: (patient) => {
      known.delete(patient);
      return Promise.resolve();
    },
  };
};

/** The erasure's real workflow with its real tasks, on the clock of a record. */
export const erasureRun = (
  record: TestRecord & { readonly log?: Log },
  {
    clock,
    accounts = accountsOf(),
    failing = () => false,
    meanwhile = () => Promise.resolve(),
  }: {
    readonly clock: VirtualClock;
    readonly accounts?: KnownAccounts;
    /** Tasks that break instead of running. */
    readonly failing?: (task: string) => boolean;
    /** What others do just before a task runs. */
    readonly meanwhile?: (task: string) => Promise<void>;
  },
) => {
  const { log, logged } = notedLog();
  const stopped: string[] = [];
  const deps = {
    ...record,
    log,
    accounts,
    signer,
    keyRecoveryDays: 7,
    journeys: {
      start: () => Promise.reject(new Error("nothing is started here")),
      stop: (occurrence: Parameters<typeof executionName>[0]) => {
        stopped.push(executionName(occurrence));
        return Promise.resolve();
      },
    },
  };
  const tasks: Readonly<Record<string, Handler>> = {
    ErasureCheck: erasureCheck(deps) as Handler,
    ErasureShred: erasureShred(deps) as Handler,
    ErasureSweep: erasureSweep(deps, 5_000) as Handler,
    ErasureCertify: erasureCertify(deps) as Handler,
    ErasureClose: erasureClose(deps) as Handler,
  };
  const called: string[] = [];
  const causes: unknown[] = [];
  const { engine, journeys, statusOf } = stagedWorkflow(
    erasure.name,
    clock,
    async (task, payload) => {
      called.push(task);
      await meanwhile(task);
      if (failing(task)) throw new TaskFailure("Unexpected", "{}");
      try {
        return await tasks[task]?.(payload, {});
      } catch (error) {
        causes.push(error);
        throw error;
      }
    },
  );
  return {
    logged,
    stopped,
    called,
    causes,
    accounts,
    /** Until its end; answers how the execution ended. */
    erase: async (patient: string, request: string): Promise<string> => {
      let started = erasureOccurrence(patient, request);
      await startErasure(
        {
          erasures: record.erasures,
          now: record.now,
          journeys: {
            ...deps.journeys,
            start: (occurrence, input) => {
              started = occurrence;
              return journeys.start(occurrence, erasure.input.parse(input));
            },
          },
        },
        bySystem,
        { patient, request },
      );
      await engine.settled();
      return statusOf(started);
    },
  };
};
