import type { Announcement } from "./subscription-notification.ts";

/** What came of a request to a subscriber's endpoint; never anything that the endpoint wrote. */
export type Posted =
  | { readonly outcome: "answered"; readonly status: number }
  | { readonly outcome: "failed"; readonly reason: PostFailure };

export type PostFailure =
  | "timeout"
  | "unresolved"
  | "forbidden-address"
  | "vendor-agreement"
  | "tls"
  | "unreachable";

export type Verdict =
  | { readonly is: "delivered" }
  /** In so many seconds, with the same id. */
  | { readonly is: "again"; readonly after: number }
  /** The receiver wants no more. */
  | { readonly is: "unwanted" }
  | { readonly is: "given-up" };

/** A handshake that fails is its developer's to mend, at once; an event is tried for about four hours. */
const attempts: Readonly<Record<Announcement["kind"], number>> = {
  handshake: 3,
  "event-notification": 20,
};

/** SQS delays no message for longer. */
const longestDelay = 900;

/**
 * What to do after an attempt, counted from 1. The wait doubles from a minute to a quarter of an hour; `chance`, from 0 to 1,
 * spreads it over its upper half, so that receivers that come back are not met by everything at once.
 */
export const verdict = (
  posted: Posted,
  { kind, attempt }: Pick<Announcement, "kind"> & { readonly attempt: number },
  chance: number,
): Verdict => {
  const status = posted.outcome === "answered" ? posted.status : undefined;
  if (status !== undefined && status >= 200 && status < 300)
    return { is: "delivered" };
  if (status === 410) return { is: "unwanted" };
  const isForbidden =
    posted.outcome === "failed" &&
    (posted.reason === "forbidden-address" ||
      posted.reason === "vendor-agreement");
  if (isForbidden || attempt >= attempts[kind]) return { is: "given-up" };
  const longest = Math.min(longestDelay, 60 * 2 ** (attempt - 1));
  return { is: "again", after: Math.round(longest * (0.5 + chance / 2)) };
};

const reasons: Readonly<Record<PostFailure, string>> = {
  timeout: "did not answer within 5 seconds",
  unresolved: "has a host name that does not resolve",
  "forbidden-address": "is at an address that notifications may not go to",
  "vendor-agreement":
    "belongs to nobody whom an agreement that is in force binds for what it would learn",
  tls: "has a certificate that is not trusted",
  unreachable: "could not be reached",
};

/** Of what went wrong, for the subscription's `error` and for logs. */
export const failureText = (posted: Posted): string =>
  `The endpoint ${
    posted.outcome === "failed"
      ? reasons[posted.reason]
      : posted.status >= 300 && posted.status < 400
        ? `redirected (${String(posted.status)}); redirects are not followed`
        : `answered ${String(posted.status)}`
  }.`;

/** For logs; only the reason becomes a metric, so it does not tell one status of a kind from another. */
export const failureCode = (
  posted: Posted,
): { readonly reason: string; readonly status?: number } =>
  posted.outcome === "failed"
    ? { reason: posted.reason }
    : {
        reason: `status-${String(Math.floor(posted.status / 100))}xx`,
        status: posted.status,
      };
