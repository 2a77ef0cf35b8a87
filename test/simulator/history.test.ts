import { expect, test } from "vitest";
import { TaskFailure } from "../../simulator/engine.ts";
import {
  chain,
  details,
  invoke,
  machine,
  monday,
  pass,
  play,
  task,
  waitForToken,
} from "./machine.ts";
import { runStateMachine } from "../../simulator/run.ts";

const truncated = { truncated: false };

test("a Pass state and its variables", async () => {
  const result = await play(
    {
      Keep: pass({
        Assign: { n: 1, who: "{% $states.input.who %}", all: { deep: [true] } },
        Output: "{% 'out' %}",
      }),
    },
    { who: "me" },
  );
  const roleArn = "arn:aws:iam::123456789012:role/run";
  const timestamp = Date.parse(monday);
  expect(result.history).toEqual([
    {
      id: 1,
      previousEventId: 0,
      timestamp,
      type: "ExecutionStarted",
      executionStartedEventDetails: {
        input: '{"who":"me"}',
        inputDetails: truncated,
        roleArn,
      },
    },
    {
      id: 2,
      previousEventId: 0,
      timestamp,
      type: "PassStateEntered",
      stateEnteredEventDetails: {
        name: "Keep",
        input: '{"who":"me"}',
        inputDetails: truncated,
      },
    },
    {
      id: 3,
      previousEventId: 2,
      timestamp,
      type: "PassStateExited",
      stateExitedEventDetails: {
        name: "Keep",
        output: '"out"',
        outputDetails: truncated,
        assignedVariables: { n: "1", who: '"me"', all: '{"deep":[true]}' },
        assignedVariablesDetails: truncated,
      },
    },
    {
      id: 4,
      previousEventId: 3,
      timestamp,
      type: "ExecutionSucceeded",
      executionSucceededEventDetails: {
        output: '"out"',
        outputDetails: truncated,
      },
    },
  ]);
});

test("an empty Assign is not mentioned", async () => {
  const [exited] = details(
    await play({ Keep: pass({ Assign: {} }) }),
    "PassStateExited",
  );
  expect(exited).toEqual({
    name: "Keep",
    output: "{}",
    outputDetails: truncated,
  });
});

test("lambda:invoke", async () => {
  const result = await play(
    {
      Ask: task({
        Arguments: {
          FunctionName: "f",
          Payload: { q: "{% $states.input.q %}" },
        },
        TimeoutSeconds: "{% 5 %}",
        HeartbeatSeconds: 2,
      }),
    },
    { q: 1 },
    { tasks: { f: () => ({ a: 2 }) }, newId: () => "id" },
  );
  const common = { resource: "invoke", resourceType: "lambda" };
  expect(chain(result)).toEqual([
    "ExecutionStarted<-0",
    "TaskStateEntered<-0",
    "TaskScheduled<-2",
    "TaskStarted<-3",
    "TaskSucceeded<-4",
    "TaskStateExited<-5",
    "ExecutionSucceeded<-6",
  ]);
  expect(details(result, "TaskScheduled")).toEqual([
    {
      ...common,
      parameters: '{"FunctionName":"f","Payload":{"q":1}}',
      region: "us-east-1",
      timeoutInSeconds: 5,
      heartbeatInSeconds: 2,
    },
  ]);
  expect(details(result, "TaskStarted")).toEqual([common]);
  const [succeeded] = details(result, "TaskSucceeded") as { output: string }[];
  expect(succeeded).toEqual({
    ...common,
    output: result.output,
    outputDetails: truncated,
  });
  expect(JSON.parse(result.output ?? "")).toMatchObject({
    ExecutedVersion: "$LATEST",
    Payload: { a: 2 },
    SdkHttpMetadata: {
      HttpStatusCode: 200,
      HttpHeaders: { "Content-Length": "7" },
      AllHttpHeaders: { "Content-Type": ["application/json"] },
    },
    SdkResponseMetadata: { RequestId: "id" },
    StatusCode: 200,
  });
  expect(Object.keys(JSON.parse(result.output ?? "") as object)).toEqual([
    "ExecutedVersion",
    "Payload",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "StatusCode",
  ]);
});

const bare = "arn:aws:lambda:us-east-1:123456789012:function:bare";

test("a bare function is called with the arguments and results in its payload", async () => {
  const result = await play(
    { Ask: { Type: "Task", Resource: bare, TimeoutSeconds: 5, End: true } },
    { q: 1 },
    { tasks: { bare: (payload) => [payload] } },
  );
  expect(chain(result).slice(2, 6)).toEqual([
    "LambdaFunctionScheduled<-2",
    "LambdaFunctionStarted<-3",
    "LambdaFunctionSucceeded<-4",
    "TaskStateExited<-5",
  ]);
  expect(details(result, "LambdaFunctionScheduled")).toEqual([
    {
      input: '{"q":1}',
      inputDetails: truncated,
      resource: bare,
      timeoutInSeconds: 5,
    },
  ]);
  expect(details(result, "LambdaFunctionStarted")).toEqual([undefined]);
  expect(details(result, "LambdaFunctionSucceeded")).toEqual([
    { output: '[{"q":1}]', outputDetails: truncated },
  ]);
  expect(result.output).toBe('[{"q":1}]');
});

test.each([
  [bare, "LambdaFunction", {}],
  [invoke, "Task", { resource: "invoke", resourceType: "lambda" }],
])("a failure of %s", async (Resource, family, common) => {
  const fails = () => {
    throw new TaskFailure("Boom", '{"errorType":"Boom"}');
  };
  const result = await play(
    { Ask: task({ Resource }) },
    {},
    { tasks: { f: fails, bare: fails } },
  );
  expect(chain(result).slice(4)).toEqual([
    `${family}Failed<-4`,
    "ExecutionFailed<-5",
  ]);
  expect(details(result, `${family}Failed`)).toEqual([
    { error: "Boom", cause: '{"errorType":"Boom"}', ...common },
  ]);
  expect(details(result, "ExecutionFailed")).toEqual([
    { error: "Boom", cause: '{"errorType":"Boom"}' },
  ]);
});

test.each([
  [bare, "LambdaFunction", {}],
  [invoke, "Task", { resource: "invoke", resourceType: "lambda" }],
])("a timeout of %s has no cause", async (Resource, family, common) => {
  const slow = (_: unknown, call: { sleep: (ms: number) => Promise<void> }) =>
    call.sleep(60_000);
  const result = await play(
    { Ask: task({ Resource, TimeoutSeconds: 5 }) },
    {},
    { tasks: { f: slow, bare: slow } },
  );
  expect(chain(result).slice(4)).toEqual([
    `${family}TimedOut<-4`,
    "ExecutionFailed<-5",
  ]);
  expect(details(result, `${family}TimedOut`)).toEqual([
    { error: "States.Timeout", ...common },
  ]);
  expect(details(result, "ExecutionFailed")).toEqual([
    { error: "States.Timeout" },
  ]);
  expect(result).toMatchObject({
    error: "States.Timeout",
    stopDate: Date.parse(monday) + 5000,
  });
  expect(result).not.toHaveProperty("cause");
});

test("a caught failure exits with the error output", async () => {
  const fails = () => {
    throw new TaskFailure("Boom", "why");
  };
  const states = {
    Ask: task({
      Catch: [
        {
          ErrorEquals: ["Boom"],
          Assign: { seen: "{% $states.errorOutput.Error %}" },
          Next: "Done",
        },
      ],
    }),
    Done: pass(),
  };
  const result = await play(states, {}, { tasks: { f: fails } });
  expect(chain(result).slice(4)).toEqual([
    "TaskFailed<-4",
    "TaskStateExited<-5",
    "PassStateEntered<-6",
    "PassStateExited<-7",
    "ExecutionSucceeded<-8",
  ]);
  expect(details(result, "TaskStateExited")).toEqual([
    {
      name: "Ask",
      output: '{"Error":"Boom","Cause":"why"}',
      outputDetails: truncated,
      assignedVariables: { seen: '"Boom"' },
      assignedVariablesDetails: truncated,
    },
  ]);
});

test("a failed expression is recorded once per attempt", async () => {
  const Arguments = {
    FunctionName: "f",
    Payload: "{% $states.input.missing %}",
  };
  const result = await play({
    Send: task({
      Arguments,
      Retry: [
        { ErrorEquals: ["States.ALL"], MaxAttempts: 1, IntervalSeconds: 1 },
      ],
    }),
  });
  expect(chain(result)).toEqual([
    "ExecutionStarted<-0",
    "TaskStateEntered<-0",
    "EvaluationFailed<-2",
    "EvaluationFailed<-3",
    "ExecutionFailed<-4",
  ]);
  const cause =
    "An error occurred while executing the state 'Send' (entered at the event id #2). The JSONata expression '$states.input.missing' specified for the field 'Arguments/Payload' returned nothing (undefined).";
  const error = "States.QueryEvaluationError";
  expect(details(result, "EvaluationFailed")[1]).toEqual({
    error,
    cause,
    location: "Arguments/Payload",
    state: "Send",
  });
  expect(details(result, "ExecutionFailed")).toEqual([{ error, cause }]);
});

test("a Fail state passes its error and cause on unchanged", async () => {
  const result = await play(
    { No: { Type: "Fail", Error: "{% $states.input.e %}", Cause: "because" } },
    { e: "MyError" },
  );
  expect(chain(result)).toEqual([
    "ExecutionStarted<-0",
    "FailStateEntered<-0",
    "ExecutionFailed<-2",
  ]);
  expect(details(result, "ExecutionFailed")).toEqual([
    { error: "MyError", cause: "because" },
  ]);
});

test("a Fail state may say nothing", async () => {
  const result = await play({ No: { Type: "Fail" } });
  expect(details(result, "ExecutionFailed")).toEqual([{}]);
  expect(result).not.toHaveProperty("error");
});

test("a Choice without a match and without a default ends the execution", async () => {
  const result = await play({
    Pick: {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input.x = 1 %}", Next: "Done" }],
    },
    Done: pass(),
  });
  expect(chain(result)).toEqual([
    "ExecutionStarted<-0",
    "ChoiceStateEntered<-0",
    "ExecutionFailed<-2",
  ]);
  expect(details(result, "ExecutionFailed")).toEqual([
    {
      error: "States.Runtime",
      cause:
        "An error occurred while executing the state 'Pick' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    },
  ]);
});

test("the execution's own timeout is told by one event that starts from nothing", async () => {
  const definition = machine(
    { Nap: { Type: "Wait", Seconds: 60, End: true } },
    { TimeoutSeconds: 10 },
  );
  const result = await runStateMachine(definition, {}, { startTime: monday });
  expect(chain(result)).toEqual([
    "ExecutionStarted<-0",
    "WaitStateEntered<-0",
    "ExecutionTimedOut<-0",
  ]);
  expect(details(result, "ExecutionTimedOut")).toEqual([
    { error: "States.Timeout" },
  ]);
  expect(result).toMatchObject({
    status: "TIMED_OUT",
    redriveStatus: "REDRIVABLE",
    stopDate: Date.parse(monday) + 10_000,
  });
  expect(result).not.toHaveProperty("error");
});

test("a callback is submitted, then answered", async () => {
  const definition = machine({
    Ask: task({
      Resource: waitForToken,
      TimeoutSeconds: 30,
      HeartbeatSeconds: 10,
    }),
  });
  const result = await runStateMachine(
    definition,
    {},
    { startTime: monday, tasks: { f: () => ({ sent: true }) } },
  );
  expect(chain(result).slice(2)).toEqual([
    "TaskScheduled<-2",
    "TaskStarted<-3",
    "TaskSubmitted<-4",
    "TaskTimedOut<-5",
    "ExecutionFailed<-6",
  ]);
  const common = {
    resource: "invoke.waitForTaskToken",
    resourceType: "lambda",
  };
  const [submitted] = details(result, "TaskSubmitted") as { output: string }[];
  expect(submitted).toMatchObject({ ...common, outputDetails: truncated });
  expect(JSON.parse(submitted?.output ?? "")).toMatchObject({
    Payload: { sent: true },
    StatusCode: 200,
  });
  expect(details(result, "TaskTimedOut")).toEqual([
    { error: "States.Timeout", ...common },
  ]);
  expect(result.stopDate).toBe(Date.parse(monday) + 10_000);
});
