import { readFileSync } from "node:fs";
import { executionName, type Occurrence } from "../functions/core/journey.ts";
import { executionArn, type Journeys } from "../functions/outbound/journeys.ts";
import type { VirtualClock } from "./clock.ts";
import { createEngine } from "./engine.ts";

export type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** The very file of one workflow on a clock that jumps, with the port that starts and stops it. `run` is a task: what the file calls `${SendMessage}` comes as `SendMessage`. */
export const stagedWorkflow = (
  name: string,
  clock: VirtualClock,
  run: (task: string, payload: unknown) => Promise<unknown>,
) => {
  const machine = `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
  const engine = createEngine({
    clock,
    random: () => 0.5,
    invoke: ({ functionArn, payload }) =>
      run(functionArn.split(":").at(-1) ?? "", payload),
  });
  engine.deploy({
    arn: machine,
    name,
    definition: textOf(name).replaceAll(
      /\$\{(\w+)\}/g,
      "arn:aws:lambda:us-east-1:000000000000:function:$1",
    ),
  });
  const arnOf = (occurrence: Occurrence): string =>
    executionArn(machine, executionName(occurrence));
  const journeys: Journeys = {
    start: (occurrence, input) => {
      const execution = executionName(occurrence);
      harmless("ExecutionAlreadyExists", () =>
        engine.startExecution({
          stateMachineArn: machine,
          name: execution,
          input: JSON.stringify(input),
        }),
      );
      return Promise.resolve(execution);
    },
    stop: (occurrence, cause) => {
      harmless("ExecutionDoesNotExist", () =>
        engine.stopExecution({
          executionArn: arnOf(occurrence),
          error: "JourneyStopped",
          cause,
        }),
      );
      return Promise.resolve();
    },
  };
  return {
    name,
    engine,
    journeys,
    statusOf: (occurrence: Occurrence): string =>
      engine.describeExecution({ executionArn: arnOf(occurrence) }).status,
    /** All that are known of, newest first, with their histories. */
    executions: () =>
      engine
        .listExecutions({ stateMachineArn: machine })
        .executions.map(({ executionArn: arn }) => ({
          ...engine.describeExecution({ executionArn: arn }),
          ...engine.getExecutionHistory({ executionArn: arn }),
        })),
  };
};

type Executions = ReturnType<ReturnType<typeof stagedWorkflow>["executions"]>;

/** The states that executions entered. */
export const entered = (executions: Executions): readonly string[] =>
  executions.flatMap(({ events }) =>
    events.flatMap(({ stateEnteredEventDetails }) =>
      typeof stateEnteredEventDetails?.name === "string"
        ? [stateEnteredEventDetails.name]
        : [],
    ),
  );

/** All states of a workflow. */
export const statesOf = (name: string): readonly string[] =>
  Object.keys((JSON.parse(textOf(name)) as { readonly States: object }).States);

const textOf = (name: string): string =>
  readFileSync(
    new URL(`../workflows/${name}.asl.json`, import.meta.url),
    "utf8",
  );

const harmless = (name: string, act: () => unknown): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error && error.name === name)) throw error;
  }
};
