import {
  DescribeStateMachineCommand,
  SFNClient,
  SFNServiceException,
} from "@aws-sdk/client-sfn";
import { ApiFault, type Engine } from "../simulator/engine.ts";

type Operation = (request: never) => unknown;

const localCredentials = { accessKeyId: "test", secretAccessKey: "test" };

// Dates travel as seconds.
const dates = new Set(["startDate", "stopDate", "updateDate", "timestamp"]);
const onWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(onWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      dates.has(name) && typeof member === "number"
        ? member / 1000
        : onWire(member),
    ]),
  );
};

/** Takes a state machine over from the emulator when it is new or has changed there. */
const deployment = (engine: Engine, emulatorUrl: string) => {
  const client = new SFNClient({
    endpoint: emulatorUrl,
    region: "us-east-1",
    credentials: localCredentials,
  });
  const deployed = new Map<string, string>();
  return async (stateMachineArn: string): Promise<void> => {
    const machine = await client
      .send(new DescribeStateMachineCommand({ stateMachineArn }))
      .catch((error: unknown) => {
        if (error instanceof SFNServiceException)
          throw new ApiFault(error.name, error.message);
        throw error;
      });
    const {
      definition = "",
      name = "",
      roleArn = "",
      revisionId = "",
    } = machine;
    const revision = `${revisionId} ${definition}`;
    if (deployed.get(stateMachineArn) === revision) return;
    engine.deploy({ arn: stateMachineArn, name, definition, roleArn });
    deployed.set(stateMachineArn, revision);
  };
};

/** The operations that the engine answers, by the name in X-Amz-Target. */
export const operations = (
  engine: Engine,
  emulatorUrl: string,
): Readonly<Record<string, Operation>> => {
  const refresh = deployment(engine, emulatorUrl);
  const answers: Record<string, Operation> = {
    StartExecution: async (
      request: Parameters<Engine["startExecution"]>[0],
    ) => {
      await refresh(request.stateMachineArn);
      return engine.startExecution(request);
    },
    ListExecutions: async (
      request: Parameters<Engine["listExecutions"]>[0],
    ) => {
      await refresh(request.stateMachineArn);
      return engine.listExecutions(request);
    },
    DescribeExecution: engine.describeExecution,
    DescribeStateMachineForExecution: engine.describeStateMachineForExecution,
    GetExecutionHistory: (
      request: Parameters<Engine["getExecutionHistory"]>[0],
    ) => engine.getExecutionHistory({ maxResults: 100, ...request }),
    StopExecution: engine.stopExecution,
    SendTaskSuccess: engine.sendTaskSuccess,
    SendTaskFailure: engine.sendTaskFailure,
    SendTaskHeartbeat: engine.sendTaskHeartbeat,
  };
  return Object.fromEntries(
    Object.entries(answers).map(([name, run]) => [
      name,
      async (request: never) => onWire(await run(request)),
    ]),
  );
};
