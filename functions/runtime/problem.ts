import type { OperationOutcome } from "@medplum/fhirtypes";
import type { Fault } from "../core/fault.ts";

/** A Fault as FHIR answers it. */
export const operationOutcome = ({ issues }: Fault): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: [...issues],
});

/** A Fault as RFC 9457 problem details, outside /fhir. */
export const problem = (
  { name, message, issues, expression }: Fault,
  status: number,
  requestId: string,
): object => ({
  type: `https://sojourn.example/problems/${name}`,
  title: name,
  status,
  detail: message,
  instance: requestId,
  ...((expression.length > 0 ||
    issues.length > 1 ||
    issues[0]?.expression !== undefined) && {
    errors: issues.map((issue) => ({
      field: issue.expression?.[0],
      detail: issue.details?.text,
    })),
  }),
});
