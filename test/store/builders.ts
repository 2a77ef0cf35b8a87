import type {
  Appointment,
  Location,
  Patient,
  Practitioner,
  Schedule,
  Slot,
  Task,
} from "@medplum/fhirtypes";

export const mrn = "https://sojourn.example/mrn";

export const aPatient = (given: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  name: [{ family: "Johnson", given: ["Maria"] }],
  gender: "female",
  birthDate: "1980-02-29",
  ...given,
});

export const withMrn = (value: string): Patient =>
  aPatient({ identifier: [{ system: mrn, value }] });

export const aPractitioner = (): Practitioner => ({
  resourceType: "Practitioner",
  name: [{ family: "Doe" }],
});

export const aRoom = (): Location => ({
  resourceType: "Location",
  status: "active",
  name: "Room 1",
  physicalType: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/location-physical-type",
        code: "ro",
      },
    ],
  },
});

export const aSite = (zone?: string): Location => ({
  resourceType: "Location",
  status: "active",
  name: "North",
  ...(zone !== undefined && {
    extension: [
      {
        url: "http://hl7.org/fhir/StructureDefinition/tz-code",
        valueCode: zone,
      },
    ],
  }),
});

export const aSchedule = (
  actors: readonly string[],
  capacity?: number,
): Schedule => ({
  resourceType: "Schedule",
  actor: actors.map((reference) => ({ reference })),
  ...(capacity !== undefined && {
    extension: [
      {
        url: "https://sojourn.example/fhir/StructureDefinition/schedule-capacity",
        valuePositiveInt: capacity,
      },
    ],
  }),
});

export const aSlot = (
  schedule: string,
  start: string,
  minutes: number,
): Slot => ({
  resourceType: "Slot",
  schedule: { reference: `Schedule/${schedule}` },
  status: "free",
  start,
  end: new Date(Date.parse(start) + minutes * 60_000).toISOString(),
});

export const aWish = (
  patient: string,
  slots: readonly string[],
): Appointment => ({
  resourceType: "Appointment",
  status: "proposed",
  slot: slots.map((id) => ({ reference: `Slot/${id}` })),
  participant: [
    { actor: { reference: `Patient/${patient}` }, status: "needs-action" },
  ],
});

export const aTask = (patient: string, given: Partial<Task> = {}): Task => ({
  resourceType: "Task",
  status: "requested",
  intent: "order",
  for: { reference: `Patient/${patient}` },
  ...given,
});
