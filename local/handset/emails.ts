import * as z from "zod";
import { awsError } from "./answer.ts";
import type { Carrier } from "./carrier.ts";
import type { Sent } from "./text-messages.ts";

const Part = z.object({ Data: z.string() });
const SendEmail = z.object({
  FromEmailAddress: z.string(),
  ConfigurationSetName: z.string().optional(),
  Destination: z.object({ ToAddresses: z.array(z.string()).length(1) }),
  Content: z.object({
    Simple: z.object({
      Subject: Part,
      Body: z.object({ Text: Part.optional(), Html: Part.optional() }),
    }),
  }),
});

/** `SendEmail` of SES version 2, for one recipient and a simple body. */
export const sendEmail = (request: unknown, carrier: Carrier): Sent => {
  const { success, data } = SendEmail.safeParse(request);
  if (!success)
    return {
      answer: awsError(400, "BadRequestException", "The request is not valid."),
    };
  const [address = ""] = data.Destination.ToAddresses;
  if (!z.email().safeParse(address).success)
    return { answer: awsError(400, "BadRequestException", "Illegal address.") };
  const behaviour = carrier.behaviourFor(address);
  if (behaviour.answer === "throttled")
    return {
      answer: awsError(
        429,
        "TooManyRequestsException",
        "Maximum sending rate exceeded.",
      ),
    };
  if (behaviour.answer === "unavailable")
    return {
      answer: awsError(
        503,
        "ServiceUnavailable",
        "The service is not available.",
      ),
    };
  if (behaviour.answer === "invalid" || behaviour.answer === "opted-out")
    return {
      answer: awsError(
        400,
        "MessageRejected",
        "Email address is not verified.",
      ),
    };

  const { ConfigurationSetName: configurationSet } = data;
  const { Subject, Body } = data.Content.Simple;
  const message = carrier.deliver({
    channel: "email",
    direction: "to-patient",
    address,
    clinic: data.FromEmailAddress,
    title: Subject.Data,
    ...(configurationSet !== undefined && { configurationSet }),
    text: Body.Text?.Data ?? Body.Html?.Data.replaceAll(/<[^>]*>/g, "") ?? "",
  });
  return {
    answer:
      behaviour.answer === "lost"
        ? undefined
        : { status: 200, body: { MessageId: message.id } },
    message,
    receipts: behaviour.receipts ?? ["Send", "Delivery"],
    delay: behaviour.delay,
    copies: behaviour.copies,
  };
};
