import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataClasses, type DataClass } from "../../functions/core/agreement.ts";
import {
  agreementFor,
  classesOf,
  dayIn,
} from "../../functions/core/vendors.ts";
import { type Agreement } from "../../functions/core/agreement.ts";
import {
  liveChannels,
  type Outbound,
} from "../../functions/outbound/channels.ts";
import { environment, provider } from "./provider.ts";

const settings = {
  smsOrigination: "+12025550199",
  smsConfigurationSet: "set",
  emailFrom: "clinic@demo.sojourn.example",
  emailConfigurationSet: "mail",
  pushApplicationId: "app",
};
const timeZone = "America/New_York";

/** All providers at once: whatever reaches the wire is remembered. */
let wire: Awaited<ReturnType<typeof provider>>;
beforeAll(async () => {
  wire = await provider(() => ({ status: 200, body: { MessageId: "m" } }));
  for (const service of ["PINPOINT_SMS_VOICE_V2", "SESV2", "PINPOINT"])
    environment(service, wire.url);
});
afterAll(() => wire.close());

const sending = async (
  message: Outbound,
  agreements: readonly Agreement[],
  at: Date,
) => {
  const refusals: (readonly [string, string])[] = [];
  const before = wire.requests.length;
  const delivery = await liveChannels(settings, {
    organization: { timeZone, agreements: [...agreements] },
    now: () => at,
    refused: (...refusal) => refusals.push(refusal),
  }).send(message);
  return { delivery, refusals, calls: wire.requests.length - before };
};

const sms: Outbound = {
  channel: "sms",
  topic: "appointment",
  to: "+12025550123",
  text: "Hello",
};
const messages: readonly Outbound[] = [
  sms,
  {
    channel: "email",
    topic: "billing",
    to: "jo@example.com",
    subject: "Hi",
    text: "Hello",
  },
  {
    channel: "push",
    topic: "results",
    to: "device-token",
    platform: "GCM",
    title: "Hi",
    text: "Hello",
    link: "https://x.example/m/1",
  },
];
const texter: Agreement = {
  vendor: "texter",
  services: ["sms"],
  from: "2025-01-01",
  until: "2026-03-31",
  dataClasses: ["contact-details", "appointment"],
};

describe("at the edge", () => {
  it("the last message leaves on the last day of the agreement", async () => {
    const lastMinute = new Date("2026-04-01T03:59:59Z");
    expect(await sending(sms, [texter], lastMinute)).toEqual({
      delivery: { outcome: "accepted", messageId: "m" },
      refusals: [],
      calls: 1,
    });
    expect(
      await sending(sms, [texter], new Date("2026-04-01T04:00:00Z")),
    ).toEqual({
      delivery: { outcome: "withheld", reason: "vendor-agreement" },
      refusals: [["sms", "vendor-agreement-expired"]],
      calls: 0,
    });
  });

  it("a message that tells more than the agreement covers stays here", async () => {
    const narrow = { ...texter, dataClasses: ["contact-details" as const] };
    expect(
      await sending(sms, [narrow], new Date("2026-01-01T12:00:00Z")),
    ).toMatchObject({ refusals: [["sms", "vendor-data-class"]], calls: 0 });
  });

  it("the portal is nobody else's", async () => {
    expect(await sending({ channel: "portal" }, [], new Date())).toMatchObject({
      delivery: { outcome: "accepted" },
      refusals: [],
    });
  });

  it("the wire is silent exactly when no agreement allows the message", async () => {
    const day = fc.constantFrom("2026-03-01", "2026-03-02", "2026-03-03");
    const agreement = fc.record({
      vendor: fc.constantFrom("a", "b"),
      services: fc.subarray(["sms", "email", "push"], { minLength: 1 }),
      from: day,
      until: fc.option(day),
      dataClasses: fc.constantFrom<DataClass[][]>(
        [...dataClasses],
        [...dataClasses],
        [],
        ["contact-details", "appointment"],
      ),
    });
    const at = fc.date({
      min: new Date("2026-02-28T00:00:00Z"),
      max: new Date("2026-03-05T00:00:00Z"),
      noInvalidDate: true,
    });
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...messages),
        fc.array(agreement, { maxLength: 3 }),
        at,
        async (message, agreements, moment) => {
          if (message.channel === "portal") return;
          const found = agreementFor(
            agreements,
            message.channel,
            classesOf(message.topic),
            dayIn(timeZone, moment),
          );
          const { calls } = await sending(message, agreements, moment);
          seen.add(calls);
          expect(calls).toBe("ok" in found ? 1 : 0);
        },
      ),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual([0, 1]);
  });
});
