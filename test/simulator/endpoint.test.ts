import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  stepFunctionsEndpoint,
  type StepFunctionsEndpoint,
} from "../../local/step-functions.ts";
import { invoke, machine, pass, waitForToken } from "./machine.ts";

const arnOf = (name: string) =>
  `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const functionArn = (name: string) =>
  `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const call = (name: string, more: object = {}) => ({
  Type: "Task",
  Resource: invoke,
  Arguments: {
    FunctionName: functionArn(name),
    Payload: "{% $states.input %}",
  },
  End: true,
  ...more,
});

/** What we need of the emulator: state machines and functions. */
const emulator = () => {
  const tokens: string[] = [];
  const definitions: Record<string, object> = {
    twice: machine({
      Twice: call("double", { Output: "{% $states.result.Payload %}" }),
    }),
    fails: machine({ Fails: call("boom") }),
    busy: machine({
      Busy: call("busy", {
        Catch: [
          { ErrorEquals: ["Lambda.TooManyRequestsException"], Next: "Rest" },
        ],
      }),
      Rest: pass({ Output: "rested" }),
    }),
    gone: machine({ Gone: call("none") }),
    week: machine({ Nap: { Type: "Wait", Seconds: 604_800, End: true } }),
    asks: machine({
      Ask: {
        Type: "Task",
        Resource: waitForToken,
        Arguments: {
          FunctionName: functionArn("ask"),
          Payload: "{% $states.context.Task.Token %}",
        },
        TimeoutSeconds: 20_000_000,
        End: true,
      },
    }),
    broken: { QueryLanguage: "JSONata", StartAt: "No", States: { A: pass() } },
  };
  const functions: Record<
    string,
    (payload: unknown) => { status?: number; error?: string; body: unknown }
  > = {
    double: (payload) => ({ body: (payload as { n: number }).n * 2 }),
    boom: () => ({
      error: "Unhandled",
      body: { errorType: "Boom", errorMessage: "no" },
    }),
    busy: () => ({
      status: 429,
      error: "TooManyRequestsException",
      body: {
        Reason: "ConcurrentInvocationLimitExceeded",
        message: "Rate exceeded",
      },
    }),
    none: () => ({
      status: 404,
      error: "ResourceNotFoundException",
      body: { Message: "Function not found" },
    }),
    ask: (payload) => {
      tokens.push(payload as string);
      return { body: null };
    },
  };
  const describeMachine = (arn: string) => {
    const name = arn.split(":").at(-1) ?? "";
    const definition = definitions[name];
    if (!definition)
      return {
        status: 400,
        body: {
          __type: "StateMachineDoesNotExist",
          message: `State Machine Does Not Exist: '${arn}'`,
        },
      };
    return {
      status: 200,
      body: {
        stateMachineArn: arn,
        name,
        definition: JSON.stringify(definition),
        roleArn: "arn:aws:iam::000000000000:role/r",
        type: "STANDARD",
        creationDate: 1,
      },
    };
  };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1);
      const invoked = /functions\/([^/]+)\/invocations/
        .exec(decodeURIComponent(request.url ?? ""))?.[1]
        ?.split(":")
        .at(-1);
      if (invoked !== undefined) {
        const {
          status = 200,
          error,
          body,
        } = functions[invoked]?.(JSON.parse(text)) ?? { body: null };
        if (error)
          response.setHeader(
            status === 200 ? "x-amz-function-error" : "x-amzn-errortype",
            error,
          );
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify(body));
        return;
      }
      const { stateMachineArn = "" } = JSON.parse(text || "{}") as {
        stateMachineArn?: string;
      };
      const { status, body } =
        operation === "DescribeStateMachine"
          ? describeMachine(stateMachineArn)
          : { status: 200, body: { stateMachines: [] } };
      response
        .writeHead(status, { "content-type": "application/x-amz-json-1.0" })
        .end(JSON.stringify(body));
    });
  });
  return { server, tokens, definitions };
};

const fake = emulator();
let endpoint: StepFunctionsEndpoint;
let client: SFNClient;

const listening = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
beforeAll(async () => {
  await listening(fake.server);
  const emulatorUrl = `http://127.0.0.1:${(fake.server.address() as AddressInfo).port}`;
  endpoint = await stepFunctionsEndpoint({
    emulatorUrl,
    port: 0,
    pace: 1_000_000,
  });
  client = new SFNClient({
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "s" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
  fake.server.close();
});

const start = async (name: string, input: unknown = {}) => {
  const { executionArn = "" } = await client.send(
    new StartExecutionCommand({
      stateMachineArn: arnOf(name),
      input: JSON.stringify(input),
    }),
  );
  return executionArn;
};
const ended = async (name: string, input?: unknown) => {
  const executionArn = await start(name, input);
  await endpoint.engine.ended(executionArn);
  return client.send(new DescribeExecutionCommand({ executionArn }));
};

describe("through the SDK", () => {
  test("an execution of the emulator's state machine calls the emulator's function", async () => {
    expect(await ended("twice", { n: 21 })).toMatchObject({
      status: "SUCCEEDED",
      output: "42",
      stateMachineArn: arnOf("twice"),
    });
  });

  test("a function's error is the task's error, its payload the cause", async () => {
    expect(await ended("fails")).toMatchObject({
      status: "FAILED",
      error: "Boom",
      cause: '{"errorType":"Boom","errorMessage":"no"}',
    });
  });

  test("Lambda's own errors have Lambda's names", async () => {
    expect(await ended("busy")).toMatchObject({
      status: "SUCCEEDED",
      output: '"rested"',
    });
    expect(await ended("gone")).toMatchObject({
      status: "FAILED",
      error: "Lambda.ResourceNotFoundException",
    });
  });

  test("a week passes at once", async () => {
    const { startDate, stopDate } = await ended("week");
    expect(
      (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0),
    ).toBeGreaterThanOrEqual(604_800_000);
  });

  test("history, list, definition", async () => {
    const { executionArn } = await ended("twice", { n: 1 });
    const history = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 2 }),
    );
    expect(history.events?.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
    ]);
    expect(history.events?.[0]?.timestamp).toBeInstanceOf(Date);
    const rest = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        nextToken: history.nextToken,
      }),
    );
    expect(rest.events?.at(-1)?.type).toBe("ExecutionSucceeded");
    const list = await client.send(
      new ListExecutionsCommand({
        stateMachineArn: arnOf("twice"),
        statusFilter: "SUCCEEDED",
        maxResults: 1,
      }),
    );
    expect(list.executions).toMatchObject([
      { executionArn, status: "SUCCEEDED" },
    ]);
    const { definition } = await client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn }),
    );
    expect(JSON.parse(definition ?? "")).toEqual(fake.definitions.twice);
  });

  test("a callback", async () => {
    const executionArn = await start("asks");
    await expect.poll(() => fake.tokens.length).toBe(1);
    await client.send(
      new SendTaskSuccessCommand({
        taskToken: fake.tokens[0],
        output: '"yes"',
      }),
    );
    expect(await endpoint.engine.ended(executionArn)).toMatchObject({
      output: '"yes"',
    });
    await expect(
      client.send(
        new SendTaskSuccessCommand({ taskToken: fake.tokens[0], output: "1" }),
      ),
    ).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  test("stopping one that is over answers with its date", async () => {
    const { executionArn, stopDate } = await ended("twice", { n: 1 });
    expect(
      await client.send(new StopExecutionCommand({ executionArn })),
    ).toMatchObject({ stopDate });
  });

  test("a new definition in the emulator is seen by the next start", async () => {
    expect(await ended("twice", { n: 1 })).toMatchObject({ output: "2" });
    const before = fake.definitions.twice;
    fake.definitions.twice = machine({ Other: pass({ Output: "other" }) });
    expect(await ended("twice", { n: 1 })).toMatchObject({ output: '"other"' });
    fake.definitions.twice = before ?? {};
  });

  test("errors have AWS's names and status", async () => {
    await expect(start("none")).rejects.toMatchObject({
      name: "StateMachineDoesNotExist",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(start("broken")).rejects.toMatchObject({
      name: "InvalidDefinition",
      message: expect.stringContaining(
        "Missing 'StartAt' target: No",
      ) as string,
    });
    const executionArn =
      "arn:aws:states:us-east-1:000000000000:execution:twice:none";
    await expect(
      client.send(new DescribeExecutionCommand({ executionArn })),
    ).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  });

  test("what is not ours goes on to the emulator", async () => {
    expect(
      (await client.send(new ListStateMachinesCommand({}))).stateMachines,
    ).toEqual([]);
  });
});
