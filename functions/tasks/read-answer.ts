import * as z from "zod";
import { messageSystem } from "../core/communication.ts";
import { answerDue } from "../core/reminders.ts";
import { live } from "../runtime/live.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { task } from "../runtime/task.ts";
import { asTask, VisitInput } from "./ids.ts";

const Input = VisitInput.extend({
  start: z.iso.datetime(),
  to: z.string().min(1).max(40),
});

const Output = z.discriminatedUnion("answer", [
  z.object({ answer: z.literal("given") }),
  z.object({ answer: z.literal("awaited"), until: z.iso.datetime() }),
  z.object({ answer: z.literal("none") }),
  /** The visit is off or was moved: nobody waits for an answer any more. */
  z.object({ answer: z.literal("moot") }),
]);
type Output = z.infer<typeof Output>;

/** Whether the patient has answered the message of a step, in whatever way, or still has time to. */
export const readAnswer = ({
  records,
  organization,
}: Pick<Deps, "records" | "organization">) =>
  task(
    Input,
    Output,
    ({ execution, patient, appointment: id, start, to, now }) =>
      records.change(
        asTask("read-answer", execution),
        async (work): Promise<Output> => {
          const appointment = await work.read("Appointment", id);
          if (
            appointment?.status !== "booked" ||
            Date.parse(appointment.start ?? "") !== Date.parse(start)
          )
            return { answer: "moot" };
          const own = appointment.participant.find(
            ({ actor }) => actor?.reference === `Patient/${patient}`,
          );
          if (own?.status !== undefined && own.status !== "needs-action")
            return { answer: "given" };
          const [sent] = await work.byIdentifier(
            "Communication",
            messageSystem,
            `${execution}/${to}`,
          );
          const received = await work.ofPatient("Communication", patient);
          const answers = received.filter(({ inResponseTo = [] }) =>
            inResponseTo.some(
              ({ reference }) =>
                sent !== undefined && reference === `Communication/${sent.id}`,
            ),
          );
          if (answers.some(({ sender }) => sender !== undefined))
            return { answer: "given" };
          const until =
            sent?.sent === undefined
              ? undefined
              : answerDue(sent.sent, start, organization.preVisit);
          return until !== undefined && Date.parse(until) > Date.parse(now)
            ? { answer: "awaited", until }
            : { answer: "none" };
        },
      ),
  );

export const handler = live(readAnswer);
