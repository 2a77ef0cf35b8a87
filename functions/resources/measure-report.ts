import type { MeasureReport } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { broken } from "./findings.ts";
import { entering } from "./entering.ts";

export const measureReport = {
  type: "MeasureReport",
  home: ["subject"],
  homeOptional: true,
  byMonth: true,
  links: ["subject"],
  moves: {
    pending: ["complete", "error"],
    error: ["pending", "complete"],
    complete: ["error"],
  },
  // One about groups of patients is in the directory, for all staff.
  invariants: ({ type, subject }) =>
    type === "individual" && !subject?.reference?.startsWith("Patient/")
      ? [
          broken(
            "MeasureReport.subject",
            "an individual report is about a patient",
          ),
        ]
      : [],
  event: entering({
    complete: "MeasureReportCompleted",
    error: "MeasureReportFailed",
  }),
} as const satisfies Declaration<MeasureReport>;
