import * as z from "zod";
import { type Answer, awsError } from "./answer.ts";
import type { Behaviour, Carrier } from "./carrier.ts";

const Notification = z.object({
  Title: z.string().optional(),
  Body: z.string().optional(),
});
const SendMessages = z.object({
  Addresses: z.record(
    z.string(),
    z.object({ ChannelType: z.enum(["APNS", "APNS_SANDBOX", "GCM"]) }),
  ),
  MessageConfiguration: z.object({
    APNSMessage: Notification.optional(),
    GCMMessage: Notification.optional(),
    DefaultPushNotificationMessage: Notification.optional(),
  }),
});

/** `SendMessages` of Pinpoint for device tokens: 200 as a whole, a status per token. */
export const sendMessages = (
  applicationId: string,
  request: unknown,
  { carrier, newId }: { carrier: Carrier; newId: () => string },
): Answer | undefined => {
  const { success, data } = SendMessages.safeParse(request);
  if (!success)
    return awsError(400, "BadRequestException", "The request is not valid.");
  const { APNSMessage, GCMMessage, DefaultPushNotificationMessage } =
    data.MessageConfiguration;
  const results = Object.entries(data.Addresses).map(
    ([token, { ChannelType }]) => {
      const behaviour = carrier.behaviourFor(token);
      const result = outcomes[behaviour.answer];
      const { Title, Body = "" } =
        (ChannelType === "GCM" ? GCMMessage : APNSMessage) ??
        DefaultPushNotificationMessage ??
        {};
      if (result.DeliveryStatus === "SUCCESSFUL")
        carrier.deliver({
          channel: "push",
          direction: "to-patient",
          address: token,
          clinic: applicationId,
          text: Body,
          ...(Title !== undefined && { title: Title }),
        });
      return {
        token,
        lost: behaviour.answer === "lost",
        result: { ...result, MessageId: newId() },
      };
    },
  );
  if (results.some(({ lost }) => lost)) return undefined;
  const Result = Object.fromEntries(
    results.map(({ token, result }) => [token, result]),
  );
  return {
    status: 200,
    body: { ApplicationId: applicationId, RequestId: newId(), Result },
  };
};

const outcomes = {
  accepted: {
    DeliveryStatus: "SUCCESSFUL",
    StatusCode: 200,
    StatusMessage: "",
  },
  lost: { DeliveryStatus: "SUCCESSFUL", StatusCode: 200, StatusMessage: "" },
  throttled: {
    DeliveryStatus: "THROTTLED",
    StatusCode: 429,
    StatusMessage: "Rate exceeded.",
  },
  invalid: {
    DeliveryStatus: "PERMANENT_FAILURE",
    StatusCode: 410,
    StatusMessage: "Unregistered or expired token",
  },
  "opted-out": {
    DeliveryStatus: "OPT_OUT",
    StatusCode: 400,
    StatusMessage: "Opted out",
  },
  unavailable: {
    DeliveryStatus: "TEMPORARY_FAILURE",
    StatusCode: 503,
    StatusMessage: "Service unavailable",
  },
} as const satisfies Record<Behaviour["answer"], object>;
