import type { Subscription } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Caller, Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { criteriaQuery, mayFollow } from "../core/subscription-criteria.ts";
import { ended, failed, isInForce } from "../core/subscription-moves.ts";
import { notificationId } from "../core/subscription-notification.ts";
import {
  liveNotifications,
  type Notification,
  type Notifications,
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

const ChangeEvent = z.object({
  detail: z.object({
    fact: z.string(),
    type: z.string(),
    id: z.string(),
    version: z.number(),
    by: z.string(),
  }),
});

type Change = z.infer<typeof ChangeEvent>["detail"];

/** A subscription that the server activated, understood. */
interface Active {
  readonly id: string;
  readonly owner: string;
  readonly query: SearchQuery;
}

interface Subscribing extends Pick<
  Deps,
  "records" | "vault" | "organization" | "now" | "log"
> {
  readonly notifications: Notifications;
  /** What each clinic system may do at most, by its name. */
  readonly clientScopes: Readonly<Record<string, readonly string[]>>;
}

const system = (requestId: string): Context => ({
  by: { kind: "system", id: "notify-subscribers" },
  purpose: "HOPERAT",
  requestId,
});

/**
 * Puts a notification into the queue for each subscription that a changed resource answers and whose owner may read it.
 * The version of the event is looked at, not a later one, so each version that answers is announced, whatever the order.
 */
export const notifySubscribers = (deps: Subscribing) => {
  const secrets = subscriptionSecrets(deps.vault);
  const { records, notifications, clientScopes, log, now } = deps;

  const ownerContext = (
    owner: string,
    requestId: string,
  ): Context | undefined => {
    const id = /^client:(.+)$/.exec(owner)?.[1];
    const scopes = id === undefined ? undefined : clientScopes[id];
    if (id === undefined || scopes === undefined) return undefined;
    const by: Caller = { kind: "client", id, scopes, token: "subscription" };
    return { by, purpose: "TREAT", requestId };
  };

  /** Read once for all events of a batch: every event is younger than what made it. */
  const activeNow = async (requestId: string): Promise<readonly Active[]> => {
    const all = await records.change(system(requestId), (work) =>
      work.inDirectory("Subscription"),
    );
    const active: Active[] = [];
    for (const one of all.filter(({ status }) => status === "active")) {
      if (!isInForce(one, now())) {
        await set(one.id, requestId, ended);
        continue;
      }
      const owner = await secrets.provenOwner(one, one.id);
      const query = await understood(one);
      if (owner !== undefined && query !== undefined)
        active.push({ id: one.id, owner, query });
    }
    return active;
  };

  const understood = (one: Subscription): Promise<SearchQuery | undefined> =>
    criteriaQuery(one.criteria, countryOf(deps.organization.phone)).catch(
      ifFault(() => undefined),
    );

  const set = (
    id: string,
    requestId: string,
    change: (subscription: Subscription) => Subscription,
  ): Promise<void> =>
    records.change(system(requestId), async (work) => {
      const subscription = await work.read("Subscription", id);
      if (subscription !== undefined && subscription.status !== "off")
        await work.update({ ...change(subscription), id });
    });

  /** Somebody asks for notifications: whoever asks is whom they are for. What is wrong with it is written into it. */
  const take = async ({ id, version, by, fact }: Change): Promise<void> => {
    const subscription = await records.change(system(fact), (work) =>
      work.read("Subscription", id),
    );
    if (subscription?.meta.versionId !== String(version)) return;
    if (subscription.status === "active" && !by.startsWith("system:")) {
      if ((await secrets.provenOwner(subscription, id)) === undefined)
        await set(id, fact, (one) =>
          failed(one, "Only the server sets active. Ask with requested."),
        );
      return;
    }
    if (subscription.status !== "requested") return;
    const objection = await objectionTo(subscription, by, fact);
    if (objection !== undefined) {
      log("SubscriptionRefused", { id });
      return set(id, fact, (one) => failed(one, objection));
    }
    await notifications.send([
      {
        kind: "handshake",
        subscription: id,
        version: String(version),
        owner: by,
        notification: notificationId(id, `Subscription/${id}`, version),
        at: subscription.meta.lastUpdated,
        attempt: 1,
      },
    ]);
  };

  const objectionTo = async (
    { criteria }: Subscription,
    by: string,
    fact: string,
  ): Promise<string | undefined> => {
    const context = ownerContext(by, fact);
    if (context?.by.kind !== "client")
      return "Only a clinic system of this organization may subscribe.";
    const query = await criteriaQuery(
      criteria,
      countryOf(deps.organization.phone),
    ).catch(ifFault(({ message }) => message));
    if (typeof query === "string") return query;
    return mayFollow(context.by.scopes, query.type)
      ? undefined
      : `The scopes of this clinic system do not let it read and search ${query.type}.`;
  };

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
      const context = ownerContext(owner, fact);
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
        if (body.detail.type === "Subscription") await take(body.detail);
        await announce(body.detail, subscriptions);
      } catch (error) {
        log.error("MessageFailed", { id }, error);
        failures.push(id);
      }
    }
    return failures;
  });
};

/** What a refusal of the record or of a search means here; trouble on our side is thrown on, and the event comes again. */
const ifFault =
  <T>(then: (fault: Fault) => T) =>
  (error: unknown): T => {
    if (error instanceof Fault && error.status < 500) return then(error);
    throw error;
  };

export const handler = live(notifySubscribers, {
  clientScopes: () => environment("CLIENT_SCOPES"),
  notifications: () =>
    liveNotifications({ queue: environment("NOTIFICATIONS_QUEUE") }),
});
