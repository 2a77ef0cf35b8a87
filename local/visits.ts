import type { Appointment, Bundle, Patient } from "@medplum/fhirtypes";
import type { FhirClient } from "./system/fhir-client.ts";

export type Booked = Appointment & {
  readonly id: string;
  readonly start: string;
};

export interface FindOptions {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly days?: number;
  /** Hours of the day, by the clock of the place. */
  readonly between?: readonly [number, number];
}

/** Free times as the API proposes them, soonest first. */
export const freeTimes = async (
  fhir: FhirClient,
  { from, days = 7, between = [0, 24] }: FindOptions,
): Promise<readonly Appointment[]> => {
  const { entry = [] } = await fhir.expect<Bundle<Appointment>>({
    method: "POST",
    path: "Appointment/$find",
    body: {
      resourceType: "Parameters",
      parameter: [
        { name: "start", valueString: new Date(from).toISOString() },
        {
          name: "end",
          valueString: new Date(from + days * 86_400_000).toISOString(),
        },
        { name: "_count", valueInteger: 200 },
      ],
    },
  });
  return entry.flatMap(({ resource }) => {
    const hour = Number(resource?.start?.slice(11, 13));
    return resource && hour >= between[0] && hour < between[1]
      ? [resource]
      : [];
  });
};

/** A proposed time as this patient's wish. */
export const wish = (
  proposed: Appointment,
  patient: Pick<Patient, "id">,
): Appointment => ({
  ...proposed,
  participant: [
    {
      actor: { reference: `Patient/${patient.id ?? ""}` },
      status: "needs-action",
    },
    ...proposed.participant,
  ],
});

export const book = (
  fhir: FhirClient,
  proposed: Appointment,
  patient: Pick<Patient, "id">,
): Promise<Booked> =>
  fhir.expect<Booked>({
    method: "POST",
    path: "Appointment/$book",
    body: wish(proposed, patient),
  });

/** The patient's own answer to an appointment. */
export const answerOf = ({ participant }: Appointment): string | undefined =>
  participant.find(({ actor }) => actor?.reference?.startsWith("Patient/"))
    ?.status;
