import type { Execution, ExecutionStatus } from "./execution.ts";

/** An entry of ListExecutions. */
export interface ExecutionListing {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
}

/** What DescribeExecution gives. */
export interface ExecutionDescription extends ExecutionListing {
  readonly input: string;
  readonly inputDetails: { readonly included: true };
  readonly output?: string;
  readonly outputDetails?: { readonly included: true };
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount: number;
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE";
  readonly redriveStatusReason?: string;
}

export const listed = ({
  executionArn,
  machine,
  name,
  status,
  startDate,
  stopDate,
}: Execution): ExecutionListing => ({
  executionArn,
  stateMachineArn: machine.arn,
  name,
  status,
  startDate,
  ...(stopDate !== undefined && { stopDate }),
});

const redrive = (status: ExecutionStatus) =>
  status === "RUNNING" || status === "SUCCEEDED"
    ? ({
        redriveStatus: "NOT_REDRIVABLE",
        redriveStatusReason: `Execution is ${status} and cannot be redriven`,
      } as const)
    : ({ redriveStatus: "REDRIVABLE" } as const);

export const describe = (execution: Execution): ExecutionDescription => {
  const { input, output, error, cause, status } = execution;
  return {
    ...listed(execution),
    input: input.text,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount: 0,
    ...redrive(status),
  };
};
