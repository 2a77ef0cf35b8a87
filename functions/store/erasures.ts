import type { Context } from "../core/caller.ts";
import {
  erasureMoves,
  erasureObstacle,
  type ErasureObstacle,
  type ErasureStatus,
} from "../core/erasure.ts";
import { Fault } from "../core/fault.ts";
import { callerId, factDayEntry, factItem } from "./facts.ts";
import { asKey } from "./items.ts";
import {
  addressOf,
  erasureOf,
  holdOf,
  patientKeyPlace,
  type Key,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { retentionDuties } from "./retention-duties.ts";
import type { ShredEntry } from "./shred-ledger.ts";
import { conflict, onHold, shredWrites, tellShreds } from "./shredding.ts";
import type { Store } from "./store.ts";
import { CommitRefused, held, type Item, type Write } from "./table.ts";

/** How far the erasure of a person is; ids, instants and names of rules only. */
export interface Erasure {
  /** The record that was asked for; the others of the set are the same person's. */
  readonly patient: string;
  readonly request: string;
  readonly version: number;
  readonly status: ErasureStatus;
  readonly by: string;
  readonly requested: string;
  /** Records of the person; known once they were shredded. */
  readonly set?: readonly string[];
  readonly shredded?: string;
  readonly certified?: string;
  /** Why it was refused. */
  readonly obstacle?: ErasureObstacle;
  /** Of the certificate, among the documents. */
  readonly certificate?: string;
  /** What the compartments held when their keys went, by layer. */
  readonly held?: Readonly<Record<string, number>>;
}

export interface Erasures {
  /** The same request twice is one. Throws UnknownPatient (404), Erased (410), ErasureRunning (409). */
  request(context: Context, patient: string, request: string): Promise<Erasure>;
  find(patient: string): Promise<Erasure | undefined>;
  /** Every record of the person. */
  setOf(patient: string): Promise<readonly string[]>;
  /** What stands against erasing the person now: of any of the records. */
  obstacle(
    patient: string,
    country: string,
  ): Promise<ErasureObstacle | undefined>;
  /**
   * Destroys the keys of all records of the person, or none: from this one commit on every read of any is 410. What stands
   * against it is looked at once more, of the very records that go. What was shredded before stays so, and is told to the
   * ledger if it was not. Throws LegalHold, RetentionDuty (409), Conflict (409) when the set changes meanwhile.
   */
  shred(
    context: Context,
    erasure: Erasure,
    country: string,
  ): Promise<{
    readonly erasure: Erasure;
    readonly entries: readonly ShredEntry[];
  }>;
  /** Throws Conflict (409). */
  move(
    context: Context,
    erasure: Erasure,
    change: Pick<Erasure, "status"> &
      Partial<Pick<Erasure, "obstacle" | "certificate" | "certified">>,
  ): Promise<Erasure>;
  /** Keeps what was counted. */
  note(
    erasure: Erasure,
    held: Readonly<Record<string, number>>,
  ): Promise<Erasure>;
}

const whats = {
  requested: "ErasureRequested",
  refused: "ErasureRefused",
  failed: "ErasureFailed",
  shredded: "PatientErased",
  certified: "ErasureCertified",
} as const satisfies Record<ErasureStatus, string>;

export const createErasures = (
  store: Pick<Store, "table" | "vault" | "now" | "newId" | "states">,
): Erasures => {
  const { table, vault, now, newId } = store;

  const get = async (key: Key): Promise<Item | undefined> =>
    (await table.get([{ table: "records", ...key }]))[0];

  const find: Erasures["find"] = async (patient) => {
    const item = await get(erasureOf(patient));
    if (item === undefined) return undefined;
    return typeof item.of === "string" && item.of !== patient
      ? find(item.of)
      : erasureIn(item);
  };

  const setOf: Erasures["setOf"] = (patient) =>
    createMerges(table).samePerson(patient);

  const told = async (
    context: Context,
    { patient, request, version, status }: Erasure,
    of: readonly string[] = [patient],
  ): Promise<readonly Write[]> => {
    const index = await vault.indexVersion();
    return of.flatMap((one) => {
      const fact = factItem(newId(), now(), context, {
        kind: "admin",
        outcome: status === "refused" ? "refused" : "done",
        changes: [
          status === "shredded"
            ? { type: "Patient", id: one, version: 0, what: whats.shredded }
            : { type: "Erasure", id: request, version, what: whats[status] },
        ],
        patient: one,
      });
      return [fact, factDayEntry(fact, index)].map(
        (put) => ({ put, guard: "any" }) as const,
      );
    });
  };

  const moved = (
    erasure: Erasure,
    change: Partial<Erasure> & Pick<Erasure, "status">,
  ): Erasure => {
    const moves: readonly ErasureStatus[] = erasureMoves[erasure.status];
    if (!moves.includes(change.status))
      throw new Fault(
        "IllegalMove",
        409,
        `An erasure that is ${erasure.status} does not become ${change.status}.`,
      );
    return { ...erasure, ...change, version: erasure.version + 1 };
  };

  const commit = async (
    writes: readonly [Write, ...Write[]],
  ): Promise<void> => {
    if (!(await held(table.commit(writes, newId())))) throw conflict();
  };

  const move: Erasures["move"] = async (context, erasure, change) => {
    if (erasure.status === change.status) return erasure;
    const next = moved(erasure, change);
    await commit([
      { put: itemOf(next), guard: { version: erasure.version } },
      ...(await told(context, next)),
    ]);
    return next;
  };

  const obstacleOf = async (
    set: readonly string[],
    country: string,
  ): Promise<ErasureObstacle | undefined> => {
    const holds = await table.get(
      set.map((one) => ({ table: "records", ...holdOf(one) })),
    );
    return erasureObstacle({
      holds: holds as unknown as Parameters<typeof erasureObstacle>[0]["holds"],
      duties: await retentionDuties(store, set, { country }),
      today: now().toISOString().slice(0, 10),
    });
  };

  /** All of them or none. */
  const destroyKeys = async (
    context: Context,
    erasure: Erasure,
    country: string,
  ): Promise<Erasure> => {
    const set = await setOf(erasure.patient);
    const obstacle = await obstacleOf(set, country);
    if (obstacle !== undefined)
      throw obstacle.name === "legal-hold" ? onHold() : mustBeKept();
    const next = moved(erasure, {
      status: "shredded",
      set,
      shredded: now().toISOString(),
    });
    await commitOr({ put: itemOf(next), guard: { version: erasure.version } }, [
      ...(await shredWrites(store, next)),
      ...(await told(context, next)),
    ]);
    return next;
  };

  return {
    find,
    setOf,
    move,

    request: async (context, patient, request) => {
      const address = addressOf("Patient", patient);
      const found =
        address === undefined
          ? []
          : await table.get([
              patientKeyPlace(patient),
              { table: "records", pk: address.pk, sk: address.sk },
            ]);
      const keyItem = found.find((item) => item.table === "keys");
      if (keyItem === undefined)
        throw new Fault("UnknownPatient", 404, "There is no such Patient.");
      const before = await find(patient);
      if (before?.request === request) return before;
      if (asKey(keyItem).shredded !== undefined)
        throw new Fault(
          "Erased",
          410,
          "The record of this patient was erased.",
        );
      if (before?.status === "requested")
        throw new Fault(
          "ErasureRunning",
          409,
          "An erasure of this record is under way.",
        );
      const erasure: Erasure = {
        patient,
        request,
        version: (before?.version ?? 0) + 1,
        status: "requested",
        by: callerId(context.by),
        requested: now().toISOString(),
      };
      await commit([
        {
          put: itemOf(erasure),
          guard: before === undefined ? "absent" : { version: before.version },
        },
        ...(await told(context, erasure)),
      ]);
      return erasure;
    },

    obstacle: async (patient, country) =>
      obstacleOf(await setOf(patient), country),

    shred: async (context, erasure, country) => {
      const { request } = erasure;
      const done =
        erasure.status === "shredded"
          ? erasure
          : await destroyKeys(context, erasure, country);
      const { set = [], shredded = "" } = done;
      const entries = set.map((one) => ({ patient: one, shredded, request }));
      await tellShreds(store, done, {
        entries,
        factsOf: (of) => told(context, done, of),
      });
      return { erasure: done, entries };
    },

    note: async (erasure, counted) => {
      const next = {
        ...erasure,
        held: counted,
        version: erasure.version + 1,
      };
      await commit([
        { put: itemOf(next), guard: { version: erasure.version } },
      ]);
      return next;
    },
  };

  /** A guard that has a fault of its own says which. */
  async function commitOr(first: Write, rest: readonly Write[]): Promise<void> {
    const writes: readonly [Write, ...Write[]] = [first, ...rest];
    try {
      await table.commit(writes, newId());
    } catch (error) {
      if (!(error instanceof CommitRefused)) throw error;
      for (const { index } of error.refused) {
        const fault = writes[index]?.otherwise?.();
        if (fault !== undefined) throw fault;
      }
      throw conflict();
    }
  }
};

/** The shape holds for what this code wrote. */
const erasureIn = ({
  pk: _pk,
  sk: _sk,
  table: _table,
  v,
  ...rest
}: Item): Erasure => ({ ...rest, version: v }) as unknown as Erasure;

const itemOf = ({ version, ...erasure }: Erasure): Item => ({
  ...erasureOf(erasure.patient),
  v: version,
  ...erasure,
});

const mustBeKept = (): Fault =>
  new Fault(
    "RetentionDuty",
    409,
    "The law has this record kept (retention-duty).",
  );
