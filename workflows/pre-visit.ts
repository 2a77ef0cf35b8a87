import * as z from "zod";

/** The pre-visit journey: what it is for, what starts and ends it, what its execution is told. */
export const preVisit = {
  name: "pre-visit",
  purpose:
    "Sees that a patient knows when, where and how to come to a visit, and that staff call when no answer comes.",
  input: z.strictObject({ patient: z.string(), appointment: z.string() }),
  startsOn: ["AppointmentBooked", "AppointmentMoved"],
  endsOn: [
    "AppointmentHeld",
    "AppointmentCancelled",
    "AppointmentArrived",
    "AppointmentCheckedIn",
    "AppointmentFulfilled",
    "AppointmentMissed",
    "AppointmentEnteredInError",
    "PatientDied",
    "ConsentChanged",
  ],
  /** Settings of the organization that shape it. */
  parameters: [
    "preVisit.remindersBefore",
    "preVisit.callAfterSilenceOn",
    "preVisit.answerWithin",
    "contactHours",
    "contactBudget",
    "channels",
  ],
} as const;
