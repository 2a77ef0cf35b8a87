import { createHmac } from "node:crypto";
import type { Subscription } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { idOnly } from "../core/subscription.ts";
import {
  activated,
  ended,
  failed,
  failureTask,
  isInForce,
} from "../core/subscription-moves.ts";
import { notificationBody } from "../core/subscription-notification.ts";
import { classesOfType, hostMayLearn } from "../core/vendors.ts";
import {
  failureCode,
  failureText,
  verdict,
  type Posted,
} from "../core/subscription-delivery.ts";
import {
  liveNotifications,
  Notification,
  type Notifications,
} from "../outbound/notifications.ts";
import { liveWebHook, type WebHook } from "../outbound/web-hook.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { batch } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import type { Stored } from "../store/records.ts";
import { subscriptionSecrets } from "../store/subscription-secrets.ts";

interface Delivering extends Pick<Deps, "records" | "vault" | "now" | "log"> {
  readonly notifications: Notifications;
  readonly webHook: WebHook;
  /** From 0 to 1. */
  readonly chance: () => number;
}

/**
 * Takes notifications to their endpoints, those of a batch at once. The subscription is read again before each attempt; one
 * that fails goes back into the queue with a delay, and in the end to staff and to the dead letters.
 */
export const deliverNotification = ({
  records,
  vault,
  notifications,
  webHook,
  chance,
  now,
  log,
}: Delivering) => {
  const secrets = subscriptionSecrets(vault);

  const deliver = async (notification: Notification): Promise<void> => {
    const { subscription: id, kind, attempt } = notification;
    const subscription = await records.change(contextOf(notification), (work) =>
      work.read("Subscription", id),
    );
    if (
      subscription === undefined ||
      !(await isDue(subscription, notification))
    ) {
      log("NotificationDropped", { id });
      return;
    }
    const posted = await post(subscription, notification);
    const next = verdict(posted, { kind, attempt }, chance());
    if (next.is === "delivered") {
      log("NotificationDelivered", { id, reason: kind });
      if (kind === "handshake") await activate(notification);
      return;
    }
    log("NotificationRefused", { id, ...failureCode(posted) });
    if (posted.outcome === "failed" && posted.reason === "vendor-agreement")
      log("VendorRefused", { id, channel: "subscriptions" });
    if (next.is === "again")
      await notifications.send(
        [{ ...notification, attempt: attempt + 1 }],
        next.after,
      );
    else if (next.is === "unwanted")
      await settle(notification, (one) => ended(one));
    else await giveUp(notification, posted);
  };

  /** Whether it still wants this, for the one for whom it was meant. */
  const isDue = async (
    subscription: Stored<Subscription>,
    { kind, version, owner, subscription: id }: Notification,
  ): Promise<boolean> =>
    kind === "handshake"
      ? subscription.status === "requested" &&
        subscription.meta.versionId === version
      : isInForce(subscription, now()) &&
        (await secrets.provenOwner(subscription, id)) === owner;

  const post = async (
    subscription: Subscription,
    notification: Notification,
  ): Promise<Posted> => {
    const { subscription: id, owner, kind } = notification;
    const body = notificationBody(subscription, id, notification);
    const secret = await secrets.signingSecret(id, owner);
    const seconds = Math.floor(now().getTime() / 1000);
    return webHook.post({
      url: subscription.channel.endpoint ?? "",
      headers: {
        ...(body !== "" && { "content-type": `${idOnly}; charset=utf-8` }),
        "user-agent": "Sojourn",
        "x-sojourn-event": kind,
        "x-sojourn-notification": notification.notification,
        "x-sojourn-subscription": id,
        "x-sojourn-signature": signature(secret, seconds, body),
      },
      body,
      tells: classesOfType(
        body === "" ? undefined : notification.focus?.reference.split("/")[0],
      ),
    });
  };

  const activate = async (notification: Notification): Promise<void> => {
    const { subscription: id, owner } = notification;
    await settle(notification, async (one) =>
      activated(one, owner, await secrets.seal(one, id, owner)),
    );
    log("SubscriptionActivated", { id });
  };

  const giveUp = async (
    notification: Notification,
    posted: Posted,
  ): Promise<void> => {
    const { subscription: id, kind } = notification;
    await settle(notification, (one) => failed(one, failureText(posted)));
    log("SubscriptionFailed", { id, ...failureCode(posted) });
    if (kind === "event-notification")
      // Whoever sends it again gives it all its attempts.
      await notifications.bury({ ...notification, attempt: 1 });
  };

  /** Changes the subscription if it still is what the notification was for; a failure in service is also a task for staff. */
  const settle = (
    notification: Notification,
    change: (one: Subscription) => Subscription | Promise<Subscription>,
  ): Promise<void> =>
    records.change(contextOf(notification), async (work) => {
      const { subscription: id, kind } = notification;
      const before = await work.read("Subscription", id);
      if (before === undefined || !(await isDue(before, notification))) return;
      const after = await work.update({ ...(await change(before)), id });
      if (after.status !== "error" || kind === "handshake") return;
      const { versionId: version } = after.meta;
      await work.create(failureTask({ id, version }, now().toISOString()));
    });

  return batch(Notification, async (messages) => {
    const failures = await Promise.all(
      messages.map(async ({ id, body }) => {
        try {
          await deliver(body);
          return [];
        } catch (error) {
          log.error("MessageFailed", { id }, error);
          return [id];
        }
      }),
    );
    return failures.flat();
  });
};

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 over `<seconds>.<body>`. */
const signature = (secret: string, seconds: number, body: string): string =>
  `t=${String(seconds)},v1=${createHmac("sha256", secret)
    .update(`${String(seconds)}.${body}`)
    .digest("hex")}`;

const contextOf = ({ notification }: Notification): Context => ({
  by: { kind: "system", id: "deliver-notification" },
  purpose: "HOPERAT",
  requestId: notification,
});

export const handler = live(
  ({ records, vault, now, log, organization }: Deps) =>
    deliverNotification({
      ...{ records, vault, now, log, chance: Math.random },
      notifications: liveNotifications({
        queue: environment("NOTIFICATIONS_QUEUE"),
        deadLetters: environment("NOTIFICATIONS_DEAD_LETTERS"),
      }),
      webHook: liveWebHook({
        networks: organization.notifiableNetworks ?? [],
        mayLearn: (host, tells) =>
          hostMayLearn(organization, host, tells, now()),
      }),
    }),
);
