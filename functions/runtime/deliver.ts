import { answered, type Delivery } from "../core/communication.ts";
import type { Context } from "../core/caller.ts";
import { isRefused, optOut } from "../core/consent.ts";
import { staffTask, taskSystem } from "../core/staff-task.ts";
import type { Outbound } from "../outbound/channels.ts";
import type { Deps } from "./dependencies.ts";

export interface Handover {
  readonly id: string;
  readonly outbound: Outbound;
  readonly at: string;
  /** There is no other address to try. */
  readonly isLast?: boolean;
}

/**
 * Hands a message, whose intent stands in the record with status `preparation`, to its provider and records the answer.
 * To be called once per intent, by whoever committed it. A provider that knows of an opt-out is believed.
 */
export const deliver = async (
  { records, channels, log }: Pick<Deps, "records" | "channels" | "log">,
  context: Context,
  { id, outbound, at, isLast = false }: Handover,
): Promise<Delivery> => {
  const delivery = await channels.send(outbound);
  await records.change(context, async (work) => {
    const communication = await work.read("Communication", id);
    if (communication?.status !== "preparation") return;
    const after = answered(communication, delivery, at);
    const isWithheld = delivery.outcome === "withheld";
    const isOver =
      isLast &&
      (isWithheld || (delivery.outcome === "refused" && delivery.permanent));
    await work.update({
      ...after,
      ...(isOver && { status: "not-done" as const }),
      id,
    });
    const patientId = communication.subject?.reference?.slice(
      "Patient/".length,
    );
    if (isOver && isWithheld)
      await work.create(
        staffTask({
          reason: "unreachable",
          identifier: { system: taskSystem, value: `withheld/${id}` },
          authoredOn: at,
          patientId,
          focus: `Communication/${id}`,
        }),
      );
    if (
      delivery.outcome !== "refused" ||
      delivery.reason !== "opted-out" ||
      patientId === undefined
    )
      return;
    const consents = await work.ofPatient("Consent", patientId);
    if (!isRefused(consents, outbound.channel, "", at))
      await work.create(optOut(patientId, outbound.channel, at));
  });
  const { channel } = outbound;
  if (delivery.outcome === "accepted") log("MessageSent", { id, channel });
  else
    log("MessageFailed", {
      id,
      channel,
      reason: "reason" in delivery ? delivery.reason : "unknown-outcome",
    });
  return delivery;
};
