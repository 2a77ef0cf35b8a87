import { createHash } from "node:crypto";
import type { Appointment, CarePlan, Patient } from "@medplum/fhirtypes";
import type { Step } from "./reminders.ts";

export const journeySystem = "urn:sojourn:journey";
const kindSystem = "urn:sojourn:journey-kind";
const stepSystem = "urn:sojourn:step";
const occurrenceUrl = "urn:sojourn:occurrence";

/** What makes an execution one of its kind. */
export interface Occurrence {
  readonly journey: string;
  readonly subject: string;
  readonly occurrence: string;
}

/** The name of an execution: the same for the same occurrence, and it says nothing of whom it is about. */
export const executionName = ({
  journey,
  subject,
  occurrence,
}: Occurrence): string =>
  `${journey}-${base32(
    createHash("sha256")
      .update(JSON.stringify([journey, subject, occurrence]))
      .digest(),
  ).slice(0, 26)}`;

const letters = "abcdefghijklmnopqrstuvwxyz234567";

const base32 = (bytes: Uint8Array): string => {
  const bits = [...bytes]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  return (bits.match(/.{5}/g) ?? [])
    .map((group) => letters.charAt(Number.parseInt(group, 2)))
    .join("");
};

/** A journey in progress, as the care team sees it. */
export const journeyPlan = (
  occurrence: Occurrence,
  patientId: string,
  start: string,
): CarePlan => ({
  resourceType: "CarePlan",
  identifier: [{ system: journeySystem, value: executionName(occurrence) }],
  extension: [{ url: occurrenceUrl, valueString: occurrence.occurrence }],
  status: "active",
  intent: "plan",
  category: [{ coding: [{ system: kindSystem, code: occurrence.journey }] }],
  subject: { reference: `Patient/${patientId}` },
  period: { end: start },
  supportingInfo: [{ reference: `Appointment/${occurrence.subject}` }],
});

export const withSteps = (
  plan: CarePlan,
  steps: readonly Step[],
): CarePlan => ({
  ...plan,
  activity: steps.map(({ step, at }) => ({
    detail: {
      code: { coding: [{ system: stepSystem, code: step }] },
      status: "scheduled",
      scheduledPeriod: { start: at },
    },
  })),
});

export const closed = (
  plan: CarePlan,
  status: "completed" | "revoked",
): CarePlan => ({
  ...plan,
  status,
  ...(plan.activity !== undefined && {
    activity: plan.activity.map((activity) => ({
      ...activity,
      ...(activity.detail !== undefined && {
        detail: {
          ...activity.detail,
          status:
            status === "completed"
              ? ("completed" as const)
              : ("stopped" as const),
        },
      }),
    })),
  }),
});

export const occurrenceOf = (plan: CarePlan): string =>
  plan.extension?.find(({ url }) => url === occurrenceUrl)?.valueString ?? "";
export const appointmentOfPlan = (plan: CarePlan): string | undefined =>
  plan.supportingInfo
    ?.find(({ reference }) => reference?.startsWith("Appointment/"))
    ?.reference?.split("/")[1];
export const isJourney = (plan: CarePlan, journey: string): boolean =>
  (plan.category ?? []).some(({ coding = [] }) =>
    coding.some(
      ({ system, code }) => system === kindSystem && code === journey,
    ),
  );

/** What is known of an appointment's journeys when something has happened. */
export interface Situation<Plan extends CarePlan> {
  readonly appointment:
    | (Appointment & { readonly meta: { readonly versionId: string } })
    | undefined;
  readonly patient: Patient | undefined;
  /** Consent has left no channel for the topic. */
  readonly optedOut: boolean;
  /** Journeys of this kind for this appointment, ended ones too. */
  readonly plans: readonly Plan[];
  /** The version that the event speaks of; an event of another resource has none. */
  readonly version: number | undefined;
  readonly now: string;
}

/**
 * What should be so, whatever came first, late or twice: one running journey for a booked visit of a living patient, at its
 * present time. Only an event younger than an ended journey for the same time starts that again.
 */
export const reconcile = <Plan extends CarePlan>(
  situation: Situation<Plan>,
): {
  readonly stop: readonly Plan[];
  readonly ensure?: Plan;
  readonly start?: { readonly occurrence: string };
} => {
  const { appointment, plans, version } = situation;
  const running = plans.filter(({ status }) => status === "active");
  if (!isWanted(situation)) return { stop: running };
  const forThisTime = plans.filter(
    ({ period }) =>
      Date.parse(period?.end ?? "") === Date.parse(appointment?.start ?? ""),
  );
  const [current] = forThisTime
    .filter(({ status }) => status === "active")
    .toSorted(
      (one, other) => Number(occurrenceOf(other)) - Number(occurrenceOf(one)),
    );
  const stop = running.filter((plan) => plan !== current);
  if (current !== undefined) return { stop, ensure: current };
  const isOld = forThisTime.some(
    (plan) => version === undefined || version <= Number(occurrenceOf(plan)),
  );
  return isOld
    ? { stop }
    : { stop, start: { occurrence: appointment?.meta.versionId ?? "" } };
};

const isWanted = ({
  appointment,
  patient,
  optedOut,
  now,
}: Situation<CarePlan>): boolean =>
  appointment?.status === "booked" &&
  Date.parse(appointment.start ?? "") > Date.parse(now) &&
  patient !== undefined &&
  patient.deceasedBoolean !== true &&
  patient.deceasedDateTime === undefined &&
  !optedOut;
