import type { Coding, Identifier, Task } from "@medplum/fhirtypes";
import type { Role } from "./settings.ts";

export const taskSystem = "urn:sojourn:task";
const teamSystem = "urn:sojourn:team";
const reasonSystem = "urn:sojourn:task-reason";

/** Why people are asked to act, and what they are asked to do. */
const requests = {
  silence: {
    team: "front-desk",
    priority: "routine",
    text: "Call the patient: the reminder was not answered.",
  },
  unreachable: {
    team: "front-desk",
    priority: "routine",
    text: "Reach the patient another way: no message could be sent. Who asked for confidential communications is reached in the way they named only.",
  },
  "unknown-outcome": {
    team: "front-desk",
    priority: "routine",
    text: "Call the patient: a message may or may not have arrived, and is not sent again.",
  },
  reschedule: {
    team: "front-desk",
    priority: "routine",
    text: "The patient asks for another time.",
  },
  reply: {
    team: "front-desk",
    priority: "routine",
    text: "Read the patient's message and answer it.",
  },
  "ambiguous-reply": {
    team: "front-desk",
    priority: "routine",
    text: "Read the message: it may be about the visit of more than one patient.",
  },
  "unknown-sender": {
    team: "front-desk",
    priority: "routine",
    text: "Read the message: nobody in the record has this number.",
  },
  "not-cancelled": {
    team: "front-desk",
    priority: "urgent",
    text: "The patient wants to cancel a visit that cannot be cancelled any more.",
  },
  "subscription-failed": {
    team: "manager",
    priority: "routine",
    text: "A connected system is not told of changes any more: its address did not take notifications for hours. Tell who runs it.",
  },
  duplicate: {
    team: "front-desk",
    priority: "routine",
    text: "Compare the two records: they may be of one patient. Merge them, or cancel this task.",
  },
  "journey-failed": {
    team: "front-desk",
    priority: "urgent",
    text: "Look after this visit: its messages stopped because of a technical failure.",
  },
  "export-failed": {
    team: "manager",
    priority: "routine",
    text: "Tell whoever asked for the bulk export that it failed, and have the cause looked for.",
  },
  "vendor-agreement-ends": {
    team: "privacy-officer",
    priority: "urgent",
    text: "Renew or review what binds this vendor: from the day after it ends, nothing that goes through the vendor is sent.",
  },
  "privacy-request-overdue": {
    team: "privacy-officer",
    priority: "stat",
    text: "Decide this privacy request now: the day by which the law asks for an answer has passed.",
  },
  "privacy-request-stuck": {
    team: "privacy-officer",
    priority: "stat",
    text: "Answer this privacy request by hand: what was decided could not be carried out, because of a technical failure. Its clock goes on.",
  },
  "privacy-letter": {
    team: "front-desk",
    priority: "urgent",
    text: "Print the letter about the privacy request and hand it to whoever asked, or send it to the confidential address if there is one.",
  },
  "amendment-inform": {
    team: "privacy-officer",
    priority: "urgent",
    text: "Tell whoever this task lists of the amendment: they have what was changed. Ask the patient first whether they agree, and whom else to tell. Complete the task when all were told.",
  },
  "import-failed": {
    team: "manager",
    priority: "routine",
    text: "Tell whoever handed records over that the bulk import failed in part, and have the cause looked for.",
  },
  "erasure-failed": {
    team: "privacy-officer",
    priority: "urgent",
    text: "Look after this erasure: it stopped because of a technical failure. What was destroyed stays so; ask for it again, or have the cause looked for.",
  },
  "disposal-due": {
    team: "privacy-officer",
    priority: "routine",
    text: "Look through the list of records whose time of retention is over, and confirm their disposal or leave them.",
  },
  "emergency-access-review": {
    team: "privacy-officer",
    priority: "urgent",
    text: "Review the emergency access: a record was opened that was closed to whoever opened it. The reason is in the task, what was seen is in the patient's access log.",
  },
} as const satisfies Record<
  string,
  { team: Role; priority: Task["priority"]; text: string }
>;

export type TaskReason = keyof typeof requests;
export const taskReasons = Object.keys(requests) as readonly TaskReason[];

export interface StaffTask {
  readonly reason: TaskReason;
  /** Unique: the same request is made once. */
  readonly identifier: Identifier;
  readonly authoredOn: string;
  readonly patientId?: string | undefined;
  /** `Type/id` */
  readonly focus?: string | undefined;
  readonly due?: string | undefined;
  /** What somebody wrote to us; sealed with the Task. */
  readonly input?: readonly { readonly name: string; readonly text: string }[];
  /** Labels of what the text is about. */
  readonly security?: readonly Coding[];
}

/** Work for a team of the organization. */
export const staffTask = ({
  reason,
  identifier,
  authoredOn,
  patientId,
  focus,
  due,
  input,
  security = [],
}: StaffTask): Task => {
  const { team, priority, text } = requests[reason];
  return {
    resourceType: "Task",
    ...(security.length > 0 && { meta: { security: [...security] } }),
    identifier: [identifier],
    status: "requested",
    intent: "order",
    priority,
    code: { coding: [{ system: reasonSystem, code: reason }], text },
    authoredOn,
    lastModified: authoredOn,
    performerType: [{ coding: [{ system: teamSystem, code: team }] }],
    ...(patientId !== undefined && {
      for: { reference: `Patient/${patientId}` },
    }),
    ...(focus !== undefined && { focus: { reference: focus } }),
    ...(due !== undefined && { restriction: { period: { end: due } } }),
    ...(input !== undefined && {
      input: input.map(({ name, text: valueString }) => ({
        type: { text: name },
        valueString,
      })),
    }),
  };
};
