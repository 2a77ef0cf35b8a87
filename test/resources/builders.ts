import type {
  Appointment,
  Communication,
  Encounter,
  Patient,
  Slot,
  Task,
} from "@medplum/fhirtypes";

export const aPatient = (given: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  id: "p1",
  name: [{ use: "official", family: "Johnson", given: ["Maria"] }],
  gender: "female",
  birthDate: "1980-02-29",
  ...given,
});

export const anAppointment = (
  given: Partial<Appointment> = {},
): Appointment => ({
  resourceType: "Appointment",
  id: "a1",
  status: "booked",
  start: "2026-03-10T15:00:00Z",
  end: "2026-03-10T15:30:00Z",
  slot: [{ reference: "Slot/s1" }],
  participant: [
    { actor: { reference: "Practitioner/d1" }, status: "accepted" },
    { actor: { reference: "Patient/p1" }, status: "accepted" },
    { actor: { reference: "Location/l1" }, status: "accepted" },
  ],
  ...given,
});

export const aTask = (given: Partial<Task> = {}): Task => ({
  resourceType: "Task",
  id: "t1",
  status: "requested",
  intent: "order",
  for: { reference: "Patient/p1" },
  ...given,
});

export const aCommunication = (
  given: Partial<Communication> = {},
): Communication => ({
  resourceType: "Communication",
  id: "c1",
  status: "in-progress",
  subject: { reference: "Patient/p1" },
  ...given,
});

export const anEncounter = (given: Partial<Encounter> = {}): Encounter => ({
  resourceType: "Encounter",
  id: "e1",
  status: "planned",
  class: {
    system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    code: "AMB",
  },
  subject: { reference: "Patient/p1" },
  ...given,
});

export const aSlot = (given: Partial<Slot> = {}): Slot => ({
  resourceType: "Slot",
  id: "s1",
  schedule: { reference: "Schedule/sc1" },
  status: "free",
  start: "2026-03-10T15:00:00Z",
  end: "2026-03-10T15:30:00Z",
  ...given,
});
