import type { Occurrence } from "../core/journey.ts";

/** Executions of the workflows. Starting and stopping twice is harmless. */
export interface Journeys {
  /** `input` holds ids only: it is kept in the execution's history. Answers the execution's name. */
  start(
    occurrence: Occurrence,
    input: Readonly<Record<string, string>>,
  ): Promise<string>;
  stop(occurrence: Occurrence, reason: string): Promise<void>;
}

/** Step Functions, loaded when something is first started or stopped; `arns` names the state machine of each journey. */
export const liveJourneys = (
  arns: Readonly<Record<string, string>>,
): Journeys => {
  let loading: Promise<Journeys> | undefined;
  const load = (): Promise<Journeys> =>
    (loading ??= import("./step-functions.ts").then(({ stepFunctions }) =>
      stepFunctions(arns),
    ));
  return {
    start: async (...given) => (await load()).start(...given),
    stop: async (...given) => (await load()).stop(...given),
  };
};

/** An execution is named under its state machine, whichever alias or version started it. */
export const executionArn = (stateMachineArn: string, name: string): string => {
  const [arn, partition, service, region, account, , machine] =
    stateMachineArn.split(":");
  return [
    arn,
    partition,
    service,
    region,
    account,
    "execution",
    machine,
    name,
  ].join(":");
};
