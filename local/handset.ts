import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { type Answer, awsError } from "./handset/answer.ts";
import {
  Behaviour,
  type Carrier,
  carrier,
  Contact,
} from "./handset/carrier.ts";
import { sendEmail } from "./handset/emails.ts";
import {
  failure,
  fromHere,
  readJson,
  sendAnswer,
  sendPage,
  streamChanges,
} from "./handset/http.ts";
import type { Deployment } from "./handset/publish.ts";
import { sendMessages } from "./handset/push-notifications.ts";
import { receipt } from "./handset/receipts.ts";
import {
  automaticReply,
  isPhoneNumber,
  keywordOf,
  sendTextMessage,
  type Sent,
} from "./handset/text-messages.ts";
import { listen } from "./listen.ts";

const Reply = z.strictObject({
  from: z
    .string()
    .refine(isPhoneNumber, "must be a phone number in E.164 form"),
  text: z.string().min(1).max(1600),
  /** The same inbound message once more, as AWS may deliver it. */
  copies: z.int().min(1).max(10).default(1),
});
type Reply = z.input<typeof Reply>;

const Receipt = z.strictObject({
  messageId: z.string().min(1),
  eventType: z.string().min(1),
  copies: z.int().min(1).max(10).default(1),
});

/** The clinic's two-way number, the topic of its replies, and the configuration set of its e-mail. */
const Line = z.strictObject({
  phoneNumber: z.string(),
  topicArn: z.string(),
  emailConfigurationSet: z.string(),
});
type Line = z.infer<typeof Line>;

export interface HandsetOptions {
  readonly port: number;
  readonly deployment: Deployment;
  /** The clock of the journeys, so that messages carry the time in which the patients live. */
  readonly now?: () => Date;
  readonly newId?: () => string;
  /** Called when a patient answers: the answer needs wall-clock time to arrive. */
  readonly whileTyping?: () => void;
  readonly log?: (line: string) => void;
}

export interface Handset {
  readonly url: string;
  readonly carrier: Carrier;
  /** A text from a phone to a two-way number of the clinic. */
  readonly reply: (reply: Reply) => Promise<void>;
  readonly connect: (line: Line) => void;
  readonly close: () => Promise<void>;
}

/**
 * A phone, mailbox and device for every patient, on loopback. It answers the send APIs of AWS End User Messaging,
 * Pinpoint and SES, shows what they were given, and lets the patient answer the way an answer travels on AWS.
 */
export const startHandset = async ({
  port,
  deployment,
  now = () => new Date(),
  newId = randomUUID,
  whileTyping = () => undefined,
  log = () => undefined,
}: HandsetOptions): Promise<Handset> => {
  const world = carrier({ now, newId });
  let line: Line | undefined;
  const closing = new AbortController();

  const publishReceipts = async ({
    message,
    receipts = [],
    delay = 0,
    copies = 1,
  }: Sent) => {
    if (!message) return;
    for (const eventType of receipts) {
      await wait(delay, undefined, { signal: closing.signal });
      world.record(message.id, eventType);
      for (let copy = 0; copy < copies; copy += 1)
        await deployment.putEvent(receipt(message, eventType, now()));
    }
  };
  const inBackground = (work: Promise<void>) =>
    work.catch(
      (error: unknown) =>
        closing.signal.aborted || log(`handset: ${String(error)}`),
    );
  const sent = (result: Sent): Answer | undefined => {
    void inBackground(publishReceipts(result));
    return result.answer;
  };

  const reply = async (given: Reply) => {
    const { from, text, copies } = Reply.parse(given);
    if (line === undefined)
      throw new Error("no two-way number of the clinic is connected");
    const { phoneNumber: clinic, topicArn } = line;
    whileTyping();
    const previous = world.lastTo(from);
    const { id } = world.deliver({
      channel: "sms",
      direction: "from-patient",
      address: from,
      clinic,
      text,
    });
    const keyword = keywordOf(text);
    if (keyword === "STOP" || keyword === "START")
      world.optOut(from, keyword === "STOP");
    if (keyword)
      world.deliver({
        channel: "sms",
        direction: "to-patient",
        address: from,
        clinic,
        text: automaticReply[keyword],
      });
    const inbound = JSON.stringify({
      originationNumber: from,
      destinationNumber: clinic,
      messageKeyword: keyword ?? "KEYWORD_000000000000",
      messageBody: text,
      inboundMessageId: id,
      ...(previous && { previousPublishedMessageId: previous.id }),
    });
    for (let copy = 0; copy < copies; copy += 1)
      await deployment.publish(topicArn, inbound);
  };

  const controls: Readonly<Record<string, (body: unknown) => unknown>> = {
    "GET /control/messages": () => ({
      messages: world.messages(),
      contacts: world.contacts(),
      optedOut: [...world.optedOut],
    }),
    "POST /control/replies": async (body) => (
      await reply(Reply.parse(body)),
      {}
    ),
    "PUT /control/behaviour": (body) => (
      world.behave(Behaviour.parse(body)),
      {}
    ),
    "PUT /control/contacts": (body) => (
      world.introduce(z.array(Contact).parse(body)),
      {}
    ),
    "PUT /control/lines": (body) => (connect(Line.parse(body)), {}),
    "POST /control/receipts": async (body) => {
      const { messageId, eventType, copies } = Receipt.parse(body);
      const of =
        world.messages().find(({ id }) => id === messageId) ??
        stray({ id: messageId, eventType, at: now().toISOString(), line });
      for (let copy = 0; copy < copies; copy += 1)
        await deployment.putEvent(receipt(of, eventType, now()));
      return {};
    },
  };
  const connect = (connected: Line) => {
    line = connected;
  };

  const route = async (
    request: IncomingMessage,
    path: string,
  ): Promise<Answer | undefined> => {
    const action = `${request.method ?? "GET"} ${path}`;
    const control = controls[action];
    const body = request.method === "GET" ? undefined : await readJson(request);
    if (control) return { status: 200, body: await control(body) };
    if (
      request.headers["x-amz-target"] === "PinpointSMSVoiceV2.SendTextMessage"
    )
      return sent(
        sendTextMessage(body, {
          carrier: world,
          newId,
          numberOf: (identity) => line?.phoneNumber ?? identity,
        }),
      );
    if (action === "POST /v2/email/outbound-emails")
      return sent(sendEmail(body, world));
    const application = /^POST \/v1\/apps\/([^/]+)\/messages$/.exec(
      action,
    )?.[1];
    if (application !== undefined)
      return sendMessages(decodeURIComponent(application), body, {
        carrier: world,
        newId,
      });
    return awsError(
      404,
      "UnknownOperationException",
      `The handset does not know ${request.method ?? ""} ${path}.`,
    );
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://handset");
    if (!fromHere(request))
      sendAnswer(response, {
        status: 403,
        body: { message: "The handset answers on loopback only." },
      });
    else if (request.method === "GET" && pathname === "/")
      void sendPage(response);
    else if (request.method === "GET" && pathname === "/events")
      streamChanges(world, request, response);
    else
      route(request, pathname).then(
        (answer) => {
          if (answer) sendAnswer(response, answer);
          else request.socket.destroy();
        },
        (error: unknown) => {
          sendAnswer(response, failure(error));
        },
      );
  });
  const { url, close } = await listen(server, port);
  return {
    url,
    carrier: world,
    reply,
    connect,
    close: () => {
      closing.abort();
      return close();
    },
  };
};

/** What a receipt for a message that nobody sent pretends to be about. */
const stray = ({
  id,
  eventType,
  at,
  line,
}: {
  id: string;
  eventType: string;
  at: string;
  line: Line | undefined;
}) => ({
  id,
  at,
  address: "nobody@example.com",
  clinic: line?.phoneNumber ?? "",
  channel: eventType.startsWith("TEXT_")
    ? ("sms" as const)
    : ("email" as const),
  ...(line && { configurationSet: line.emailConfigurationSet }),
});
