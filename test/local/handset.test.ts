import { PinpointClient, SendMessagesCommand } from "@aws-sdk/client-pinpoint";
import {
  PinpointSMSVoiceV2Client,
  SendTextMessageCommand,
} from "@aws-sdk/client-pinpoint-sms-voice-v2";
import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Handset, startHandset } from "../../local/handset.ts";
import type { ServiceEvent } from "../../local/handset/receipts.ts";

const clinic = "+12025550199";
const maria = "+12025550123";
const credentials = { accessKeyId: "000000000000", secretAccessKey: "test" };

let handset: Handset;
let events: ServiceEvent[];
let published: { topicArn: string; message: Record<string, string> }[];

beforeEach(async () => {
  events = [];
  published = [];
  handset = await startHandset({
    port: 0,
    now: () => new Date("2026-11-22T15:00:00.000Z"),
    deployment: {
      putEvent: (event) => Promise.resolve(void events.push(event)),
      publish: (topicArn, message) =>
        Promise.resolve(
          void published.push({
            topicArn,
            message: JSON.parse(message) as Record<string, string>,
          }),
        ),
    },
  });
  handset.connect({
    phoneNumber: clinic,
    topicArn: "arn:topic",
    emailConfigurationSet: "email",
  });
});
afterEach(() => handset.close());

const settings = () => ({
  endpoint: handset.url,
  region: "us-east-1",
  credentials,
  maxAttempts: 1,
});
const text = (to: string, body = "Your visit is on Tuesday.") =>
  new PinpointSMSVoiceV2Client(settings()).send(
    new SendTextMessageCommand({
      DestinationPhoneNumber: to,
      OriginationIdentity: clinic,
      MessageBody: body,
    }),
  );
const mail = (to: string) =>
  new SESv2Client(settings()).send(
    new SendEmailCommand({
      FromEmailAddress: "clinic@demo.sojourn.example",
      ConfigurationSetName: "email",
      Destination: { ToAddresses: [to] },
      Content: {
        Simple: {
          Subject: { Data: "Visit" },
          Body: { Text: { Data: "On Tuesday." } },
        },
      },
    }),
  );
const push = (token: string) =>
  new PinpointClient(settings()).send(
    new SendMessagesCommand({
      ApplicationId: "app",
      MessageRequest: {
        Addresses: { [token]: { ChannelType: "GCM" } },
        MessageConfiguration: {
          GCMMessage: { Title: "Visit", Body: "On Tuesday." },
        },
      },
    }),
  );
const control = (method: string, path: string, body?: unknown) =>
  fetch(`${handset.url}/control/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const behave = (behaviour: object) => control("PUT", "behaviour", behaviour);
const details = () =>
  events.map(
    ({ Detail }) =>
      JSON.parse(Detail) as {
        eventType: string;
        messageId?: string;
        isFinal?: boolean;
      },
  );

describe("text messages", () => {
  it("are shown and answered with their id", async () => {
    const { MessageId } = await text(maria);
    expect(handset.carrier.messages()).toMatchObject([
      { id: MessageId, address: maria, clinic, channel: "sms" },
    ]);
  });

  it("to what is no phone number are a ValidationException that names the field", async () => {
    await expect(text("+1202555")).rejects.toMatchObject({
      name: "ValidationException",
      Fields: [{ Name: "DestinationPhoneNumber" }],
    });
  });

  it.each([
    ["throttled", "ThrottlingException"],
    ["unavailable", "InternalServerException"],
    ["opted-out", "ConflictException"],
  ])("to a number that is %s fail with %s", async (answer, name) => {
    await behave({ address: maria, answer });
    await expect(text(maria)).rejects.toMatchObject({ name });
    expect(handset.carrier.messages()).toEqual([]);
  });

  it("that are lost arrive although the sender has no answer", async () => {
    await behave({ address: maria, answer: "lost", times: 1 });
    await expect(text(maria)).rejects.toThrow();
    expect(handset.carrier.messages()).toHaveLength(1);
    await expect(text(maria)).resolves.toHaveProperty("MessageId");
  });

  it("are followed by receipts in the chosen order, as often as chosen, without the phone number", async () => {
    await behave({
      receipts: ["TEXT_DELIVERED", "TEXT_SUCCESSFUL"],
      delay: 0,
      copies: 2,
    });
    const { MessageId } = await text(maria);
    await expect.poll(() => events.length).toBe(4);
    expect(
      details().map(({ eventType, isFinal }) => [eventType, isFinal]),
    ).toEqual([
      ["TEXT_DELIVERED", true],
      ["TEXT_DELIVERED", true],
      ["TEXT_SUCCESSFUL", false],
      ["TEXT_SUCCESSFUL", false],
    ]);
    expect(new Set(details().map(({ messageId }) => messageId))).toEqual(
      new Set([MessageId]),
    );
    expect(JSON.stringify(events)).not.toContain(maria);
  });
});

describe("replies", () => {
  it("travel to the two-way topic with the message they answer", async () => {
    const { MessageId } = await text(maria);
    expect(
      (await control("POST", "replies", { from: maria, text: "C" })).status,
    ).toBe(200);
    expect(published).toMatchObject([
      {
        topicArn: "arn:topic",
        message: {
          originationNumber: maria,
          destinationNumber: clinic,
          messageBody: "C",
          previousPublishedMessageId: MessageId,
        },
      },
    ]);
  });

  it.each(["STOP", "stop please", "Cancel", "opt-out", "ARRET."])(
    "%j opts the number out",
    async (reply) => {
      await text(maria);
      await handset.reply({ from: maria, text: reply });
      await expect(text(maria)).rejects.toMatchObject({
        Reason: "DESTINATION_PHONE_NUMBER_OPTED_OUT",
      });
      expect(published).toHaveLength(1);
      expect(handset.carrier.lastTo(maria)?.text).toMatch(/opted out/);
      await handset.reply({ from: maria, text: "START" });
      await expect(text(maria)).resolves.toHaveProperty("MessageId");
    },
  );

  it.each(["C", "stopping by at nine", "I cannot cancel"])(
    "%j does not opt out",
    async (reply) => {
      await handset.reply({ from: maria, text: reply });
      expect(handset.carrier.optedOut).toEqual(new Set());
    },
  );

  it("can be delivered twice with one id", async () => {
    await handset.reply({ from: maria, text: "X", copies: 2 });
    expect(published).toHaveLength(2);
    expect(
      new Set(published.map(({ message }) => message.inboundMessageId)).size,
    ).toBe(1);
  });

  it("from what is no phone number are refused", async () => {
    const answer = await control("POST", "replies", {
      from: "nobody",
      text: "C",
    });
    expect(answer.status).toBe(400);
    expect(published).toEqual([]);
  });
});

describe("e-mail and push", () => {
  it("e-mail is shown and leads to Send and Delivery events", async () => {
    await behave({ delay: 0 });
    const { MessageId } = await mail("maria@example.com");
    await expect
      .poll(() => details().map(({ eventType }) => eventType))
      .toEqual(["Send", "Delivery"]);
    expect(events.map(({ DetailType }) => DetailType)).toEqual([
      "Email Sent",
      "Email Delivered",
    ]);
    expect(JSON.parse(events[0]?.Detail ?? "")).toMatchObject({
      mail: {
        messageId: MessageId,
        tags: { "ses:configuration-set": ["email"] },
      },
    });
    expect(handset.carrier.messages()).toMatchObject([
      { id: MessageId, title: "Visit", text: "On Tuesday." },
    ]);
  });

  it("e-mail to what is no address is refused", async () => {
    await expect(mail("nowhere")).rejects.toMatchObject({
      name: "BadRequestException",
    });
  });

  it("push tells the state of each token in an answer that is 200", async () => {
    await behave({ address: "gone", answer: "invalid" });
    const fine = await push("token");
    const gone = await push("gone");
    expect(fine.MessageResponse?.Result?.token).toMatchObject({
      DeliveryStatus: "SUCCESSFUL",
      StatusCode: 200,
    });
    expect(gone.MessageResponse?.Result?.gone).toMatchObject({
      DeliveryStatus: "PERMANENT_FAILURE",
      StatusCode: 410,
    });
    expect(handset.carrier.messages()).toHaveLength(1);
  });
});

describe("the server", () => {
  it("publishes a receipt for any id on request", async () => {
    await control("POST", "receipts", {
      messageId: "unknown",
      eventType: "TEXT_DELIVERED",
      copies: 2,
    });
    expect(details()).toMatchObject([
      { messageId: "unknown" },
      { messageId: "unknown" },
    ]);
  });

  it("refuses pages of other origins", async () => {
    const answer = await fetch(`${handset.url}/control/replies`, {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
      body: JSON.stringify({ from: maria, text: "STOP" }),
    });
    expect(answer.status).toBe(403);
    expect(handset.carrier.optedOut.size).toBe(0);
  });

  it("shows a page and streams what changes", async () => {
    const page = await fetch(handset.url);
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    const stream = (await fetch(`${handset.url}/events`)).body?.getReader();
    const decode = async () =>
      new TextDecoder().decode((await stream?.read())?.value as Uint8Array);
    expect(await decode()).toContain('"messages":[]');
    await text(maria);
    expect(await decode()).toContain(maria);
    await stream?.cancel();
  });
});
