import { describe, expect, it } from "vitest";
import { taskSystem } from "../../functions/core/staff-task.ts";
import type { Vendor } from "../../functions/core/vendor.ts";
import { reviewVendors } from "../../functions/events/review-vendors.ts";
import { vendorRegister } from "../../functions/runtime/vendor-register.ts";
import { packedRegister } from "../../lib/vendors.ts";
import { demo } from "../../organizations/demo.ts";
import { aRecord, bySystem } from "../record.ts";

const texter: Vendor = {
  name: "texter",
  services: ["sms"],
  agreements: [
    {
      kind: "baa",
      signed: "2025-01-01",
      expires: "2026-03-31",
      reference: "BAA-7",
    },
  ],
  dataClasses: ["contact-details"],
  region: "us-east-1",
  subprocessors: ["Carriers"],
};

const mornings = (vendors: readonly Vendor[] = [texter]) => {
  const clock = { now: new Date("2026-01-01T11:00:00Z") };
  const record = aRecord({ now: () => clock.now });
  const raised: unknown[] = [];
  const note = (_: string, ids: object = {}) => void raised.push(ids);
  const handler = reviewVendors({
    ...record,
    vendors,
    log: Object.assign(note, { error: note }),
  }) as (event: unknown, context: unknown) => Promise<unknown>;
  const on = async (day: string): Promise<void> => {
    clock.now = new Date(`${day}T11:00:00Z`);
    const answer = await handler(
      {
        Records: [
          {
            eventSource: "aws:sqs",
            messageId: "1",
            body: '{"id":"tick","detail-type":"Scheduled Event","detail":{}}',
          },
        ],
      },
      {},
    );
    expect(answer).toEqual({ batchItemFailures: [] });
  };
  const tasks = (value: string) =>
    record.records.change(bySystem, (work) =>
      work.byIdentifier("Task", taskSystem, `vendor/texter/${value}`),
    );
  return { on, tasks, raised };
};

describe("every morning", () => {
  it("the privacy officer is asked once for each threshold", async () => {
    const { on, tasks, raised } = mornings();
    const days = [
      ...["2026-01-29", "2026-01-30", "2026-01-30", "2026-01-31"],
      ...["2026-03-01", "2026-03-02", "2026-03-24", "2026-03-25"],
      ...["2026-03-31", "2026-04-01", "2026-04-02"],
    ];
    const counts: number[] = [];
    for (const day of days) {
      await on(day);
      counts.push(raised.length);
    }
    expect(counts).toEqual([0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4]);
    expect(await tasks("expiry/2026-03-31/30")).toMatchObject([
      {
        performerType: [{ coding: [{ code: "privacy-officer" }] }],
        input: [{ valueString: "texter" }, { valueString: "2026-03-31" }],
      },
    ]);
  });

  it("makes up for mornings that were missed, with one Task", async () => {
    const { on, raised, tasks } = mornings();
    await on("2026-03-10");
    expect(raised).toHaveLength(1);
    expect(await tasks("expiry/2026-03-31/30")).toHaveLength(1);
  });

  it("says nothing of vendors whose agreements go on", async () => {
    const { on, raised } = mornings(demo.vendors);
    await on("2026-03-31");
    expect(raised).toEqual([]);
  });
});

it("the register comes through the environment as it went in", () => {
  expect(vendorRegister(packedRegister([texter, ...demo.vendors]))).toEqual([
    texter,
    ...demo.vendors,
  ]);
  expect(() =>
    vendorRegister(packedRegister([{ ...texter, services: [] }])),
  ).toThrow("services");
});
