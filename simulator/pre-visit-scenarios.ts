import type { Patient } from "@medplum/fhirtypes";
import type { Clinic, ClinicOptions } from "./pre-visit-clinic.ts";

/** One invented patient's way to a visit. */
export interface Scenario {
  readonly about: string;
  readonly clinic?: Partial<ClinicOptions>;
  readonly patient?: Partial<Patient>;
  /** What happens beside the journey, from the booking on; the rest plays by itself. */
  readonly plot?: (
    clinic: Clinic,
    ids: { readonly patient: string; readonly appointment: string },
  ) => Promise<unknown>;
}

/** Monday morning in New York; the visit is on Friday at 10. */
export const bookingTime = "2026-03-02T15:00:00.000Z";
export const visitTime = "2026-03-06T15:00:00.000Z";
export const mobile = "+12025550123";

const after = async (
  clinic: Clinic,
  time: string,
  text: string,
): Promise<void> => {
  await clinic.until(time);
  await clinic.text(mobile, text);
};

export const scenarios: Readonly<Record<string, Scenario>> = {
  confirms: {
    about: "answers the first reminder with C",
    plot: (clinic) => after(clinic, "2026-03-03T15:20:00Z", "C"),
  },
  cancels: {
    about: "answers the first reminder with X",
    plot: (clinic) => after(clinic, "2026-03-03T16:00:00Z", "x"),
  },
  silent: { about: "never answers, so the front desk calls" },
  reschedules: {
    about: "asks for another time with R",
    plot: (clinic) => after(clinic, "2026-03-05T15:30:00Z", "R"),
  },
  "opts-out": {
    about: "texts STOP; the messages go on by e-mail",
    patient: {
      telecom: [
        { system: "phone", use: "mobile", value: mobile, rank: 1 },
        { system: "email", value: "jo@example.com", rank: 2 },
      ],
    },
    plot: (clinic) => after(clinic, "2026-03-03T15:05:00Z", "STOP"),
  },
  writes: {
    about: "writes something that only a person understands",
    plot: (clinic) =>
      after(
        clinic,
        "2026-03-03T17:00:00Z",
        "Is there a ramp for my wheelchair?",
      ),
  },
  moves: {
    about: "has the visit moved to the next week",
    plot: async (clinic, { appointment }) => {
      await clinic.until("2026-03-04T14:00:00Z");
      await clinic.move(appointment, "2026-03-10T18:00:00Z");
    },
  },
  dies: {
    about: "dies before the visit",
    plot: async (clinic, { patient }) => {
      await clinic.until("2026-03-04T12:00:00Z");
      await clinic.act(async (work) => {
        const known = await work.read("Patient", patient);
        if (known !== undefined)
          await work.update({ ...known, deceasedDateTime: "2026-03-04" });
      });
    },
  },
  "checks-in": {
    about: "comes early and checks in",
    plot: async (clinic, { appointment }) => {
      await clinic.until("2026-03-06T13:30:00Z");
      await clinic.act(async (work) => {
        const known = await work.read("Appointment", appointment);
        if (known !== undefined)
          await work.update({ ...known, status: "checked-in" });
      });
    },
  },
  "sleeps-in-honolulu": {
    about: "lives where it is night when a message is due",
    patient: {
      address: [
        {
          use: "home",
          country: "US",
          state: "HI",
          extension: [
            {
              url: "http://hl7.org/fhir/StructureDefinition/tz-code",
              valueCode: "Pacific/Honolulu",
            },
          ],
        },
      ],
    },
  },
  "has-no-phone": {
    about: "has an e-mail address only, and reads Spanish",
    patient: {
      telecom: [{ system: "email", value: "jo@example.com" }],
      communication: [
        {
          language: { coding: [{ system: "urn:ietf:bcp:47", code: "es-MX" }] },
          preferred: true,
        },
      ],
    },
  },
  "has-a-wrong-number": {
    about: "gave a number that does not exist",
    patient: {
      telecom: [
        { system: "phone", use: "mobile", value: mobile, rank: 1 },
        { system: "email", value: "jo@example.com", rank: 2 },
      ],
    },
    clinic: {
      provider: ({ channel }) =>
        channel === "sms"
          ? { outcome: "refused", reason: "invalid-address", permanent: true }
          : undefined,
    },
  },
  "lost-message": {
    about: "is sent a message of which nobody knows whether it left",
    clinic: {
      provider: (_, attempt) =>
        attempt === 1 ? { outcome: "unknown" } : undefined,
    },
  },
};

export const invented: Patient = {
  resourceType: "Patient",
  name: [{ family: "Doe", given: ["Jo"] }],
  gender: "unknown",
  birthDate: "1980-05-05",
  telecom: [{ system: "phone", use: "mobile", value: mobile }],
};
