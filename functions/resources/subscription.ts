import type { OperationOutcomeIssue, Subscription } from "@medplum/fhirtypes";
import {
  isPayloadServed,
  ownerOf,
  sealedPart,
  sealOf,
} from "../core/subscription.ts";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";
import { broken } from "./findings.ts";
import { start } from "./moves.ts";

export const subscription = {
  type: "Subscription",
  home: "directory",
  links: [],
  moves: {
    // Only the server says that one works.
    [start]: ["requested", "off"],
    requested: ["active", "error", "off"],
    active: ["requested", "error", "off"],
    error: ["requested", "off"],
    off: ["requested"],
  },
  invariants: (after, before) => [
    ...channelFindings(after.channel),
    ...activeFindings(after, before),
  ],
  event: entering({
    requested: "SubscriptionRequested",
    active: "SubscriptionActivated",
    error: "SubscriptionFailed",
    off: "SubscriptionEnded",
  }),
} as const satisfies Declaration<Subscription>;

/** A notification names what changed; who wants to know more asks for it with a token of its own. */
const channelFindings = (
  channel: Subscription["channel"],
): readonly OperationOutcomeIssue[] => [
  ...(channel.type === "rest-hook"
    ? []
    : [broken("Subscription.channel.type", "only rest-hook is served")]),
  ...(isEndpoint(channel.endpoint ?? "")
    ? []
    : [
        broken(
          "Subscription.channel.endpoint",
          "must be an https address without a user or a fragment",
        ),
      ]),
  ...(isPayloadServed(channel)
    ? []
    : [
        broken(
          "Subscription.channel.payload",
          "notifications hold ids, not resources: leave it out for empty ones, or give application/fhir+json with the extension backport-payload-content id-only",
        ),
      ]),
  ...(channel.header === undefined
    ? []
    : [
        broken(
          "Subscription.channel.header",
          "a resource keeps no secrets: check the signature of a notification instead",
        ),
      ]),
];

const isEndpoint = (text: string): boolean => {
  const url = URL.parse(text);
  return (
    url?.protocol === "https:" &&
    url.username === "" &&
    url.password === "" &&
    url.hash === ""
  );
};

/** `active` is the server's word, and for what it was asked: a changed question is asked anew. */
const activeFindings = (
  after: Subscription,
  before: Subscription | undefined,
): readonly OperationOutcomeIssue[] => {
  if (after.status !== "active") return [];
  if (ownerOf(after) === undefined || sealOf(after) === undefined)
    return [
      broken(
        "Subscription.status",
        "the server sets active when the endpoint has answered; ask with requested",
      ),
    ];
  const isSame =
    before?.status !== "active" || question(before) === question(after);
  return isSame
    ? []
    : [
        broken(
          "Subscription.status",
          "a change of criteria, channel or owner begins anew: set requested",
        ),
      ];
};

const question = (subscription: Subscription): string =>
  JSON.stringify([
    sealedPart(subscription, "", ownerOf(subscription) ?? ""),
    sealOf(subscription),
  ]);
