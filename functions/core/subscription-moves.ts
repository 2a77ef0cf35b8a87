import type { Subscription, Task } from "@medplum/fhirtypes";
import { staffTask, taskSystem } from "./staff-task.ts";
import { ownerUrl, sealUrl } from "./subscription.ts";

/** Whether notifications are due, as far as the resource itself says. */
export const isInForce = ({ status, end }: Subscription, now: Date): boolean =>
  status === "active" && (end === undefined || Date.parse(end) > now.getTime());

/** The endpoint has answered: the subscription works, for its owner. */
export const activated = (
  subscription: Subscription,
  owner: string,
  seal: string,
): Subscription => {
  const { error: _error, extension = [], ...rest } = subscription;
  return {
    ...rest,
    status: "active",
    extension: [
      ...extension.filter(({ url }) => url !== ownerUrl && url !== sealUrl),
      { url: ownerUrl, valueString: owner },
      { url: sealUrl, valueString: seal },
    ],
  };
};

export const failed = (
  subscription: Subscription,
  error: string,
): Subscription => ({ ...subscription, status: "error", error });

/** For whoever knows the other side: nobody is told of changes any more. */
export const failureTask = (
  { id, version }: { readonly id: string; readonly version: string },
  authoredOn: string,
): Task =>
  staffTask({
    reason: "subscription-failed",
    identifier: {
      system: taskSystem,
      value: `subscription/${id}/${version}`,
    },
    authoredOn,
    focus: `Subscription/${id}`,
  });

export const ended = ({
  error: _error,
  ...subscription
}: Subscription): Subscription => ({ ...subscription, status: "off" });
