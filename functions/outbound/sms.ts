import {
  PinpointSMSVoiceV2Client,
  SendTextMessageCommand,
} from "@aws-sdk/client-pinpoint-sms-voice-v2";
import type { ChannelSettings, SmsAdapter } from "./channels.ts";
import {
  outcomeOf,
  refused,
  sendOnce,
  type Connection,
  type Reading,
} from "./provider-answer.ts";

/** Seconds after which a carrier may forget a message: a reminder is worth nothing a day later. */
const timeToLive = 6 * 3600;

export const smsAdapter = (
  { smsOrigination, smsConfigurationSet }: ChannelSettings,
  connection: Connection = sendOnce,
): SmsAdapter => {
  const client = new PinpointSMSVoiceV2Client(connection);
  return ({ to, text }) =>
    outcomeOf(async () => {
      const { MessageId } = await client.send(
        new SendTextMessageCommand({
          DestinationPhoneNumber: to,
          MessageBody: text,
          MessageType: "TRANSACTIONAL",
          OriginationIdentity: smsOrigination,
          ConfigurationSetName: smsConfigurationSet,
          TimeToLive: timeToLive,
        }),
      );
      return { outcome: "accepted", messageId: MessageId };
    }, reading);
};

const badNumber = [
  "INVALID_PARAMETER",
  "CANNOT_PARSE",
  "FIELD_VALIDATION_FAILED",
  "COUNTRY_CODE_MISMATCH",
  "DESTINATION_COUNTRY_BLOCKED",
  "INTERNATIONAL_SENDING_NOT_SUPPORTED",
];
const blocked = [
  "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
  "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
];

const reading: Reading = (error) => {
  const { Reason: reason = "" } = error as { Reason?: string };
  if (
    error.name === "ConflictException" &&
    reason === "DESTINATION_PHONE_NUMBER_OPTED_OUT"
  )
    return refused("opted-out", true);
  if (error.name === "ConflictException" && blocked.includes(reason))
    return refused("blocked", true);
  if (error.name === "ValidationException" && badNumber.includes(reason))
    return refused("invalid-address", true);
  return undefined;
};
