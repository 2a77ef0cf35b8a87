import type { Appointment, Patient } from "@medplum/fhirtypes";
import type { Question } from "../../functions/core/contact-question.ts";
import { optOut } from "../../functions/core/consent.ts";
import { demo } from "../../organizations/demo.ts";

export const mobile = "+12025550123";
export const mail = "jo@example.com";
/** Wednesday, 11:00 in New York. */
export const morning = "2026-03-04T16:00:00.000Z";
export const visitStart = "2026-03-06T15:00:00.000Z";

export const aPatient = (patient: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  id: "01KJQH0CC05C8ZPX17A8T47AHX",
  birthDate: "1980-05-05",
  telecom: [
    { system: "phone", use: "mobile", value: mobile },
    { system: "email", value: mail },
  ],
  ...patient,
});

export const anAppointment = (
  appointment: Partial<Appointment> = {},
): Appointment => ({
  resourceType: "Appointment",
  id: "01KJQH0CC05C8ZPX17A8T47AHX-01KJQH0CC05C8ZPX17A8T47AJ0",
  status: "booked",
  start: visitStart,
  end: "2026-03-06T15:20:00.000Z",
  participant: [
    {
      actor: { reference: "Patient/01KJQH0CC05C8ZPX17A8T47AHX" },
      status: "needs-action",
    },
  ],
  ...appointment,
});

export const aQuestion = (question: Partial<Question> = {}): Question => ({
  now: morning,
  message: { topic: "appointment", purpose: "treatment", expires: visitStart },
  patient: aPatient(),
  relatedPersons: [],
  consents: [],
  contacts: [],
  deadAddresses: [],
  visit: {
    start: visitStart,
    appointment: anAppointment(),
    location: undefined,
  },
  organization: demo.settings,
  ...question,
});

export const refusal = (channel: "sms" | "email" | "push" | "portal") =>
  optOut("01KJQH0CC05C8ZPX17A8T47AHX", channel, "2026-01-01T00:00:00.000Z");
