import { describe, expect, test } from "vitest";
import { virtualClock } from "../../simulator/clock.ts";
import {
  createEngine,
  type Engine,
  type Invocation,
} from "../../simulator/engine.ts";
import {
  machine,
  monday,
  pass,
  task,
  waitForToken,
  type States,
} from "./machine.ts";

const stateMachineArn =
  "arn:aws:states:eu-west-1:123456789012:stateMachine:visits";
const nap = (Seconds: number, more: object = { End: true }) => ({
  Type: "Wait",
  Seconds,
  ...more,
});

const engineWith = (
  states: States,
  invoke: (call: Invocation) => Promise<unknown> = () => Promise.resolve(null),
) => {
  const clock = virtualClock(Date.parse(monday));
  let ids = 0;
  const engine = createEngine({
    clock,
    invoke,
    newId: () => `id-${(ids += 1)}`,
    random: () => 0.5,
  });
  engine.deploy({
    arn: stateMachineArn,
    name: "visits",
    definition: machine(states),
  });
  return { engine, clock };
};

const faultOf = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

describe("StartExecution", () => {
  test("answers with the ARN and the date, and describes what it started", async () => {
    const { engine } = engineWith({ Nap: nap(5) });
    const started = engine.startExecution({
      stateMachineArn,
      name: "one",
      input: ' {"a": 1}',
    });
    const executionArn =
      "arn:aws:states:eu-west-1:123456789012:execution:visits:one";
    expect(started).toEqual({ executionArn, startDate: Date.parse(monday) });
    const known = {
      executionArn,
      stateMachineArn,
      name: "one",
      startDate: Date.parse(monday),
      input: ' {"a": 1}',
      inputDetails: { included: true },
      redriveCount: 0,
    };
    expect(engine.describeExecution({ executionArn })).toEqual({
      ...known,
      status: "RUNNING",
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "Execution is RUNNING and cannot be redriven",
    });
    expect(await engine.ended(executionArn)).toEqual({
      ...known,
      status: "SUCCEEDED",
      stopDate: Date.parse(monday) + 5000,
      output: ' {"a": 1}',
      outputDetails: { included: true },
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
    });
  });

  test("the same name and input give the running execution; any other reuse is refused", async () => {
    const { engine } = engineWith({ Nap: nap(5) });
    const start = (input: string) =>
      engine.startExecution({ stateMachineArn, name: "one", input });
    const first = start("1");
    expect(start("1")).toEqual(first);
    const refused = `ExecutionAlreadyExists: Execution Already Exists: '${first.executionArn}'`;
    expect(faultOf(() => start("2"))).toBe(refused);
    await engine.settled();
    expect(faultOf(() => start("1"))).toBe(refused);
  });

  test("an execution without a name gets one, and without input an empty object", () => {
    const { engine } = engineWith({ A: pass() });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      name: "id-1",
      input: "{}",
    });
  });

  test.each([
    ["InvalidName: Invalid Name: 'a b'", { name: "a b" }],
    ["InvalidName: Invalid Name: ''", { name: "" }],
    [
      `InvalidName: Invalid Name: '${"n".repeat(81)}'`,
      { name: "n".repeat(81) },
    ],
    ["InvalidName: Invalid Name: 'a/b'", { name: "a/b" }],
    [
      "InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'",
      { input: "" },
    ],
    [
      "InvalidExecutionInput: Invalid State Machine Execution Input: 'The input is not valid JSON.'",
      { input: "not json" },
    ],
    [
      "InvalidExecutionInput: Invalid State Machine Execution Input: 'The input is longer than 262144 bytes.'",
      { input: JSON.stringify("é".repeat(131_072)) },
    ],
    [
      "StateMachineDoesNotExist: State Machine Does Not Exist: 'arn:none'",
      { stateMachineArn: "arn:none" },
    ],
  ])("%s", (fault, request) => {
    const { engine } = engineWith({ A: pass() });
    expect(
      faultOf(() => engine.startExecution({ stateMachineArn, ...request })),
    ).toBe(fault);
  });

  test.each(["1", '"text"', "null", "[]", "true"])(
    "the input %s is fine",
    async (input) => {
      const { engine } = engineWith({ A: pass() });
      const { executionArn } = engine.startExecution({
        stateMachineArn,
        input,
      });
      expect(await engine.ended(executionArn)).toMatchObject({ output: input });
    },
  );

  test("a running execution stays on the definition that it was started with", async () => {
    const { engine } = engineWith({
      Nap: nap(5, { Next: "Old" }),
      Old: pass({ Output: "old" }),
    });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    engine.deploy({
      arn: stateMachineArn,
      name: "visits",
      definition: machine({ New: pass({ Output: "new" }) }),
    });
    const { executionArn: later } = engine.startExecution({ stateMachineArn });
    expect(await engine.ended(executionArn)).toMatchObject({ output: '"old"' });
    expect(await engine.ended(later)).toMatchObject({ output: '"new"' });
    expect(
      engine.describeStateMachineForExecution({ executionArn }).definition,
    ).toContain("Old");
  });
});

describe("ListExecutions and GetExecutionHistory", () => {
  const five = () => {
    const { engine } = engineWith({ Nap: nap(5) });
    const arns = [1, 2, 3, 4, 5].map(
      (n) =>
        engine.startExecution({ stateMachineArn, name: `n${n}` }).executionArn,
    );
    return { engine, arns };
  };

  test("the latest first, in pages", () => {
    const { engine } = five();
    const first = engine.listExecutions({ stateMachineArn, maxResults: 2 });
    expect(first.executions.map(({ name }) => name)).toEqual(["n5", "n4"]);
    const second = engine.listExecutions({
      stateMachineArn,
      maxResults: 3,
      nextToken: first.nextToken,
    });
    expect(second.executions.map(({ name }) => name)).toEqual([
      "n3",
      "n2",
      "n1",
    ]);
    expect(second).not.toHaveProperty("nextToken");
  });

  test("by status", async () => {
    const { engine, arns } = five();
    engine.stopExecution({ executionArn: arns[1] ?? "" });
    const names = (statusFilter: string) =>
      engine
        .listExecutions({ stateMachineArn, statusFilter })
        .executions.map(({ name }) => name);
    expect(names("ABORTED")).toEqual(["n2"]);
    await engine.settled();
    expect(names("SUCCEEDED")).toEqual(["n5", "n4", "n3", "n1"]);
    expect(names("RUNNING")).toEqual([]);
  });

  test("history in pages, backwards and without data", async () => {
    const { engine, arns } = five();
    await engine.settled();
    const executionArn = arns[0] ?? "";
    const ids = (more: object) =>
      engine
        .getExecutionHistory({ executionArn, ...more })
        .events.map(({ id }) => id);
    expect(ids({})).toEqual([1, 2, 3, 4]);
    expect(ids({ reverseOrder: true, maxResults: 3 })).toEqual([4, 3, 2]);
    const { nextToken } = engine.getExecutionHistory({
      executionArn,
      maxResults: 3,
    });
    expect(ids({ nextToken })).toEqual([4]);
    const { events } = engine.getExecutionHistory({
      executionArn,
      includeExecutionData: false,
    });
    expect(events.map((event) => JSON.stringify(event)).join()).not.toMatch(
      /input|output/,
    );
    expect(events[1]).toMatchObject({
      stateEnteredEventDetails: { name: "Nap" },
    });
  });

  test("of an execution that does not exist", () => {
    const { engine } = five();
    const executionArn =
      "arn:aws:states:eu-west-1:123456789012:execution:visits:none";
    for (const operation of [
      "describeExecution",
      "getExecutionHistory",
      "stopExecution",
      "describeStateMachineForExecution",
    ] as const) {
      expect(faultOf(() => engine[operation]({ executionArn }))).toBe(
        `ExecutionDoesNotExist: Execution Does Not Exist: '${executionArn}'`,
      );
    }
    expect(
      faultOf(() =>
        engine.listExecutions({ stateMachineArn, nextToken: "@@" }),
      ),
    ).toBe("InvalidToken: Invalid Token: 'Invalid token'");
  });
});

test("StopExecution cuts off whatever runs", async () => {
  const branches = [
    { StartAt: "A", States: { A: nap(50) } },
    { StartAt: "B", States: { B: task() } },
  ];
  const { engine, clock } = engineWith(
    { P: { Type: "Parallel", Branches: branches, End: true } },
    ({ sleep }) => sleep(60_000),
  );
  const { executionArn } = engine.startExecution({ stateMachineArn });
  await clock.advanceTo(clock.now() + 10_000);
  expect(
    engine.stopExecution({ executionArn, error: "Superseded", cause: "moved" }),
  ).toEqual({ stopDate: Date.parse(monday) + 10_000 });
  await clock.advanceTo(clock.now() + 100_000);
  const { events } = engine.getExecutionHistory({ executionArn });
  expect(events.at(-1)).toEqual({
    id: 8,
    previousEventId: 0,
    timestamp: Date.parse(monday) + 10_000,
    type: "ExecutionAborted",
    executionAbortedEventDetails: { error: "Superseded", cause: "moved" },
  });
  expect(engine.describeExecution({ executionArn })).toMatchObject({
    status: "ABORTED",
    error: "Superseded",
    cause: "moved",
  });
  expect(engine.stopExecution({ executionArn })).toEqual({
    stopDate: Date.parse(monday) + 10_000,
  });
});

describe("task tokens", () => {
  const Ask = (more: object = {}) =>
    task({
      Resource: waitForToken,
      Arguments: {
        FunctionName: "f",
        Payload: { token: "{% $states.context.Task.Token %}" },
      },
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 60,
      ...more,
    });
  const asking = async (more: object = {}, states: States = {}) => {
    const tokens: string[] = [];
    const { engine, clock } = engineWith(
      { Ask: Ask(more), ...states },
      ({ taskToken, payload }) => {
        expect(payload).toEqual({ token: taskToken });
        tokens.push(taskToken ?? "");
        return Promise.resolve(null);
      },
    );
    const { executionArn } = engine.startExecution({ stateMachineArn });
    await clock.advanceTo(clock.now());
    return { engine, clock, executionArn, tokens, taskToken: tokens[0] ?? "" };
  };
  const status = (engine: Engine, executionArn: string) =>
    engine.describeExecution({ executionArn });

  test("a success is the result of the task", async () => {
    const { engine, executionArn, taskToken } = await asking({
      Output: "{% $states.result.yes %}",
    });
    engine.sendTaskSuccess({ taskToken, output: '{"yes": 1}' });
    expect(await engine.ended(executionArn)).toMatchObject({
      status: "SUCCEEDED",
      output: "1",
      stopDate: Date.parse(monday),
    });
    const succeeded = engine
      .getExecutionHistory({ executionArn })
      .events.find(({ type }) => type === "TaskSucceeded");
    expect(succeeded).toMatchObject({
      previousEventId: 5,
      taskSucceededEventDetails: {
        output: '{"yes": 1}',
        resource: "invoke.waitForTaskToken",
        resourceType: "lambda",
      },
    });
  });

  test("a failure is the failure of the task, and may be caught", async () => {
    const { engine, executionArn, taskToken } = await asking(
      { Catch: [{ ErrorEquals: ["No"], Next: "Show" }] },
      { Show: pass() },
    );
    engine.sendTaskFailure({ taskToken, error: "No", cause: "busy" });
    expect(await engine.ended(executionArn)).toMatchObject({
      output: '{"Error":"No","Cause":"busy"}',
    });
  });

  test("heartbeats keep it waiting, up to the timeout", async () => {
    const { engine, clock, executionArn, taskToken } = await asking();
    const start = clock.now();
    for (let beat = 1; beat <= 70; beat++) {
      await clock.advanceTo(start + beat * 50_000);
      engine.sendTaskHeartbeat({ taskToken });
    }
    expect(status(engine, executionArn).status).toBe("RUNNING");
    expect(await engine.ended(executionArn)).toMatchObject({
      error: "States.Timeout",
      stopDate: start + 70 * 50_000 + 60_000,
    });
  });

  test.each(["States.Timeout", "States.HeartbeatTimeout", "States.ALL"])(
    "a missed heartbeat is matched by %s",
    async (name) => {
      const { engine, executionArn } = await asking(
        { Catch: [{ ErrorEquals: [name], Next: "Show" }] },
        { Show: pass() },
      );
      expect(await engine.ended(executionArn)).toMatchObject({
        output: '{"Error":"States.Timeout","Cause":""}',
        stopDate: Date.parse(monday) + 60_000,
      });
    },
  );

  test("every attempt has a token of its own, and the old one is dead", async () => {
    const { engine, clock, executionArn, tokens } = await asking({
      Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }],
    });
    await clock.advanceTo(clock.now() + 61_000);
    expect(new Set(tokens).size).toBe(2);
    expect(
      faultOf(() =>
        engine.sendTaskSuccess({ taskToken: tokens[0] ?? "", output: "1" }),
      ),
    ).toBe(
      "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'",
    );
    engine.sendTaskSuccess({ taskToken: tokens[1] ?? "", output: "2" });
    expect(await engine.ended(executionArn)).toMatchObject({ output: "2" });
  });

  test("answering twice is refused and changes nothing", async () => {
    const { engine, executionArn, taskToken } = await asking();
    engine.sendTaskSuccess({ taskToken, output: "1" });
    expect(
      faultOf(() => engine.sendTaskFailure({ taskToken, error: "late" })),
    ).toContain("TaskTimedOut");
    expect(await engine.ended(executionArn)).toMatchObject({ output: "1" });
  });

  test("a token of a stopped execution is dead, a made-up one is invalid", async () => {
    const { engine, executionArn, taskToken } = await asking();
    engine.stopExecution({ executionArn });
    await Promise.resolve();
    expect(faultOf(() => engine.sendTaskHeartbeat({ taskToken }))).toContain(
      "TaskTimedOut",
    );
    expect(
      faultOf(() => engine.sendTaskSuccess({ taskToken: "x", output: "1" })),
    ).toBe("InvalidToken: Invalid Token: 'Invalid token'");
  });

  test("an output that is no JSON is refused, and the task goes on waiting", async () => {
    const { engine, executionArn, taskToken } = await asking();
    expect(
      faultOf(() => engine.sendTaskSuccess({ taskToken, output: "{" })),
    ).toContain("InvalidOutput: Invalid Output: ");
    expect(status(engine, executionArn).status).toBe("RUNNING");
  });

  test("an answer that comes before the function has returned is kept", async () => {
    const { engine } = engineWith({ Ask: Ask() }, async ({ taskToken }) => {
      await Promise.resolve();
      engine.sendTaskSuccess({ taskToken: taskToken ?? "", output: '"early"' });
    });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    expect(await engine.ended(executionArn)).toMatchObject({
      output: '"early"',
    });
    expect(
      engine
        .getExecutionHistory({ executionArn })
        .events.map(({ type }) => type)
        .slice(4, 6),
    ).toEqual(["TaskSubmitted", "TaskSucceeded"]);
  });

  test("without a timeout it waits a year, as long as an execution may last", async () => {
    const { engine, executionArn } = await asking({
      TimeoutSeconds: undefined,
      HeartbeatSeconds: undefined,
    });
    expect(await engine.ended(executionArn)).toMatchObject({
      status: "TIMED_OUT",
      stopDate: Date.parse(monday) + 365 * 86_400_000,
    });
  });
});

test("a task that fails does not change what the next one sees", async () => {
  const { engine } = engineWith(
    {
      A: task({
        Arguments: { FunctionName: "f", Payload: "{% $states.input %}" },
        Output: "{% $states.input %}",
      }),
    },
    ({ payload }) => {
      (payload as { list: number[] }).list.push(2);
      return Promise.resolve(payload);
    },
  );
  const { executionArn } = engine.startExecution({
    stateMachineArn,
    input: '{"list":[1]}',
  });
  expect(await engine.ended(executionArn)).toMatchObject({
    output: '{"list":[1]}',
  });
});
