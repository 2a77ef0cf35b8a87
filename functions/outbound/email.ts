import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import type { ChannelSettings, EmailAdapter } from "./channels.ts";
import {
  outcomeOf,
  refused,
  sendOnce,
  type Connection,
  type Reading,
} from "./provider-answer.ts";

export const emailAdapter = (
  { emailFrom, emailConfigurationSet }: ChannelSettings,
  connection: Connection = sendOnce,
): EmailAdapter => {
  const client = new SESv2Client(connection);
  return ({ to, subject, text }) =>
    outcomeOf(async () => {
      const { MessageId } = await client.send(
        new SendEmailCommand({
          FromEmailAddress: emailFrom,
          Destination: { ToAddresses: [to] },
          Content: {
            Simple: {
              Subject: { Data: subject, Charset: "UTF-8" },
              Body: { Text: { Data: text, Charset: "UTF-8" } },
            },
          },
          ConfigurationSetName: emailConfigurationSet,
        }),
      );
      return { outcome: "accepted", messageId: MessageId };
    }, reading);
};

const reading: Reading = ({ name }) =>
  name === "MessageRejected" ? refused("invalid-address", true) : undefined;
