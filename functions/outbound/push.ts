import { PinpointClient, SendMessagesCommand } from "@aws-sdk/client-pinpoint";
import type { Delivery } from "../core/communication.ts";
import type { ChannelSettings, PushAdapter } from "./channels.ts";
import {
  outcomeOf,
  refused,
  sendOnce,
  type Connection,
} from "./provider-answer.ts";

/** Apple and Google sign no BAA: the text is generic, the link opaque. */
export const pushAdapter = (
  { pushApplicationId }: ChannelSettings,
  connection: Connection = sendOnce,
): PushAdapter => {
  const client = new PinpointClient(connection);
  return ({ to, platform, title, text, link }) =>
    outcomeOf(
      async () => {
        const content = {
          Title: title,
          Body: text,
          Action: "URL",
          Url: link,
          TimeToLive: 6 * 3600,
        } as const;
        const { MessageResponse } = await client.send(
          new SendMessagesCommand({
            ApplicationId: pushApplicationId,
            MessageRequest: {
              Addresses: { [to]: { ChannelType: platform } },
              MessageConfiguration:
                platform === "APNS"
                  ? { APNSMessage: content }
                  : { GCMMessage: content },
            },
          }),
        );
        const { DeliveryStatus = "UNKNOWN_FAILURE", MessageId } =
          MessageResponse?.Result?.[to] ?? {};
        return results(MessageId)[DeliveryStatus] ?? { outcome: "unknown" };
      },
      () => undefined,
    );
};

/** The synchronous result is the only receipt of a push message. */
const results = (
  messageId: string | undefined,
): Readonly<Partial<Record<string, Delivery>>> => ({
  SUCCESSFUL: { outcome: "accepted", messageId, delivered: true },
  DUPLICATE: { outcome: "accepted", messageId, delivered: true },
  THROTTLED: refused("throttled", false),
  TEMPORARY_FAILURE: refused("unavailable", false),
  PERMANENT_FAILURE: refused("invalid-address", true),
  OPT_OUT: refused("opted-out", true),
});
