import type { OperationOutcomeIssue } from "@medplum/fhirtypes";

/** A rule of ours that the resource breaks. The text never holds a value. */
export const broken = (
  expression: string,
  text: string,
): OperationOutcomeIssue => ({
  severity: "error",
  code: "business-rule",
  details: { text },
  expression: [expression],
});

/** Whether both are instants and the second is not after the first. */
export const outOfOrder = (
  start: string | undefined,
  end: string | undefined,
): boolean =>
  start !== undefined &&
  end !== undefined &&
  Date.parse(end) <= Date.parse(start);
