import type { Message } from "./carrier.ts";

/** An event as AWS puts it on the default bus. */
export interface ServiceEvent {
  readonly Source: "aws.sms-voice" | "aws.ses";
  readonly DetailType: string;
  readonly Detail: string;
}

/**
 * The delivery event of AWS End User Messaging or SES. As on AWS the SMS event names no destination, so a receipt
 * belongs to its message by id alone.
 */
export const receipt = (
  of: Omit<Message, "direction" | "text" | "receipts">,
  eventType: string,
  at: Date,
): ServiceEvent =>
  of.channel === "email"
    ? emailEvent(of, eventType, at)
    : textEvent(of, eventType, at);

const textEvent = (
  of: Parameters<typeof receipt>[0],
  eventType: string,
  at: Date,
): ServiceEvent => ({
  Source: "aws.sms-voice",
  DetailType: "Text Message Delivery Status Updated",
  Detail: JSON.stringify({
    eventType,
    eventVersion: "1.0",
    eventTimestamp: at.getTime(),
    isFinal: ![
      "TEXT_QUEUED",
      "TEXT_PENDING",
      "TEXT_SENT",
      "TEXT_SUCCESSFUL",
    ].includes(eventType),
    originationPhoneNumber: of.clinic,
    isoCountryCode: "US",
    isInternationalSend: false,
    messageId: of.id,
    messageRequestTimestamp: Date.parse(of.at),
    messageEncoding: "GSM",
    messageType: "TRANSACTIONAL",
    messageStatus: eventType.replace(/^TEXT_/, ""),
    messageStatusDescription:
      descriptions[eventType] ?? "Message status updated",
    totalMessageParts: 1,
    totalMessagePrice: 0.00581,
    totalCarrierFee: 0.00302,
  }),
});

const descriptions: Readonly<Record<string, string>> = {
  TEXT_SUCCESSFUL: "Message has been accepted by phone carrier",
  TEXT_DELIVERED: "Message has been delivered to the phone",
  TEXT_UNREACHABLE: "Phone is currently unreachable/unavailable",
  TEXT_CARRIER_BLOCKED: "Message was blocked by the phone carrier",
  TEXT_INVALID: "Phone number is invalid",
  TEXT_TTL_EXPIRED: "Message expired before it was delivered",
};

const detailTypes: Readonly<Record<string, string>> = {
  Send: "Email Sent",
  Delivery: "Email Delivered",
  Bounce: "Email Bounced",
  Complaint: "Email Complaint Received",
  Reject: "Email Rejected",
  DeliveryDelay: "Email Delivery Delayed",
};

const emailEvent = (
  of: Parameters<typeof receipt>[0],
  eventType: string,
  at: Date,
): ServiceEvent => {
  const timestamp = at.toISOString();
  const parts: Readonly<Record<string, object>> = {
    Send: { send: {} },
    Delivery: {
      delivery: {
        timestamp,
        processingTimeMillis: 420,
        recipients: [of.address],
        smtpResponse: "250 2.6.0 Message received",
      },
    },
    Bounce: {
      bounce: {
        timestamp,
        feedbackId: of.id,
        bounceType: "Permanent",
        bounceSubType: "General",
        bouncedRecipients: [
          { emailAddress: of.address, action: "failed", status: "5.1.1" },
        ],
      },
    },
    Complaint: {
      complaint: {
        timestamp,
        feedbackId: of.id,
        complaintSubType: null,
        complainedRecipients: [{ emailAddress: of.address }],
      },
    },
    Reject: { reject: { reason: "Bad content" } },
    DeliveryDelay: {
      deliveryDelay: {
        timestamp,
        delayType: "TransientCommunicationFailure",
        delayedRecipients: [{ emailAddress: of.address }],
      },
    },
  };
  const mail = {
    timestamp: of.at,
    source: of.clinic,
    messageId: of.id,
    destination: [of.address],
    headersTruncated: false,
    tags: {
      "ses:configuration-set":
        of.configurationSet === undefined ? [] : [of.configurationSet],
    },
  };
  return {
    Source: "aws.ses",
    DetailType: detailTypes[eventType] ?? "Email Sent",
    Detail: JSON.stringify({ eventType, mail, ...parts[eventType] }),
  };
};
