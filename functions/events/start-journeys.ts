import type { CarePlan } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { messageSystem, withheld } from "../core/communication.ts";
import { openChannels } from "../core/consent.ts";
import {
  appointmentOfPlan,
  closed,
  executionName,
  isJourney,
  journeyPlan,
  occurrenceOf,
  reconcile,
  type Occurrence,
} from "../core/journey.ts";
import { requestOccurrence } from "../core/privacy-request.ts";
import { preVisit } from "../../workflows/pre-visit.ts";
import { privacyRequest } from "../../workflows/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import type { Stored, Work } from "../store/records.ts";

const ChangeEvent = z.object({
  detail: z.object({
    fact: z.string(),
    patient: z.string().optional(),
    type: z.string(),
    id: z.string(),
    version: z.number(),
    what: z.string(),
  }),
});

/** What starts the journey of a request under a privacy right; twice starts nothing twice. */
const requested: ReadonlySet<string> = new Set(privacyRequest.startsOn);

type Change = z.infer<typeof ChangeEvent>["detail"];

/** What has to be so in Step Functions once the record says it; all of it may be done twice. */
interface Effects {
  readonly stop: readonly {
    readonly occurrence: Occurrence;
    readonly isNew: boolean;
  }[];
  readonly start:
    | {
        readonly occurrence: Occurrence;
        readonly patient: string;
        readonly isNew: boolean;
      }
    | undefined;
}

/**
 * Keeps the pre-visit journeys of a patient in step with the record. Events come late, twice and in any order, so they only
 * say where to look: the record is read, and one journey runs per booked visit at its present time.
 */
export const startJourneys = ({
  records,
  journeys,
  organization,
  now,
  log,
}: Pick<Deps, "records" | "journeys" | "organization" | "now" | "log">) =>
  event(ChangeEvent, async ({ detail }) => {
    const { patient } = detail;
    if (patient === undefined) return;
    if (requested.has(detail.what)) {
      const execution = await journeys.start(requestOccurrence(detail.id), {
        patient,
        request: detail.id,
      });
      log("JourneyStarted", {
        journey: privacyRequest.name,
        patient,
        execution,
      });
      return;
    }
    const context: Context = {
      by: { kind: "system", id: "start-journeys" },
      purpose: "TREAT",
      requestId: detail.fact,
    };
    const at = now().toISOString();
    for (const appointment of await appointmentsOf(
      records,
      context,
      detail,
      at,
    )) {
      const effects = await records.change(context, (work) =>
        settle(work, { appointment, patient, detail, at, organization }),
      );
      for (const { occurrence, isNew } of effects.stop) {
        await journeys.stop(occurrence, detail.what);
        if (isNew)
          log("JourneyStopped", {
            journey: preVisit.name,
            patient,
            reason: detail.what,
          });
      }
      if (effects.start === undefined) continue;
      const execution = await journeys.start(effects.start.occurrence, {
        patient,
        appointment,
      });
      if (effects.start.isNew)
        log("JourneyStarted", { journey: preVisit.name, patient, execution });
    }
  });

/** Of a patient's or a consent's change: the visits that are still to come and have, or had, a journey. */
const appointmentsOf = async (
  records: Deps["records"],
  context: Context,
  { type, id, patient = "" }: Change,
  at: string,
): Promise<readonly string[]> => {
  if (type === "Appointment") return [id];
  const plans = await records.change(context, (work) =>
    work.ofPatient("CarePlan", patient),
  );
  const ahead = plans.filter(
    (plan) =>
      isJourney(plan, preVisit.name) &&
      plan.status !== "completed" &&
      Date.parse(plan.period?.end ?? "") > Date.parse(at),
  );
  return [...new Set(ahead.flatMap((plan) => appointmentOfPlan(plan) ?? []))];
};

interface Case {
  readonly appointment: string;
  readonly patient: string;
  readonly detail: Change;
  readonly at: string;
  readonly organization: Deps["organization"];
}

const settle = async (
  work: Work,
  { appointment: id, patient, detail, at, organization }: Case,
): Promise<Effects> => {
  const [appointment, person] = await work.readAll([
    `Appointment/${id}`,
    `Patient/${patient}`,
  ]);
  const plans = (await work.ofPatient("CarePlan", patient)).filter(
    (plan) => isJourney(plan, preVisit.name) && appointmentOfPlan(plan) === id,
  );
  const booked =
    appointment?.resourceType === "Appointment" ? appointment : undefined;
  const { stop, ensure, start } = reconcile({
    appointment: booked,
    patient: person?.resourceType === "Patient" ? person : undefined,
    optedOut:
      openChannels(
        await work.ofPatient("Consent", patient),
        "appointment",
        at,
        organization,
      ).length === 0,
    plans,
    version: detail.type === "Appointment" ? detail.version : undefined,
    now: at,
  });
  work.rely("Appointment", id);
  for (const plan of stop) await end(work, plan, patient);
  // A crash may have come between the record and Step Functions: what had been revoked is stopped again.
  const revoked = plans
    .filter(({ status }) => status === "revoked")
    .map((plan) => ({ occurrence: occurrenceOfPlan(plan, id), isNew: false }));
  const stopped = [
    ...revoked,
    ...stop.map((plan) => ({
      occurrence: occurrenceOfPlan(plan, id),
      isNew: true,
    })),
  ];
  if (ensure !== undefined)
    return {
      stop: stopped,
      start: {
        occurrence: occurrenceOfPlan(ensure, id),
        patient,
        isNew: false,
      },
    };
  if (start === undefined || booked?.start === undefined)
    return { stop: stopped, start: undefined };
  const occurrence = {
    journey: preVisit.name,
    subject: id,
    occurrence: start.occurrence,
  };
  await work.create(journeyPlan(occurrence, patient, booked.start));
  return { stop: stopped, start: { occurrence, patient, isNew: true } };
};

const occurrenceOfPlan = (plan: CarePlan, appointment: string): Occurrence => ({
  journey: preVisit.name,
  subject: appointment,
  occurrence: occurrenceOf(plan),
});

/** The plan is revoked, and what it still held back will not be sent. */
const end = async (
  work: Work,
  plan: Stored<CarePlan>,
  patient: string,
): Promise<void> => {
  const execution = executionName(
    occurrenceOfPlan(plan, appointmentOfPlan(plan) ?? ""),
  );
  await work.update({ ...closed(plan, "revoked"), id: plan.id });
  const held = (await work.ofPatient("Communication", patient)).filter(
    ({ status, identifier = [] }) =>
      status === "on-hold" &&
      identifier.some(
        ({ system, value }) =>
          system === messageSystem && value?.startsWith(`${execution}/`),
      ),
  );
  for (const message of held)
    await work.update({
      ...withheld(message, {
        status: "not-done",
        reason: "journey-stopped",
        rules: [],
      }),
      id: message.id,
    });
};

export const handler = live(startJourneys);
