import * as z from "zod";
import type { Task } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { demandedKind, requestedBy } from "../core/privacy-request.ts";
import type { RequestKind } from "../../packs/rights/rights-pack.ts";
import type { Stored, Work } from "../store/records.ts";

const id = z.string().min(1).max(64);

/** What every task of a privacy request is told: ids and the journey's own time. */
export const RequestInput = z.object({
  execution: z.string().min(1).max(80),
  patient: id,
  request: id,
  now: z.iso.datetime(),
});
export type RequestInput = z.infer<typeof RequestInput>;

/** What stands against an erasure, by name: each is a ground of denial. */
export const Obstacle = z.enum(["legal-hold", "retention-duty"]);

/** The request as the record has it. Throws NotFound (404). */
export const demandRequest = async (
  work: Work,
  { request }: Pick<RequestInput, "request">,
): Promise<{ readonly task: Stored<Task>; readonly kind: RequestKind }> => {
  const task = await work.demand("Task", request);
  return { task, kind: demandedKind(task) };
};

/** In the name of whoever asked: what is answered is what they may see. What staff asked for is for the patient. */
export const asRequester = (
  task: Task,
  { patient, execution }: Pick<RequestInput, "patient" | "execution">,
): Context => {
  const [kind = "", id = ""] = requestedBy(task).split(":");
  return {
    by: { kind: "patient", id: kind === "patient" ? id : patient, token: "" },
    purpose: "PATRQT",
    requestId: execution,
  };
};
