import type { SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { sendAgain } from "./provider-answer.ts";

/** A notification on its way: ids only, so that it may wait in a queue. */
export const Notification = z.object({
  kind: z.enum(["handshake", "event-notification"]),
  subscription: z.string(),
  /** Of the subscription, for a handshake: a later change asks anew. */
  version: z.string().optional(),
  owner: z.string(),
  notification: z.string(),
  at: z.string(),
  focus: z.object({ reference: z.string(), version: z.number() }).optional(),
  attempt: z.int().min(1),
});
export type Notification = z.infer<typeof Notification>;

/** The queue of notifications that are due. Sending twice is harmless: a receiver tells repetitions by their id. */
export interface Notifications {
  /** `after`: seconds, at most 900. */
  send(notifications: readonly Notification[], after?: number): Promise<void>;
  /** Among the dead letters, for a person. */
  bury(notification: Notification): Promise<void>;
}

/** SQS takes ten messages a call. */
const batchSize = 10;

export const liveNotifications = (urls: {
  readonly queue: string;
  /** Known to whoever gives up. */
  readonly deadLetters?: string;
}): Notifications => {
  let loading:
    | Promise<{ sdk: typeof import("@aws-sdk/client-sqs"); client: SQSClient }>
    | undefined;
  const load = () =>
    (loading ??= import("@aws-sdk/client-sqs").then((sdk) => ({
      sdk,
      client: new sdk.SQSClient(sendAgain),
    })));
  return {
    send: async (notifications, after = 0) => {
      for (let from = 0; from < notifications.length; from += batchSize) {
        const { sdk, client } = await load();
        const { Failed = [] } = await client.send(
          new sdk.SendMessageBatchCommand({
            QueueUrl: urls.queue,
            Entries: notifications
              .slice(from, from + batchSize)
              .map((notification, index) => ({
                Id: String(index),
                MessageBody: JSON.stringify(notification),
                DelaySeconds: after,
              })),
          }),
        );
        if (Failed.length > 0)
          throw new Error("the queue did not take every notification");
      }
    },
    bury: async (notification) => {
      const { sdk, client } = await load();
      await client.send(
        new sdk.SendMessageCommand({
          QueueUrl: urls.deadLetters,
          MessageBody: JSON.stringify(notification),
        }),
      );
    },
  };
};
