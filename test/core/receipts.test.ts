import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advances,
  emailReceipt,
  smsReceipt,
} from "../../functions/core/receipts.ts";
import { communication } from "../../functions/resources/communication.ts";

describe("a receipt for a text message", () => {
  it.each([
    ["TEXT_DELIVERED", true, { status: "completed", isProof: true }],
    ["TEXT_SUCCESSFUL", true, { status: "completed", isProof: true }],
    ["TEXT_SUCCESSFUL", false, undefined],
    ["TEXT_SENT", false, undefined],
    ["TEXT_QUEUED", false, undefined],
    ["TEXT_PENDING", false, undefined],
    ["TEXT_UNKNOWN", true, undefined],
    ["TEXT_INVALID", true, { status: "not-done", reason: "invalid-address" }],
    ["TEXT_CARRIER_BLOCKED", true, { status: "not-done", reason: "blocked" }],
    ["TEXT_SPAM", true, { status: "not-done", reason: "blocked" }],
    ["TEXT_TTL_EXPIRED", true, { status: "not-done", reason: "expired" }],
    ["TEXT_UNREACHABLE", true, { status: "not-done", reason: "undelivered" }],
  ])("%s (final: %s)", (eventType, isFinal, receipt) =>
    expect(smsReceipt(eventType, isFinal)).toEqual(receipt),
  );
});

describe("a receipt for an e-mail", () => {
  it.each([
    ["Delivery", undefined, { status: "completed" }],
    ["Bounce", "Permanent", { status: "not-done", reason: "invalid-address" }],
    ["Bounce", "Transient", { status: "not-done", reason: "undelivered" }],
    ["Complaint", undefined, { status: "not-done", reason: "complaint" }],
    ["Reject", undefined, { status: "not-done", reason: "undelivered" }],
    [
      "Rendering Failure",
      undefined,
      { status: "not-done", reason: "undelivered" },
    ],
    ["DeliveryDelay", undefined, undefined],
    ["Send", undefined, undefined],
  ])("%s %s", (eventType, bounceType, receipt) =>
    expect(emailReceipt(eventType, bounceType)).toEqual(receipt),
  );
});

describe("a message", () => {
  const receipts = [
    "TEXT_DELIVERED",
    "TEXT_SUCCESSFUL",
    "TEXT_QUEUED",
    "TEXT_SENT",
    "TEXT_INVALID",
    "TEXT_BLOCKED",
    "TEXT_TTL_EXPIRED",
  ].map((type) => smsReceipt(type, true));

  it("ends alike in whatever order receipts come, how often", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...receipts), { maxLength: 12 }),
        (arrived) => {
          let status = "in-progress";
          for (const receipt of arrived) {
            if (receipt === undefined || !advances(status, receipt)) continue;
            expect(communication.moves[status as "in-progress"]).toContain(
              receipt.status,
            );
            status = receipt.status;
          }
          const ends = arrived.flatMap((receipt) => receipt?.status ?? []);
          expect(status).toBe(
            ends.find((end) => end === "completed") ?? ends[0] ?? "in-progress",
          );
        },
      ),
    );
  });
});
