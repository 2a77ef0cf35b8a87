import type { Communication } from "@medplum/fhirtypes";
import { phoneNumber } from "../core/addresses.ts";
import type { Context } from "../core/caller.ts";
import {
  inboundSystem,
  messageSystem,
  prepared,
  withheld,
} from "../core/communication.ts";
import { Fault } from "../core/fault.ts";
import { receivedText, targetOf } from "../core/inbound.ts";
import { staffTask, taskSystem } from "../core/staff-task.ts";
import { deliver } from "../runtime/deliver.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { actOnReply } from "./act-on-reply.ts";
import { InboundText, type Taken, type Taking } from "./inbound-text.ts";
import { patientsAt } from "./senders.ts";

/**
 * Takes in a text message once: what it asks for is done with the record at once, whatever it does not clearly say is
 * brought before a person, and the sender gets at most one answer.
 */
export const receiveSms = (
  deps: Pick<Deps, "records" | "channels" | "organization" | "now" | "log">,
) =>
  event(InboundText, async (text) => {
    const context: Context = {
      by: { kind: "system", id: "receive-sms" },
      purpose: "TREAT",
      requestId: text.inboundMessageId,
    };
    const at = deps.now().toISOString();
    const taken = await deps.records.change(context, (work) =>
      take({ work, text, at, organization: deps.organization }),
    );
    if (taken.meaning !== "repeated")
      deps.log("ReplyReceived", { reason: taken.meaning });
    if (taken.optedOut !== undefined && taken.optedOut > 0)
      deps.log("PatientOptedOut", { channel: "sms", count: taken.optedOut });
    if (taken.task !== undefined)
      deps.log("TaskRaised", { id: taken.task.id, reason: taken.task.reason });
    if (taken.answer === undefined) return;
    const delivery = await deliver(deps, context, {
      ...taken.answer,
      at,
      isLast: true,
    });
    if (delivery.outcome === "refused" && !delivery.permanent)
      throw new Fault(
        "ChannelUnavailable",
        503,
        "The provider of this channel takes no message just now.",
      );
  });

/** Everything about one inbound message within one transaction. */
const take = async (taking: Taking): Promise<Taken> => {
  const { work, text, at, organization } = taking;
  const [before] = await work.byIdentifier(
    "Communication",
    inboundSystem,
    text.inboundMessageId,
  );
  if (before !== undefined) return again(taking);
  const number = phoneNumber(text.originationNumber, organization.phone);
  const patients = number === undefined ? [] : await patientsAt(taking, number);
  const [first] = patients;
  if (number === undefined || first === undefined) return unknownSender(taking);
  const communications = (
    await Promise.all(
      patients.map(({ id }) => work.ofPatient("Communication", id)),
    )
  ).flat();
  const appointments = (
    await Promise.all(
      patients.map(({ id }) => work.ofPatient("Appointment", id)),
    )
  ).flat();
  const target = targetOf(number, communications, appointments);
  const message =
    typeof target === "string"
      ? undefined
      : communications.find(({ id }) => id === target.message.id);
  const patient =
    patients.find(
      ({ id }) => message?.subject?.reference === `Patient/${id}`,
    ) ?? first;
  const received = await work.create<Communication>(
    receivedText({
      id: text.inboundMessageId,
      text: text.messageBody,
      number,
      patientId: patient.id,
      received: at,
      inAnswerTo: message,
    }),
  );
  return actOnReply({ ...taking, number, patients, patient, target, received });
};

/** Nobody of ours: the text waits, sealed, for somebody to read it, and nothing is sent. */
const unknownSender = async ({ work, text, at }: Taking): Promise<Taken> => {
  const identifier = {
    system: taskSystem,
    value: `inbound/${text.inboundMessageId}`,
  };
  const [existing] = await work.byIdentifier(
    "Task",
    identifier.system,
    identifier.value,
  );
  if (existing !== undefined) return { meaning: "repeated" };
  const reason = "unknown-sender";
  const input = [
    { name: "from", text: text.originationNumber },
    {
      name: "message",
      text: text.messageBody === "" ? "(empty)" : text.messageBody,
    },
  ];
  const { id } = await work.create(
    staffTask({ reason, identifier, authoredOn: at, input }),
  );
  return { meaning: "other", task: { id, reason } };
};

/** The message came before: only an answer that the provider had put off is sent now, one of unknown outcome never. */
const again = async ({ work, text, organization }: Taking): Promise<Taken> => {
  const [sent] = await work.byIdentifier(
    "Communication",
    messageSystem,
    `inbound/${text.inboundMessageId}`,
  );
  if (sent?.status === "preparation") {
    await work.update({
      ...withheld(sent, {
        status: "stopped",
        reason: "unknown-outcome",
        rules: [],
      }),
      id: sent.id,
    });
  }
  const number = phoneNumber(text.originationNumber, organization.phone);
  const body = sent?.payload?.[0]?.contentString;
  if (sent?.status !== "on-hold" || number === undefined || body === undefined)
    return { meaning: "repeated" };
  await work.update({
    ...prepared(
      sent,
      { channel: "sms", value: number, rank: undefined },
      [body],
      ["reply-again"],
    ),
    id: sent.id,
  });
  return {
    meaning: "repeated",
    answer: {
      id: sent.id,
      outbound: {
        channel: "sms",
        topic: "appointment",
        to: number,
        text: body,
      },
    },
  };
};

export const handler = live(receiveSms);
