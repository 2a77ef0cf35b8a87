import { marshall } from "@aws-sdk/util-dynamodb";
import type { KeyObject } from "node:crypto";
import { ulids } from "../functions/core/ids.ts";
import { archiveFacts } from "../functions/events/archive-facts.ts";
import { signDueRoots } from "../functions/events/sign-roots.ts";
import { factItem } from "../functions/store/facts.ts";
import type { Item } from "../functions/store/table.ts";
import { demo } from "../organizations/demo.ts";
import {
  memoryArchive,
  testSigner,
  type TestSigner,
} from "./memory-archive.ts";
import { bySystem } from "./record.ts";

export const minute = 60_000;
export const hour = 60 * minute;
/** 2026-03-02T15:00Z. */
export const three = Date.parse("2026-03-02T15:00:00.000Z");

/** A fact of that moment; the same number is the same fact. */
export const aFact = (number: number, at = three): Item => {
  const chance = Buffer.alloc(10);
  // The id takes 79 of the 80 bits.
  chance.writeUInt32BE(number * 2, 6);
  const id = ulids(
    () => at,
    () => chance,
  )();
  return factItem(id, new Date(at), bySystem, {
    kind: number % 2 === 0 ? "read" : "change",
    outcome: "done",
    patient: "01KJQH0CC05C8ZPX17A8T47AHX",
    changes: [
      {
        type: "Patient",
        id: "01KJQH0CC05C8ZPX17A8T47AHX",
        version: number,
        what: "PatientRead",
      },
    ],
    ...(number % 3 === 0 && {
      sealed: { key: "audit#1", body: Uint8Array.of(number % 256) },
    }),
  });
};

export const idOf = ({ sk }: Item): string => sk.slice(2);

/** Batches of the stream, each at its moment, into an archive in memory. */
export const anArchive = (signer: TestSigner = testSigner()) => {
  const archive = memoryArchive();
  const clock = { now: three };
  const now = (): Date => new Date(clock.now);
  const consume = archiveFacts({ archive, now }) as (
    event: unknown,
    context: unknown,
  ) => Promise<unknown>;
  const log = Object.assign(() => undefined, { error: () => undefined });
  return {
    archive,
    signer,
    trusted: [signer.publicKeyObject] as readonly KeyObject[],
    /** What the stream brings at a moment. */
    bring: (items: readonly Item[], at: number): Promise<unknown> => {
      clock.now = at;
      return consume(
        {
          Records: items.map((item, index) => ({
            eventSource: "aws:dynamodb",
            dynamodb: {
              SequenceNumber: String(index),
              NewImage: marshall(item, { removeUndefinedValues: true }),
            },
          })),
        },
        {},
      );
    },
    /** The hourly job, run at a moment. */
    signAt: (
      at: number,
      on = archive,
      by: TestSigner = signer,
    ): Promise<void> =>
      signDueRoots({
        ...{ archive: on, signer: by, log, organization: demo.settings },
        now: () => new Date(at),
      }),
  };
};
