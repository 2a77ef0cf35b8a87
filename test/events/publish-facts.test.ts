import { marshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, it } from "vitest";
import { publishFacts } from "../../functions/events/publish-facts.ts";
import type { BusEntry } from "../../functions/outbound/bus.ts";
import { demo } from "../../organizations/demo.ts";

const aFact = (changes: object = {}) => ({
  pk: "PATIENT#p",
  sk: "F#01KJQH0CC05C8ZPX17A8T47AHX",
  v: 1,
  kind: "change",
  at: "2026-03-02T15:00:00.000Z",
  by: "staff:s",
  purpose: "TREAT",
  outcome: "done",
  requestId: "r",
  patient: "p",
  changes: [
    { type: "Appointment", id: "p-a", version: 1, what: "AppointmentBooked" },
    { type: "Slot", id: "s", version: 2, what: "SlotUpdated" },
  ],
  sealed: new Uint8Array([1, 2, 3]),
  ...changes,
});

const publish = async (
  facts: readonly object[],
  failing: readonly number[] = [],
) => {
  const told: BusEntry[] = [];
  const bus = {
    publish: (entries: readonly BusEntry[]) => {
      told.push(...entries);
      return Promise.resolve(failing);
    },
  };
  const logged: unknown[] = [];
  const note = (fact: string, ids: object = {}) =>
    void logged.push({ fact, ...ids });
  const handler = publishFacts({
    bus,
    organization: { ...demo.settings, canaryPatients: ["decoy"] },
    log: Object.assign(note, { error: note }),
  }) as (
    event: unknown,
    context: unknown,
  ) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  const Records = facts.map((fact, index) => ({
    eventSource: "aws:dynamodb",
    dynamodb: { SequenceNumber: String(index), NewImage: marshall(fact) },
  }));
  return {
    told,
    logged,
    failed: (await handler({ Records }, {})).batchItemFailures.map(
      ({ itemIdentifier }) => itemIdentifier,
    ),
  };
};

describe("a fact", () => {
  it("is told as one event a change, with ids and nothing else", async () => {
    const { told } = await publish([aFact()]);
    expect(told.map(({ what }) => what)).toEqual([
      "AppointmentBooked",
      "SlotUpdated",
    ]);
    expect(told[0]).toEqual({
      what: "AppointmentBooked",
      at: "2026-03-02T15:00:00.000Z",
      detail: {
        organization: "demo",
        fact: "01KJQH0CC05C8ZPX17A8T47AHX",
        patient: "p",
        type: "Appointment",
        id: "p-a",
        version: 1,
        what: "AppointmentBooked",
        by: "staff:s",
      },
    });
  });
  it("of a read is not told", async () =>
    expect((await publish([aFact({ kind: "read" })])).told).toEqual([]));
  it("of a decoy rings, whatever was done, unless our own code did it", async () => {
    const touch = (by: string, kind: string) =>
      aFact({ patient: "decoy", by, kind, requestId: `${by} ${kind}` });
    const { logged } = await publish([
      aFact(),
      touch("staff:s", "read"),
      touch("client:ehr", "change"),
      touch("patient:q", "refusal"),
      touch("system:find-duplicates", "read"),
    ]);
    expect(logged).toEqual(
      [
        ["staff:s read", "read"],
        ["client:ehr change", "change"],
        ["patient:q refusal", "refusal"],
      ].map(([requestId, reason]) => ({
        fact: "CanaryTouched",
        patient: "decoy",
        requestId,
        reason,
      })),
    );
  });
  it("that the bus does not take is tried again, from there on", async () => {
    expect((await publish([aFact(), aFact(), aFact()], [3, 4])).failed).toEqual(
      ["1"],
    );
  });
  it("that nobody can read does not keep the others", async () => {
    const { told, failed } = await publish([{ pk: "x", sk: "F#y" }, aFact()]);
    expect([told.length, failed]).toEqual([2, ["0"]]);
  });
});
