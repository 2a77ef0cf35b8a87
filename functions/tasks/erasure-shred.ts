import type { Appointment, CarePlan, Task } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { appointmentOfPlan, isJourney, occurrenceOf } from "../core/journey.ts";
import { requestOccurrence } from "../core/privacy-request.ts";
import { kindOf } from "../core/request-kind.ts";
import { lateAccounts, type Accounts } from "../outbound/accounts.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { countryOf } from "../resources/normalise.ts";
import { cancelAppointment } from "../store/booking.ts";
import type { Erasure } from "../store/erasures.ts";
import { writeLedger } from "../store/shred-ledger.ts";
import { preVisit } from "../../workflows/pre-visit.ts";
import { privacyRequest } from "../../workflows/privacy-request.ts";
import { asErasure, erasureOf, ErasureInput } from "./erasure-input.ts";

const Output = z.object({ isShredded: z.boolean() });

type ShredDeps = Pick<
  Deps,
  | "erasures"
  | "erasing"
  | "records"
  | "documents"
  | "journeys"
  | "organization"
  | "log"
> & { readonly accounts: Accounts };

/** Visits that are still to come hold somebody's time. */
const open: readonly Appointment["status"][] = [
  "proposed",
  "pending",
  "booked",
  "waitlist",
];

/**
 * Ends what is under way for the person, destroys the keys, and tells the ledger beside the record. False when something
 * stands against it by now.
 */
export const erasureShred = (deps: ShredDeps) =>
  task(ErasureInput, Output, async ({ execution, patient, request }) => {
    const { erasures, erasing, documents, accounts, organization, log } = deps;
    const country = countryOf(organization.phone) ?? "US";
    const context = asErasure("erasure-shred", execution);
    const [store, stores] = await Promise.all([erasures(), erasing()]);
    const before = await erasureOf(store, { patient, request });
    if (before.status === "requested") {
      // Nobody's visit is cancelled for an erasure that will not be.
      if ((await store.obstacle(patient, country)) !== undefined)
        return { isShredded: false };
      await endWhatIsUnderWay(deps, context, before);
      await stores.freeClaims(await store.setOf(patient));
    }
    const done = await store
      .shred(context, before, country)
      .catch(unlessRefused);
    if (done === undefined) return { isShredded: false };
    for (const entry of done.entries) await writeLedger(documents, entry);
    await counted(deps, done.erasure);
    for (const one of done.erasure.set ?? []) await accounts.remove(one);
    log("PatientErased", { patient, execution });
    return { isShredded: true };
  });

const unlessRefused = (error: unknown): undefined => {
  const isRefused =
    error instanceof Fault &&
    ["LegalHold", "RetentionDuty"].includes(error.name);
  if (!isRefused) throw error;
};

/** Before anything goes; a second run finds it counted. */
const counted = async (
  { erasures, erasing, accounts }: ShredDeps,
  erasure: Erasure,
): Promise<void> => {
  if (erasure.held !== undefined) return;
  const set = erasure.set ?? [];
  const there = await Promise.all(set.map(accounts.exists));
  await (
    await erasures()
  ).note(erasure, {
    ...(await (await erasing()).inventory(set)),
    accounts: there.filter(Boolean).length,
  });
};

const endWhatIsUnderWay = async (
  { records, journeys, log }: ShredDeps,
  context: Context,
  { patient, request }: Pick<Erasure, "patient" | "request">,
): Promise<void> => {
  const { appointments, plans, requests } = await records.change(
    context,
    async (work) => ({
      appointments: await work.ofPatient("Appointment", patient),
      plans: await work.ofPatient("CarePlan", patient),
      requests: await work.ofPatient("Task", patient),
    }),
  );
  for (const { id, status } of appointments)
    if (open.includes(status))
      await records.change(context, (work) => cancelAppointment(work, id));
  for (const plan of plans) {
    const subject = appointmentOfPlan(plan);
    if (subject === undefined || !isRunning(plan)) continue;
    await journeys.stop(
      { journey: preVisit.name, subject, occurrence: occurrenceOf(plan) },
      "PatientErased",
    );
    log("JourneyStopped", { patient, journey: preVisit.name });
  }
  // Nobody is left to answer; the request that asked for the erasure ends by itself.
  for (const one of requests) {
    if (one.id === request || kindOf(one) === undefined) continue;
    if (over.includes(one.status)) continue;
    await journeys.stop(requestOccurrence(one.id), "PatientErased");
    log("JourneyStopped", { patient, journey: privacyRequest.name });
  }
};

const over: readonly Task["status"][] = ["rejected", "completed", "cancelled"];

const isRunning = (plan: CarePlan): boolean =>
  plan.status === "active" && isJourney(plan, preVisit.name);

export const handler = live(erasureShred, {
  accounts: () => lateAccounts(environment("PATIENT_POOL_ID")),
});
