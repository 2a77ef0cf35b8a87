/** What a delivery receipt makes of a message. */
export interface Receipt {
  readonly status: "completed" | "not-done";
  /** It arrived after all: stands against any failure that was reported, so that the end does not hang on the order of receipts. */
  readonly isProof?: true;
  readonly reason?:
    | "invalid-address"
    | "blocked"
    | "opted-out"
    | "expired"
    | "complaint"
    | "undelivered";
}

/** End User Messaging: eventType to outcome; SUCCESSFUL is the carrier's yes, which for many is the last word. */
const sms: Readonly<Record<string, Receipt>> = {
  TEXT_DELIVERED: { status: "completed", isProof: true },
  TEXT_INVALID: { status: "not-done", reason: "invalid-address" },
  TEXT_INVALID_MESSAGE: { status: "not-done", reason: "undelivered" },
  TEXT_UNREACHABLE: { status: "not-done", reason: "undelivered" },
  TEXT_CARRIER_UNREACHABLE: { status: "not-done", reason: "undelivered" },
  TEXT_BLOCKED: { status: "not-done", reason: "blocked" },
  TEXT_CARRIER_BLOCKED: { status: "not-done", reason: "blocked" },
  TEXT_PROTECT_BLOCKED: { status: "not-done", reason: "blocked" },
  TEXT_SPAM: { status: "not-done", reason: "blocked" },
  TEXT_TTL_EXPIRED: { status: "not-done", reason: "expired" },
};

/** Undefined while the message is on its way. */
export const smsReceipt = (
  eventType: string,
  isFinal: boolean,
): Receipt | undefined =>
  sms[eventType] ??
  (eventType === "TEXT_SUCCESSFUL" && isFinal
    ? { status: "completed", isProof: true }
    : undefined);

/** SES: a bounce event is final; SES has retried what was temporary before it says so. */
export const emailReceipt = (
  eventType: string,
  bounceType?: string,
): Receipt | undefined => {
  switch (eventType) {
    case "Delivery":
      return { status: "completed" };
    case "Bounce":
      return {
        status: "not-done",
        reason: bounceType === "Permanent" ? "invalid-address" : "undelivered",
      };
    case "Reject":
    case "Rendering Failure":
      return { status: "not-done", reason: "undelivered" };
    case "Complaint":
      return { status: "not-done", reason: "complaint" };
    default:
      return undefined;
  }
};

/**
 * A receipt moves a message forward only: what has ended stays as it ended, whatever comes late, twice or in another order. One
 * exception: a text that the carrier delivered was delivered, though it had called the phone unreachable before. (An e-mail
 * server's yes proves nothing: it may bounce later.)
 */
export const advances = (status: string, receipt: Receipt): boolean =>
  receipt.status !== status &&
  (open.includes(status) ||
    (status === "not-done" && receipt.isProof === true));

const open: readonly string[] = ["preparation", "in-progress"];
