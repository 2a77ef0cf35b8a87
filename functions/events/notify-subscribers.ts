import type { Subscription } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { criteriaQuery } from "../core/subscription-criteria.ts";
import { ended, failed, isInForce } from "../core/subscription-moves.ts";
import { notificationId } from "../core/subscription-notification.ts";
import {
  liveNotifications,
  type Notification,
} from "../outbound/notifications.ts";
import { isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { countryOf } from "../resources/normalise.ts";
import { matches } from "../resources/search/match.ts";
import type { SearchQuery } from "../resources/search/query.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { batch } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import type { Kept, Stored } from "../store/records.ts";
import { subscriptionSecrets } from "../store/subscription-secrets.ts";
import {
  Change,
  changer,
  ifFault,
  ownerContext,
  system,
  takeSubscription,
  type Taking,
} from "./take-subscription.ts";

const ChangeEvent = z.object({ detail: Change });

/** A subscription that the server activated, understood. */
interface Active {
  readonly id: string;
  readonly owner: string;
  readonly query: SearchQuery;
}

const unproven =
  "Only the server sets active, and it did not for what is asked here. Ask again with requested.";

/**
 * Puts a notification into the queue for each subscription that a changed resource answers and whose owner may read it.
 * The version of the event is looked at, not a later one, so each version that answers is announced, whatever the order.
 */
export const notifySubscribers = (
  deps: Taking & Pick<Deps, "vault" | "now">,
) => {
  const secrets = subscriptionSecrets(deps.vault);
  const settle = changer(deps);
  const { records, notifications, clientScopes, log, now } = deps;

  /** Read once for all events of a batch: every event is younger than what made it. */
  const activeNow = async (requestId: string): Promise<readonly Active[]> => {
    const all = await records.change(system(requestId), (work) =>
      work.inDirectory("Subscription"),
    );
    const active: Active[] = [];
    for (const one of all.filter(({ status }) => status === "active")) {
      const owner = await secrets.provenOwner(one, one.id);
      const query = await understood(one);
      if (!isInForce(one, now())) await settle(one, requestId, ended(one));
      else if (owner === undefined || query === undefined)
        await settle(one, requestId, failed(one, unproven));
      else active.push({ id: one.id, owner, query });
    }
    return active;
  };

  const understood = (one: Subscription): Promise<SearchQuery | undefined> =>
    criteriaQuery(one.criteria, countryOf(deps.organization.phone)).catch(
      ifFault(() => undefined),
    );

  const announce = async (
    change: Change,
    subscriptions: readonly Active[],
  ): Promise<void> => {
    const { type, id, version, fact } = change;
    const concerned = subscriptions.filter(({ query }) => query.type === type);
    if (!isKnown(type) || concerned.length === 0) return;
    const resource = await read(system(fact), type, id, version);
    if (resource === undefined) return;
    const due: Notification[] = [];
    for (const { id: subscription, owner, query } of concerned) {
      if (!matches(query, resource)) continue;
      const context = ownerContext(clientScopes, owner, fact);
      // As the owner, so that permission is asked and the record says who learnt of it.
      const permitted =
        context === undefined
          ? undefined
          : await read(context, type, id, version);
      if (permitted === undefined) {
        log("NotificationWithheld", { id: subscription });
        continue;
      }
      const reference = `${type}/${id}`;
      due.push({
        kind: "event-notification",
        subscription,
        owner,
        notification: notificationId(subscription, reference, version),
        at: resource.meta.lastUpdated,
        focus: { reference, version },
        attempt: 1,
      });
    }
    await notifications.send(due);
  };

  /** Undefined when it is deleted, erased or not for the reader. */
  const read = (
    context: Context,
    type: KnownType,
    id: string,
    version: number,
  ): Promise<Stored<Kept> | undefined> =>
    records
      .readVersion(context, type, id, String(version))
      .catch(ifFault(() => undefined));

  return batch(ChangeEvent, async (messages) => {
    const failures: string[] = [];
    const subscriptions = await activeNow(messages[0]?.body.detail.fact ?? "");
    for (const { id, body } of messages) {
      try {
        if (body.detail.type === "Subscription")
          await takeSubscription(deps, body.detail);
        await announce(body.detail, subscriptions);
      } catch (error) {
        log.error("MessageFailed", { id }, error);
        failures.push(id);
      }
    }
    return failures;
  });
};

export const handler = live(notifySubscribers, {
  clientScopes: () => environment("CLIENT_SCOPES"),
  notifications: () =>
    liveNotifications({ queue: environment("NOTIFICATIONS_QUEUE") }),
});
