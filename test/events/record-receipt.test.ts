import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reasonCode } from "../../functions/core/communication.ts";
import {
  clinic,
  type ClinicOptions,
} from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

const smsEvent = (messageId: string, eventType: string, isFinal = true) => ({
  version: "0",
  id: "receipt",
  "detail-type": "Text Message Delivery Status Updated",
  source: "aws.sms-voice",
  time: "2026-03-02T15:00:05Z",
  detail: {
    eventType,
    eventVersion: "1.0",
    eventTimestamp: 1,
    isFinal,
    originationPhoneNumber: "+12025550199",
    messageId,
    messageStatus: eventType.replace("TEXT_", ""),
  },
});
const sesEvent = (messageId: string, eventType: string, more = {}) => ({
  version: "0",
  id: "receipt",
  "detail-type": "Email Event",
  source: "aws.ses",
  time: "2026-03-02T15:00:05Z",
  detail: {
    eventType,
    mail: { messageId, destination: ["jo@example.com"] },
    ...more,
  },
});

const aSentMessage = async (
  telecom = invented.telecom,
  options: Partial<ClinicOptions> = {},
) => {
  const stage = await clinic({ start: bookingTime, ...options });
  const { id: patient } = await stage.admit({
    ...invented,
    ...(telecom !== undefined && { telecom }),
  });
  await stage.book(patient, visitTime);
  await stage.until("2026-03-02T15:01:00Z");
  const messageId = stage.sent[0]?.messageId ?? "";
  const message = async () => {
    const [one] = await stage.records.change(bySystem, (work) =>
      work.ofPatient("Communication", patient),
    );
    if (one === undefined) throw new Error("there is a message");
    return one;
  };
  return { stage, patient, messageId, message };
};

describe("a receipt", () => {
  it("completes a delivered text message", async () => {
    const { stage, messageId, message } = await aSentMessage();
    expect(await stage.receipt(smsEvent(messageId, "TEXT_DELIVERED"))).toBe(
      true,
    );
    expect((await message()).status).toBe("completed");
    expect(stage.logged.at(-1)).toMatchObject({
      fact: "MessageDelivered",
      ids: { channel: "sms" },
    });
  });
  it("keeps the reason of a message that failed, and the next goes another way", async () => {
    const telecom = [
      {
        system: "phone" as const,
        use: "mobile" as const,
        value: mobile,
        rank: 1,
      },
      { system: "email" as const, value: "jo@example.com", rank: 2 },
    ];
    const { stage, messageId, message } = await aSentMessage(telecom);
    await stage.receipt(smsEvent(messageId, "TEXT_INVALID"));
    const failed = await message();
    expect([failed.status, reasonCode(failed)]).toEqual([
      "not-done",
      "invalid-address",
    ]);
    await stage.end();
    expect(new Set(stage.sent.slice(1).map(({ channel }) => channel))).toEqual(
      new Set(["email"]),
    );
  });
  it("of e-mail works alike", async () => {
    const { stage, messageId, message } = await aSentMessage([
      { system: "email", value: "jo@example.com" },
    ]);
    await stage.receipt(
      sesEvent(messageId, "Bounce", { bounce: { bounceType: "Permanent" } }),
    );
    await stage.receipt(sesEvent(messageId, "Delivery"));
    expect((await message()).status).toBe("not-done");
  });
  it("of a complaint is an opt-out from e-mail", async () => {
    const { stage, messageId, patient } = await aSentMessage([
      { system: "email", value: "jo@example.com" },
    ]);
    for (let times = 0; times < 2; times += 1)
      await stage.receipt(sesEvent(messageId, "Complaint"));
    const consents = await stage.records.change(bySystem, (work) =>
      work.ofPatient("Consent", patient),
    );
    expect(consents).toMatchObject([
      { provision: { code: [{ coding: [{ code: "email" }] }] } },
    ]);
  });
  it("for an unknown message is tried again and becomes a dead letter", async () => {
    const { stage } = await aSentMessage();
    expect(await stage.receipt(smsEvent("nobody's", "TEXT_DELIVERED"))).toBe(
      false,
    );
  });
  it.each([
    ["says nothing final", smsEvent("nobody's", "TEXT_QUEUED", false), true],
    ["is malformed", { source: "aws.sms-voice", id: "x", detail: {} }, false],
    ["is of another service", { source: "aws.s3", id: "x", detail: {} }, false],
  ])("that %s", async (_, event, taken) => {
    const { stage } = await aSentMessage();
    expect(await stage.receipt(event)).toBe(taken);
  });
  it("of delivery stands, whatever comes late, twice or in another order", async () => {
    const { stage, messageId, message } = await aSentMessage();
    const types = [
      "TEXT_QUEUED",
      "TEXT_SENT",
      "TEXT_SUCCESSFUL",
      "TEXT_DELIVERED",
      "TEXT_TTL_EXPIRED",
      "TEXT_UNKNOWN",
    ];
    const [order = []] = fc.sample(
      fc.shuffledSubarray([...types, ...types], { minLength: 12 }),
      1,
    );
    for (const type of order)
      expect(await stage.receipt(smsEvent(messageId, type))).toBe(true);
    expect((await message()).status).toBe("completed");
  });
  it("of delivery corrects one that called the phone unreachable", async () => {
    const { stage, messageId, message } = await aSentMessage();
    await stage.receipt(smsEvent(messageId, "TEXT_INVALID"));
    await stage.receipt(smsEvent(messageId, "TEXT_DELIVERED"));
    const delivered = await message();
    expect(delivered.status).toBe("completed");
    expect(delivered.statusReason).toBeUndefined();
    await stage.receipt(smsEvent(messageId, "TEXT_INVALID"));
    expect((await message()).meta.versionId).toBe("4");
  });
});
