import * as z from "zod";
import { isUlid } from "./ids.ts";

/** Why a record is opened that is otherwise closed to whoever opens it. */
export const emergencyReasons = {
  "life-threatening": "Life or health is in immediate danger.",
  "unable-to-consent": "The patient cannot consent and needs care now.",
  covering: "Care that another clinician is in charge of cannot wait.",
  other: "Another emergency.",
} as const;

export type EmergencyReason = keyof typeof emergencyReasons;

export const PatientId = z
  .string()
  .refine(isUlid, "must be the id of a Patient of this server");

/** Emergency access procedure: 45 CFR 164.312(a)(2)(ii) (HHS, 2013). */
export const EmergencyRequest = z.strictObject({
  patient: PatientId,
  reason: z.enum(Object.keys(emergencyReasons) as [EmergencyReason]),
  /** In the words of whoever opens it, for whoever reviews it. */
  text: z.string().trim().min(10).max(1000),
});
export type EmergencyRequest = z.infer<typeof EmergencyRequest>;

/** A stretch of time in which a member of staff may see one patient's record for treatment, whatever otherwise refuses. */
export interface EmergencyAccess {
  readonly patient: string;
  readonly staff: string;
  readonly from: string;
  readonly until: string;
  readonly reason: EmergencyReason;
  readonly text: string;
}
