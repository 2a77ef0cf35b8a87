import type { Clock } from "./clock.ts";
import type { ExecutionDescription, ExecutionListing } from "./descriptions.ts";
import type { Invocation } from "./execution.ts";
import type { HistoryEvent } from "./history.ts";
import type { Mock } from "./mocks.ts";

export interface EngineOptions {
  readonly clock: Clock;
  /** Runs a Lambda function: resolves with its result, rejects with TaskFailure. */
  readonly invoke: (call: Invocation) => Promise<unknown>;
  /** Numbers in [0, 1) for jitter, `$random` and `$uuid`. */
  readonly random?: () => number;
  readonly newId?: () => string;
  /** Stands in for the tasks of the states that it answers for. */
  readonly mock?: Mock;
}

interface MachineDeployment {
  readonly arn: string;
  readonly name: string;
  readonly definition: string | object;
  readonly roleArn?: string;
}

interface Paging {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** The Step Functions API of Standard workflows, with times in epoch milliseconds. Errors are ApiFault with AWS's names. */
export interface Engine {
  /** Validates; a running execution stays on the definition that it was started with. Throws InvalidDefinition or Unsupported. */
  deploy(machine: MachineDeployment): void;
  startExecution(start: {
    stateMachineArn: string;
    name?: string | undefined;
    input?: string | undefined;
  }): { executionArn: string; startDate: number };
  describeExecution(of: { executionArn: string }): ExecutionDescription;
  listExecutions(
    of: { stateMachineArn: string; statusFilter?: string | undefined } & Paging,
  ): { executions: ExecutionListing[]; nextToken?: string };
  /** All events, unless `maxResults` is given. */
  getExecutionHistory(
    of: {
      executionArn: string;
      reverseOrder?: boolean | undefined;
      includeExecutionData?: boolean | undefined;
    } & Paging,
  ): {
    events: HistoryEvent[];
    nextToken?: string;
  };
  describeStateMachineForExecution(of: { executionArn: string }): {
    stateMachineArn: string;
    name: string;
    definition: string;
    roleArn: string;
    updateDate: number;
  };
  stopExecution(stop: {
    executionArn: string;
    error?: string | undefined;
    cause?: string | undefined;
  }): { stopDate: number };
  sendTaskSuccess(answer: { taskToken: string; output: string }): void;
  sendTaskFailure(answer: {
    taskToken: string;
    error?: string | undefined;
    cause?: string | undefined;
  }): void;
  sendTaskHeartbeat(beat: { taskToken: string }): void;
  /** Waits until no execution is open; a virtual clock moves on only while somebody waits here or in `ended`. */
  settled(): Promise<void>;
  ended(executionArn: string): Promise<ExecutionDescription>;
}
