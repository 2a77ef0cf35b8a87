import type { Appointment, Communication, Patient } from "@medplum/fhirtypes";
import { replyTexts, type ReplyText } from "../../packs/messages/replies.ts";
import { draft, prepared } from "../core/communication.ts";
import { mayAnswer } from "../core/confidential.ts";
import { isRefused, optOut, refusalsOf } from "../core/consent.ts";
import type { Target } from "../core/inbound.ts";
import { fill, languageOf } from "../core/message.ts";
import { answeredByService, understand } from "../core/reply.ts";
import { gsm7 } from "../core/sms.ts";
import { staffTask, taskSystem, type TaskReason } from "../core/staff-task.ts";
import { zoneOf } from "../core/zone.ts";
import { cancelAppointment } from "../store/booking.ts";
import type { Stored, Work } from "../store/records.ts";
import type { Taken, Taking } from "./inbound-text.ts";

/** A text message whose sender is known. */
export interface Acting extends Taking {
  readonly number: string;
  readonly patients: readonly Stored<Patient>[];
  readonly patient: Stored<Patient>;
  readonly target: Target;
  readonly received: Stored<Communication>;
}

/** Does with the record what the text asks for; what it does not clearly say becomes a task. */
export const actOnReply = async (acting: Acting): Promise<Taken> => {
  const { work, text, at, patients, target } = acting;
  const answered = answeredByService(text.messageKeyword);
  const meaning = answered ?? understand(text.messageBody);
  const say = async (kind: ReplyText): Promise<Pick<Taken, "answer">> =>
    answered === undefined && (await isOpen(acting))
      ? { answer: await answer(acting, kind) }
      : {};
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
        ...(open.length > 0 && (await say("stop"))),
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
      return { meaning, ...(await say("start")) };
    }
    case "help":
      return { meaning, ...(await say("help")) };
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
        ...(!refused && (await say(meaning))),
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

/** A text from a number at which the patient must not be reached is acted upon, but not answered. */
const isOpen = async ({
  work,
  patient,
  number,
  at,
  organization,
}: Acting): Promise<boolean> =>
  mayAnswer(
    {
      consents: await work.ofPatient("Consent", patient.id),
      now: at,
      zone: zoneOf(patient, undefined, organization.timeZone),
      organizationPhone: organization.phone,
    },
    { channel: "sms", value: number, rank: undefined },
  );

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
  const topic = "appointment";
  return { id, outbound: { channel: "sms", topic, to: number, text: body } };
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

const filterAsync = async <T>(
  items: readonly T[],
  keep: (item: T) => Promise<boolean>,
): Promise<readonly T[]> => {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index] === true);
};
