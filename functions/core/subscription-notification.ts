import { createHash } from "node:crypto";
import type { Bundle, Subscription } from "@medplum/fhirtypes";

/** The same for the same version of the same resource, however often it is announced: receivers tell repetitions by it. */
export const notificationId = (
  subscription: string,
  focus: string,
  version: number,
): string =>
  createHash("sha256")
    .update(JSON.stringify([subscription, focus, version]))
    .digest("hex")
    .slice(0, 32);

export interface Announcement {
  readonly notification: string;
  readonly kind: "handshake" | "event-notification";
  readonly at: string;
  readonly focus?:
    { readonly reference: string; readonly version: number } | undefined;
}

/** The body of a notification: references, never resources. Empty when the subscription names no payload, as R4 has it. */
export const notificationBody = (
  { status, channel }: Subscription,
  id: string,
  { notification, kind, at, focus }: Announcement,
): string => {
  if (channel.payload === undefined) return "";
  const self = `Subscription/${id}`;
  const bundle: Bundle = {
    resourceType: "Bundle",
    id: notification,
    type: "history",
    timestamp: at,
    entry: [
      {
        resource: {
          resourceType: "Parameters",
          parameter: [
            { name: "subscription", valueReference: { reference: self } },
            { name: "status", valueCode: status },
            { name: "type", valueCode: kind },
            ...(focus === undefined
              ? []
              : [
                  {
                    name: "notification-event",
                    part: [
                      { name: "timestamp", valueInstant: at },
                      {
                        name: "focus",
                        valueReference: { reference: focus.reference },
                      },
                    ],
                  },
                ]),
          ],
        },
        request: { method: "GET", url: self },
        response: { status: "200" },
      },
      ...(focus === undefined
        ? []
        : [
            {
              request:
                focus.version === 1
                  ? ({
                      method: "POST",
                      url: focus.reference.replace(/\/.*$/, ""),
                    } as const)
                  : ({ method: "PUT", url: focus.reference } as const),
              response: {
                status: focus.version === 1 ? "201" : "200",
                etag: `W/"${String(focus.version)}"`,
              },
            },
          ]),
    ],
  };
  return JSON.stringify(bundle);
};
