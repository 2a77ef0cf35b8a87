import type { Subscription } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Caller, Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { criteriaQuery, mayFollow } from "../core/subscription-criteria.ts";
import { failed } from "../core/subscription-moves.ts";
import { notificationId } from "../core/subscription-notification.ts";
import type { Notifications } from "../outbound/notifications.ts";
import { countryOf } from "../resources/normalise.ts";
import type { Deps } from "../runtime/dependencies.ts";
import type { Stored } from "../store/records.ts";

export const Change = z.object({
  fact: z.string(),
  type: z.string(),
  id: z.string(),
  version: z.number(),
  by: z.string(),
});
export type Change = z.infer<typeof Change>;

/** What each clinic system may do at most, by its name. */
export type ClientScopes = Readonly<Record<string, readonly string[]>>;

export interface Taking extends Pick<Deps, "records" | "organization" | "log"> {
  readonly notifications: Notifications;
  readonly clientScopes: ClientScopes;
}

export const system = (requestId: string): Context => ({
  by: { kind: "system", id: "notify-subscribers" },
  purpose: "HOPERAT",
  requestId,
});

/** The owner of a subscription as a caller, with what the organization grants it now; undefined for anybody but a clinic system. */
export const ownerContext = (
  clientScopes: ClientScopes,
  owner: string,
  requestId: string,
): Context | undefined => {
  const id = /^client:(.+)$/.exec(owner)?.[1];
  const scopes = id === undefined ? undefined : clientScopes[id];
  if (id === undefined || scopes === undefined) return undefined;
  const by: Caller = { kind: "client", id, scopes, token: "subscription" };
  return { by, purpose: "TREAT", requestId };
};

/** What a refusal of the record or of a search means; trouble on our side is thrown on, and the event comes again. */
export const ifFault =
  <T>(then: (fault: Fault) => T) =>
  (error: unknown): T => {
    if (error instanceof Fault && error.status < 500) return then(error);
    throw error;
  };

/** Changes it as the server, unless somebody has changed it since it was seen. */
export const changer =
  ({ records }: Pick<Deps, "records">) =>
  (
    seen: Stored<Subscription>,
    requestId: string,
    after: Subscription,
  ): Promise<void> =>
    records.change(system(requestId), async (work) => {
      const before = await work.read("Subscription", seen.id);
      if (before?.meta.versionId === seen.meta.versionId)
        await work.update({ ...after, id: seen.id });
    });

/** Somebody asks for notifications: whoever asks is whom they are for. What is wrong with it is written into it. */
export const takeSubscription = async (
  deps: Taking,
  { id, version, by, fact }: Change,
): Promise<void> => {
  const { records, notifications, log } = deps;
  const subscription = await records.change(system(fact), (work) =>
    work.read("Subscription", id),
  );
  if (
    subscription?.meta.versionId !== String(version) ||
    subscription.status !== "requested"
  )
    return;
  const objection = await objectionTo(deps, subscription, by);
  if (objection !== undefined) {
    log("SubscriptionRefused", { id });
    const after = failed(subscription, objection);
    await changer(deps)(subscription, fact, after);
    return;
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
  { clientScopes, organization }: Taking,
  { criteria }: Subscription,
  by: string,
): Promise<string | undefined> => {
  const context = ownerContext(clientScopes, by, "");
  if (context?.by.kind !== "client")
    return "Only a clinic system of this organization may subscribe.";
  const query = await criteriaQuery(
    criteria,
    countryOf(organization.phone),
  ).catch(ifFault(({ message }) => message));
  if (typeof query === "string") return query;
  return mayFollow(context.by.scopes, query.type)
    ? undefined
    : `The scopes of this clinic system do not let it read and search ${query.type}.`;
};
