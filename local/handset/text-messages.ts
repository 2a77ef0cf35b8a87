import * as z from "zod";
import { type Answer, awsError } from "./answer.ts";
import type { Carrier, Message } from "./carrier.ts";

const SendTextMessage = z.object({
  DestinationPhoneNumber: z.string(),
  OriginationIdentity: z.string().optional(),
  MessageBody: z.string().min(1).max(1600),
  DryRun: z.boolean().optional(),
});

const defaultReceipts = ["TEXT_SUCCESSFUL", "TEXT_DELIVERED"];

export interface Sent {
  readonly answer: Answer | undefined;
  readonly message?: Message;
  readonly receipts?: readonly string[];
  readonly delay?: number;
  readonly copies?: number;
}

interface TextMessageDeps {
  readonly carrier: Carrier;
  readonly newId: () => string;
  /** The phone number from which an origination identity (a number, a pool) sends. */
  readonly numberOf: (identity: string) => string;
}

/** `SendTextMessage` of AWS End User Messaging: its answers, its errors, its opt-out list. */
export const sendTextMessage = (
  request: unknown,
  { carrier, newId, numberOf }: TextMessageDeps,
): Sent => {
  const { success, data, error } = SendTextMessage.safeParse(request);
  if (!success)
    return { answer: invalid(String(error.issues[0]?.path[0] ?? "request")) };
  const {
    DestinationPhoneNumber: phone,
    MessageBody: text,
    OriginationIdentity: origin = "shared",
  } = data;
  if (!isPhoneNumber(phone))
    return { answer: invalid("DestinationPhoneNumber") };
  if (data.DryRun)
    return { answer: { status: 200, body: { MessageId: newId() } } };
  if (carrier.optedOut.has(phone)) return { answer: optedOut };

  const behaviour = carrier.behaviourFor(phone);
  const refusal = refusals[behaviour.answer];
  if (refusal) return { answer: refusal };
  const message = carrier.deliver({
    channel: "sms",
    direction: "to-patient",
    address: phone,
    clinic: numberOf(origin),
    text,
  });
  return {
    answer:
      behaviour.answer === "lost"
        ? undefined
        : { status: 200, body: { MessageId: message.id } },
    message,
    receipts: behaviour.receipts ?? defaultReceipts,
    delay: behaviour.delay,
    copies: behaviour.copies,
  };
};

const invalid = (field: string) =>
  awsError(400, "ValidationException", "The request is not valid.", {
    Reason: "INVALID_PARAMETER",
    Fields: [{ Name: field, Message: "is not valid" }],
  });

const optedOut = awsError(
  400,
  "ConflictException",
  "Destination phone number is opted out.",
  {
    Reason: "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    ResourceType: "opt-out-list",
    ResourceId: "Default",
  },
);

const refusals: Readonly<Record<string, Answer>> = {
  throttled: awsError(400, "ThrottlingException", "Rate exceeded."),
  invalid: invalid("DestinationPhoneNumber"),
  "opted-out": optedOut,
  unavailable: awsError(
    500,
    "InternalServerException",
    "The service is not available.",
  ),
};

/** E.164; within the North American plan also its area and exchange codes. */
export const isPhoneNumber = (text: string): boolean =>
  text.startsWith("+1")
    ? /^\+1[2-9]\d{2}[2-9]\d{6}$/.test(text)
    : /^\+[2-9]\d{6,14}$/.test(text);

/** The keywords that End User Messaging honours by itself unless opt-outs are self-managed. */
const stopWords = new Set(
  "ARRET CANCEL END OPT-OUT OPTOUT QUIT REMOVE STOP TD UNSUBSCRIBE".split(" "),
);
const startWords = new Set(["START", "UNSTOP"]);

export type Keyword = "STOP" | "START" | "HELP";

/** The keyword with which a reply begins, if it begins with one. */
export const keywordOf = (text: string): Keyword | undefined => {
  const word = /^[\p{L}-]+/u.exec(text.trim())?.[0].toUpperCase() ?? "";
  if (stopWords.has(word)) return "STOP";
  if (startWords.has(word)) return "START";
  return word === "HELP" ? "HELP" : undefined;
};

/** What the service itself answers to a keyword. */
export const automaticReply = {
  STOP: "You are now opted out and will no longer receive messages from this number.",
  START: "You are subscribed again and will receive messages from this number.",
  HELP: "Call the clinic for help. Reply STOP to receive no more messages.",
} as const satisfies Record<Keyword, string>;
