import type {
  Appointment,
  Communication,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import * as z from "zod";
import { replyTexts, type ReplyText } from "../../packs/messages/replies.ts";
import { phoneNumber } from "../core/addresses.ts";
import type { Context } from "../core/caller.ts";
import {
  addressOf,
  draft,
  inboundSystem,
  messageSystem,
  prepared,
  providerSystem,
  withheld,
} from "../core/communication.ts";
import { isRefused, optOut, refusalsOf } from "../core/consent.ts";
import { Fault } from "../core/fault.ts";
import {
  hasNumber,
  receivedText,
  targetOf,
  type Target,
} from "../core/inbound.ts";
import { fill, languageOf } from "../core/message.ts";
import { understand, type Reply } from "../core/reply.ts";
import { gsm7 } from "../core/sms.ts";
import { staffTask, taskSystem, type TaskReason } from "../core/staff-task.ts";
import type { Outbound } from "../outbound/channels.ts";
import { deliver } from "../runtime/deliver.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { cancelAppointment } from "../store/booking.ts";
import type { Stored, Work } from "../store/records.ts";

/** Two-way SMS as End User Messaging publishes it. */
const InboundText = z.object({
  originationNumber: z.string().min(1),
  messageBody: z.string().max(2000),
  inboundMessageId: z.string().min(1).max(200),
  previousPublishedMessageId: z.string().optional(),
});
type InboundText = z.infer<typeof InboundText>;

interface Taken {
  readonly meaning: Reply | "repeated";
  readonly answer?: { readonly id: string; readonly outbound: Outbound };
  readonly optedOut?: number;
  readonly task?: { readonly id: string; readonly reason: TaskReason };
}

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
interface Taking {
  readonly work: Work;
  readonly text: InboundText;
  readonly at: string;
  readonly organization: Deps["organization"];
}

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
  return act({ ...taking, number, patients, patient, target, received });
};

interface Acting extends Taking {
  readonly number: string;
  readonly patients: readonly Stored<Patient>[];
  readonly patient: Stored<Patient>;
  readonly target: Target;
  readonly received: Stored<Communication>;
}

const act = async (acting: Acting): Promise<Taken> => {
  const { work, text, at, patients, target } = acting;
  const meaning = understand(text.messageBody);
  switch (meaning) {
    case "stop": {
      const open = await filterAsync(
        patients,
        async ({ id }) =>
          !isRefused(await work.ofPatient("Consent", id), "sms", "", at),
      );
      for (const { id } of open) await work.create(optOut(id, "sms", at));
      return {
        meaning,
        optedOut: open.length,
        ...(open.length > 0 && { answer: await answer(acting, "stop") }),
      };
    }
    case "start": {
      for (const { id } of patients) {
        for (const consent of refusalsOf(
          await work.ofPatient("Consent", id),
          "sms",
        ))
          await work.update({ ...consent, status: "inactive" });
      }
      return { meaning, answer: await answer(acting, "start") };
    }
    case "help":
      return { meaning, answer: await answer(acting, "help") };
    case "other":
      return { meaning, task: await ask(acting, "reply") };
    case "confirm":
    case "cancel":
    case "reschedule": {
      if (target === "ambiguous")
        return { meaning, task: await ask(acting, "ambiguous-reply") };
      if (target === "none")
        return { meaning, task: await ask(acting, "reply") };
      const task =
        meaning === "reschedule" ? await ask(acting, "reschedule") : undefined;
      if (meaning === "confirm")
        await confirm(work, target.appointment, acting.patient.id);
      if (meaning === "cancel")
        await cancelAppointment(work, target.appointment.id, byPatient);
      const refused = isRefused(
        await work.ofPatient("Consent", acting.patient.id),
        "sms",
        "appointment",
        at,
      );
      return {
        meaning,
        ...(task !== undefined && { task }),
        ...(!refused && { answer: await answer(acting, meaning) }),
      };
    }
  }
};

const byPatient = {
  coding: [
    {
      system:
        "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason",
      code: "pat",
    },
  ],
};

const confirm = (
  work: Work,
  appointment: Appointment & { readonly id: string },
  patientId: string,
) =>
  work.update({
    ...appointment,
    participant: appointment.participant.map((one) =>
      one.actor?.reference === `Patient/${patientId}`
        ? { ...one, status: "accepted" as const }
        : one,
    ),
  });

/** The one text that answers; its intent is part of the same transaction. */
const answer = async (
  { work, text, number, patient, organization, received, target }: Acting,
  kind: ReplyText,
): Promise<NonNullable<Taken["answer"]>> => {
  const { displayName, phone } = organization;
  const body = gsm7(
    fill(replyTexts[kind][languageOf(patient, organization)], {
      organization: displayName,
      phone,
    }),
  );
  const base = draft({
    name: `inbound/${text.inboundMessageId}`,
    patientId: patient.id,
    recipient: received.sender?.reference ?? `Patient/${patient.id}`,
    template: { topic: "appointment", category: "notification" },
    appointment: typeof target === "string" ? undefined : target.appointment,
  });
  const intent = prepared(
    base,
    { channel: "sms", value: number, rank: undefined },
    [body],
    [`reply-${kind}`],
  );
  const { id } = await work.create<Communication>({
    ...intent,
    inResponseTo: [{ reference: `Communication/${received.id}` }],
  });
  return { id, outbound: { channel: "sms", to: number, text: body } };
};

const ask = async (
  { work, text, patient, received, at }: Acting,
  reason: TaskReason,
): Promise<NonNullable<Taken["task"]>> => {
  const identifier = {
    system: taskSystem,
    value: `inbound/${text.inboundMessageId}`,
  };
  const { id } = await work.create(
    staffTask({
      reason,
      identifier,
      authoredOn: at,
      patientId: patient.id,
      focus: `Communication/${received.id}`,
    }),
  );
  return { id, reason };
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
      outbound: { channel: "sms", to: number, text: body },
    },
  };
};

/** The patients whom this number reaches: by their record, by their proxy's, or because our last message to it was theirs. */
const patientsAt = async (
  { work, text, at, organization }: Taking,
  number: string,
): Promise<readonly Stored<Patient>[]> => {
  const own = await people(work, "Patient", number);
  const proxies = await people(work, "RelatedPerson", number);
  const known = (person: Patient | RelatedPerson) =>
    hasNumber(person, number, at, organization.phone);
  const [previous] =
    text.previousPublishedMessageId === undefined
      ? []
      : await work.byIdentifier(
          "Communication",
          providerSystem("sms"),
          text.previousPublishedMessageId,
        );
  const references = [
    ...(previous !== undefined && addressOf(previous) === number
      ? [previous.subject?.reference]
      : []),
    ...own.filter(known).map(({ id }) => `Patient/${id}`),
    ...proxies
      .filter(known)
      .map((person) => (person as RelatedPerson).patient.reference),
  ].filter((reference) => reference !== undefined);
  const found = await work.readAll([...new Set(references)]);
  return found.filter(
    (resource): resource is Stored<Patient> =>
      resource?.resourceType === "Patient",
  );
};

const people = async (
  work: Work,
  type: "Patient" | "RelatedPerson",
  number: string,
): Promise<readonly Stored<Patient | RelatedPerson>[]> => {
  const ids = await work.lookUp(type, "phone", [number]);
  const found = await work.readAll(ids.map((id) => `${type}/${id}`));
  return found.filter(
    (resource): resource is Stored<Patient | RelatedPerson> =>
      resource?.resourceType === type,
  );
};

const filterAsync = async <T>(
  items: readonly T[],
  keep: (item: T) => Promise<boolean>,
): Promise<readonly T[]> => {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index] === true);
};

export const handler = live(receiveSms);
