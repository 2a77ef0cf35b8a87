import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Erasure, Erasures } from "../store/erasures.ts";

/** What every step of an erasure is told: ids. */
export const ErasureInput = z.object({
  execution: z.string().min(1).max(80),
  patient: z.string().min(1).max(64),
  request: z.string().min(1).max(64),
});

export const asErasure = (step: string, execution: string): Context => ({
  by: { kind: "system", id: step },
  purpose: "HOPERAT",
  requestId: execution,
});

/** Throws NotFound (404) when this request erases nobody. */
export const erasureOf = async (
  erasures: Pick<Erasures, "find">,
  {
    patient,
    request,
  }: Pick<z.infer<typeof ErasureInput>, "patient" | "request">,
): Promise<Erasure> => {
  const erasure = await erasures.find(patient);
  if (erasure?.request === request) return erasure;
  throw new Fault("NotFound", 404, "There is no such erasure.");
};
