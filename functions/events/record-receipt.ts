import type { Communication } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { providerSystem, reasonOf } from "../core/communication.ts";
import { isRefused, optOut } from "../core/consent.ts";
import { Fault } from "../core/fault.ts";
import {
  advances,
  emailReceipt,
  smsReceipt,
  type Receipt,
} from "../core/receipts.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";

/** Delivery events as EventBridge brings them; only what is needed of them is read. */
const DeliveryEvent = z.discriminatedUnion("source", [
  z.object({
    source: z.literal("aws.sms-voice"),
    id: z.string(),
    detail: z.object({
      eventType: z.string(),
      messageId: z.string(),
      isFinal: z.boolean().default(false),
    }),
  }),
  z.object({
    source: z.literal("aws.ses"),
    id: z.string(),
    detail: z.object({
      eventType: z.string(),
      mail: z.object({ messageId: z.string() }),
      bounce: z.object({ bounceType: z.string() }).optional(),
    }),
  }),
]);
type DeliveryEvent = z.infer<typeof DeliveryEvent>;

/**
 * Moves a message forward by what its provider reports. Throws UnknownMessage when no message has the provider's id: it may
 * not be written yet, so the queue brings the receipt again, and in the end keeps it as a dead letter.
 */
export const recordReceipt = ({
  records,
  now,
  log,
}: Pick<Deps, "records" | "now" | "log">) =>
  event(DeliveryEvent, async (delivery) => {
    const { channel, messageId, receipt } = read(delivery);
    if (receipt === undefined) return;
    const context: Context = {
      by: { kind: "system", id: "record-receipt" },
      purpose: "TREAT",
      requestId: delivery.id,
    };
    const advanced = await records.change(context, async (work) => {
      const [communication] = await work.byIdentifier(
        "Communication",
        providerSystem(channel),
        messageId,
      );
      if (communication === undefined)
        throw new Fault(
          "UnknownMessage",
          404,
          "No message of ours has this provider's id, or not yet.",
        );
      const patient = communication.subject?.reference?.slice(
        "Patient/".length,
      );
      if (receipt.reason === "complaint" && patient !== undefined) {
        const at = now().toISOString();
        if (
          !isRefused(await work.ofPatient("Consent", patient), channel, "", at)
        )
          await work.create(optOut(patient, channel, at));
      }
      if (!advances(communication.status, receipt)) return undefined;
      await work.update({
        ...moved(communication, receipt),
        id: communication.id,
      });
      return communication.id;
    });
    if (advanced === undefined) return;
    if (receipt.status === "completed")
      log("MessageDelivered", { id: advanced, channel });
    else
      log("MessageFailed", {
        id: advanced,
        channel,
        reason: receipt.reason ?? "undelivered",
      });
  });

const moved = (
  { statusReason: _, ...communication }: Communication,
  { status, reason }: Receipt,
): Communication => ({
  ...communication,
  status,
  ...(reason !== undefined && { statusReason: reasonOf(reason) }),
});

const read = (
  delivery: DeliveryEvent,
): {
  channel: "sms" | "email";
  messageId: string;
  receipt: Receipt | undefined;
} => {
  if (delivery.source === "aws.sms-voice") {
    const { eventType, messageId, isFinal } = delivery.detail;
    return {
      channel: "sms",
      messageId,
      receipt: smsReceipt(eventType, isFinal),
    };
  }
  const { eventType, mail, bounce } = delivery.detail;
  return {
    channel: "email",
    messageId: mail.messageId,
    receipt: emailReceipt(eventType, bounce?.bounceType),
  };
};

export const handler = live(recordReceipt);
