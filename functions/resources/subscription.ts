import type { Subscription } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { broken } from "./findings.ts";
import { start } from "./moves.ts";
import { entering } from "./entering.ts";

export const subscription = {
  type: "Subscription",
  home: "directory",
  links: [],
  moves: {
    // Only the server says that one works.
    [start]: ["requested", "off"],
    requested: ["active", "error", "off"],
    active: ["error", "off"],
    error: ["requested", "active", "off"],
    off: ["requested"],
  },
  // A notification names what changed; who wants to know more asks for it with a token of its own.
  invariants: ({ channel }) => [
    ...(channel.type === "rest-hook"
      ? []
      : [broken("Subscription.channel.type", "only rest-hook is served")]),
    ...((channel.endpoint ?? "").startsWith("https://")
      ? []
      : [broken("Subscription.channel.endpoint", "must be an https address")]),
    ...(channel.payload === undefined
      ? []
      : [
          broken(
            "Subscription.channel.payload",
            "notifications hold ids, not resources",
          ),
        ]),
  ],
  event: entering({
    active: "SubscriptionActivated",
    error: "SubscriptionFailed",
    off: "SubscriptionEnded",
  }),
} as const satisfies Declaration<Subscription>;
