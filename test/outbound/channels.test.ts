import { afterEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../functions/core/communication.ts";
import {
  liveChannels,
  type Outbound,
} from "../../functions/outbound/channels.ts";
import { smsAdapter } from "../../functions/outbound/sms.ts";
import { demo } from "../../organizations/demo.ts";
import { environment, provider, type Answer } from "./provider.ts";

const settings = {
  smsOrigination: "+12025550199",
  smsConfigurationSet: "set",
  emailFrom: "clinic@demo.sojourn.example",
  emailConfigurationSet: "mail",
  pushApplicationId: "app",
};
const topic = "appointment";
const sms = {
  channel: "sms",
  topic,
  to: "+12025550123",
  text: "Hello",
} as const;
const email = {
  channel: "email",
  topic,
  to: "jo@example.com",
  subject: "Hi",
  text: "Hello",
} as const;
const push = {
  channel: "push",
  topic,
  to: "device-token",
  platform: "APNS",
  title: "Hi",
  text: "Hello",
  link: "https://x.example/m/1",
} as const;
const live = () =>
  liveChannels(settings, {
    organization: demo.settings,
    now: () => new Date(),
    refused: () => undefined,
  });
const services = {
  sms: "PINPOINT_SMS_VOICE_V2",
  email: "SESV2",
  push: "PINPOINT",
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const sent = async (
  message: Exclude<Outbound, { channel: "portal" }>,
  answer: Answer,
) => {
  const endpoint = await provider(() => answer);
  open.push(endpoint);
  environment(services[message.channel], endpoint.url);
  return {
    delivery: await live().send(message),
    requests: endpoint.requests,
  };
};
const ok = (body: unknown): Answer => ({ status: 200, body });
const fault = (status: number, __type: string, more = {}): Answer => ({
  status,
  body: { __type, message: "no", ...more },
});
const pushed = (DeliveryStatus: string): Answer =>
  ok({
    ApplicationId: "app",
    Result: {
      "device-token": { DeliveryStatus, StatusCode: 200, MessageId: "m" },
    },
  });

describe("what providers answer", () => {
  const permanent = (reason: string): Delivery => ({
    outcome: "refused",
    reason,
    permanent: true,
  });
  const later = (reason: string): Delivery => ({
    outcome: "refused",
    reason,
    permanent: false,
  });
  const accepted: Delivery = { outcome: "accepted", messageId: "m" };
  const cases: readonly (readonly [
    string,
    typeof sms | typeof email | typeof push,
    Answer,
    Delivery,
  ])[] = [
    ["a text message taken", sms, ok({ MessageId: "m" }), accepted],
    [
      "an opted-out number",
      sms,
      fault(409, "ConflictException", {
        Reason: "DESTINATION_PHONE_NUMBER_OPTED_OUT",
      }),
      permanent("opted-out"),
    ],
    [
      "a blocked country",
      sms,
      fault(409, "ConflictException", {
        Reason: "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
      }),
      permanent("blocked"),
    ],
    [
      "a number that is none",
      sms,
      fault(400, "ValidationException", { Reason: "INVALID_PARAMETER" }),
      permanent("invalid-address"),
    ],
    [
      "our own number not ready",
      sms,
      fault(409, "ConflictException", { Reason: "RESOURCE_NOT_ACTIVE" }),
      later("misconfigured"),
    ],
    [
      "too many messages",
      sms,
      fault(400, "ThrottlingException"),
      later("throttled"),
    ],
    [
      "too much for the account",
      sms,
      fault(402, "ServiceQuotaExceededException"),
      later("throttled"),
    ],
    [
      "no permission",
      sms,
      fault(403, "AccessDeniedException"),
      later("misconfigured"),
    ],
    [
      "an error inside",
      sms,
      fault(500, "InternalServerException"),
      { outcome: "unknown" },
    ],
    ["a broken connection", sms, "hang up", { outcome: "unknown" }],
    ["an e-mail taken", email, ok({ MessageId: "m" }), accepted],
    [
      "an e-mail rejected",
      email,
      fault(400, "MessageRejected"),
      permanent("invalid-address"),
    ],
    [
      "too many e-mails",
      email,
      fault(429, "TooManyRequestsException"),
      later("throttled"),
    ],
    ["an e-mail server gone", email, "hang up", { outcome: "unknown" }],
    [
      "a push message taken",
      push,
      pushed("SUCCESSFUL"),
      { ...accepted, delivered: true },
    ],
    [
      "a device that is gone",
      push,
      pushed("PERMANENT_FAILURE"),
      permanent("invalid-address"),
    ],
    [
      "a device that wants no messages",
      push,
      pushed("OPT_OUT"),
      permanent("opted-out"),
    ],
    ["push held up", push, pushed("TEMPORARY_FAILURE"), later("unavailable")],
    ["push throttled", push, pushed("THROTTLED"), later("throttled")],
    [
      "push failing for no known reason",
      push,
      pushed("UNKNOWN_FAILURE"),
      { outcome: "unknown" },
    ],
    ["push without a result", push, ok({}), { outcome: "unknown" }],
  ];
  it.each(cases)("%s", async (_, message, answer, delivery) => {
    const { delivery: given, requests } = await sent(message, answer);
    expect(given).toEqual(delivery);
    expect(requests).toHaveLength(1);
  });
});

describe("a request", () => {
  it("asks for a transactional text by the organization's number", async () => {
    const { requests } = await sent(sms, ok({ MessageId: "m" }));
    expect(requests[0]?.body).toEqual({
      DestinationPhoneNumber: "+12025550123",
      MessageBody: "Hello",
      MessageType: "TRANSACTIONAL",
      OriginationIdentity: "+12025550199",
      ConfigurationSetName: "set",
      TimeToLive: 21_600,
    });
  });
  it("asks for a plain e-mail without tags", async () => {
    const { requests } = await sent(email, ok({ MessageId: "m" }));
    expect(requests[0]?.body).toMatchObject({
      Destination: { ToAddresses: ["jo@example.com"] },
      ConfigurationSetName: "mail",
    });
    expect(requests[0]?.body).not.toHaveProperty("EmailTags");
  });
  it("asks for a push message by device token, never by endpoint", async () => {
    const { requests } = await sent(push, pushed("SUCCESSFUL"));
    expect(requests[0]).toMatchObject({
      path: "/v1/apps/app/messages",
      body: {
        Addresses: { "device-token": { ChannelType: "APNS" } },
        MessageConfiguration: { APNSMessage: { Body: "Hello" } },
      },
    });
  });
  it("that gets no answer in time has an unknown outcome", async () => {
    const endpoint = await provider(() => "say nothing");
    open.push(endpoint);
    environment(services.sms, endpoint.url);
    const send = smsAdapter(settings, {
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: 30_000,
        requestTimeout: 1_000,
        throwOnRequestTimeout: true,
      },
    });
    expect(await send(sms)).toEqual({ outcome: "unknown" });
    expect(endpoint.requests).toHaveLength(1);
  });
  it("that reaches nobody was not sent", async () => {
    const endpoint = await provider(() => "hang up");
    await endpoint.close();
    environment(services.sms, endpoint.url);
    expect(await live().send(sms)).toEqual({
      outcome: "refused",
      reason: "unavailable",
      permanent: false,
    });
  });
});

describe("the portal", () => {
  it("has its message as soon as the record has it", async () => {
    expect(await live().send({ channel: "portal" })).toEqual({
      outcome: "accepted",
      messageId: undefined,
      delivered: true,
    });
  });
});
