import { describe, expect, test } from "vitest";
import { TaskFailure } from "../../simulator/engine.ts";
import { chain, details, monday, output, pass, play, task } from "./machine.ts";

const branch = (states: Record<string, object>) => ({
  StartAt: Object.keys(states)[0],
  States: states,
});
const parallel = (branches: object[], more: object = {}) => ({
  Type: "Parallel",
  Branches: branches,
  End: true,
  ...more,
});
const map = (states: Record<string, object>, more: object = {}) => ({
  Type: "Map",
  Items: "{% $states.input.items %}",
  ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...branch(states) },
  End: true,
  ...more,
});
const boom = { Type: "Fail", Error: "MyError", Cause: "my cause" };
const nap = (Seconds: number, more: object = { End: true }) => ({
  Type: "Wait",
  Seconds,
  ...more,
});
const fails = () => {
  throw new TaskFailure("Boom", "why");
};

describe("Parallel", () => {
  test("branches chain for themselves, and the exit goes on from the last event of a branch", async () => {
    const result = await play(
      {
        P: parallel(
          [
            branch({ A1: pass({ End: undefined, Next: "A2" }), A2: pass() }),
            branch({ B1: pass() }),
          ],
          { End: undefined, Next: "After" },
        ),
        After: pass(),
      },
      7,
    );
    const byName = (type: string, name: string) =>
      result.history.find(
        (event) =>
          event.type === type &&
          JSON.stringify(event).includes(`"name":"${name}"`),
      );
    expect(output(result)).toEqual([7, 7]);
    expect(byName("PassStateEntered", "A1")?.previousEventId).toBe(3);
    expect(byName("PassStateEntered", "B1")?.previousEventId).toBe(3);
    expect(byName("PassStateEntered", "A2")?.previousEventId).toBe(
      byName("PassStateExited", "A1")?.id,
    );
    const succeeded = result.history.findIndex(
      ({ type }) => type === "ParallelStateSucceeded",
    );
    const last = result.history[succeeded - 1]?.id;
    expect(result.history[succeeded]).toMatchObject({ previousEventId: last });
    expect(result.history[succeeded + 1]).toMatchObject({
      type: "ParallelStateExited",
      previousEventId: last,
    });
  });

  test("outputs come in the order of the branches, whoever is first", async () => {
    const result = await play({
      P: parallel([
        branch({ Slow: nap(9, { Next: "S" }), S: pass({ Output: "slow" }) }),
        branch({ Fast: pass({ Output: "fast" }) }),
      ]),
    });
    expect(output(result)).toEqual(["slow", "fast"]);
  });

  test("Arguments are the input of every branch, and Output sees both", async () => {
    const P = parallel([branch({ A: pass() }), branch({ B: pass() })], {
      Arguments: { n: "{% $states.input.n + 1 %}" },
      Output: "{% {'in': $states.input, 'out': $states.result} %}",
    });
    expect(output(await play({ P }, { n: 1 }))).toEqual({
      in: { n: 1 },
      out: [{ n: 2 }, { n: 2 }],
    });
  });

  test("a Fail state in a branch fails the state with its own error and cause", async () => {
    const result = await play({ P: parallel([branch({ Boom: boom })]) });
    expect(chain(result)).toEqual([
      "ExecutionStarted<-0",
      "ParallelStateEntered<-0",
      "ParallelStateStarted<-2",
      "FailStateEntered<-3",
      "ParallelStateFailed<-4",
      "ExecutionFailed<-5",
    ]);
    expect(result).toMatchObject({ error: "MyError", cause: "my cause" });
  });

  test("a failed expression in a branch is caught by the state", async () => {
    const Undef = pass({ Output: { v: "{% $states.input.missing %}" } });
    const result = await play(
      {
        P: parallel([branch({ Undef })], {
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Handled" }],
        }),
        Handled: pass(),
      },
      { x: "a" },
    );
    expect(chain(result).slice(3)).toEqual([
      "PassStateEntered<-3",
      "EvaluationFailed<-4",
      "ParallelStateFailed<-5",
      "ParallelStateExited<-6",
      "PassStateEntered<-7",
      "PassStateExited<-8",
      "ExecutionSucceeded<-9",
    ]);
    expect(output(result)).toEqual({
      Error: "States.QueryEvaluationError",
      Cause:
        "An error occurred while executing the state 'Undef' (entered at the event id #4). The JSONata expression '$states.input.missing' specified for the field 'Output/v' returned nothing (undefined).",
    });
  });

  test("a retried state starts again and fails once its retries are used up", async () => {
    const result = await play({
      P: parallel([branch({ Boom: boom })], {
        Retry: [
          { ErrorEquals: ["States.ALL"], MaxAttempts: 1, IntervalSeconds: 1 },
        ],
      }),
    });
    expect(chain(result).slice(2)).toEqual([
      "ParallelStateStarted<-2",
      "FailStateEntered<-3",
      "ParallelStateStarted<-4",
      "FailStateEntered<-5",
      "ParallelStateFailed<-6",
      "ExecutionFailed<-7",
    ]);
  });

  test("a failed task in a branch is aborted, and so is what its siblings were in", async () => {
    const branches = [
      branch({ Long: nap(60) }),
      branch({ Pause: nap(1, { Next: "Send" }), Send: task() }),
      branch({ Done: pass() }),
      branch({ Ask: task({ Arguments: { FunctionName: "slow" } }) }),
    ];
    const slow = (_: unknown, call: { sleep: (ms: number) => Promise<void> }) =>
      call.sleep(60_000);
    const result = await play(
      { P: parallel(branches) },
      {},
      { tasks: { f: fails, slow } },
    );
    const failure = result.history.find(
      ({ type }) => type === "TaskFailed",
    )?.id;
    expect(chain(result).slice(-5)).toEqual([
      `WaitStateAborted<-${failure}`,
      `TaskStateAborted<-${failure}`,
      `TaskStateAborted<-${failure}`,
      `ParallelStateFailed<-${failure}`,
      `ExecutionFailed<-${result.history.length - 1}`,
    ]);
    expect(result.stopDate).toBe(Date.parse(monday) + 1000);
  });

  test("States.Runtime in a branch ends the execution at once", async () => {
    const Pick = {
      Type: "Choice",
      Choices: [{ Condition: false, Next: "Done" }],
    };
    const catchAll = {
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Handled" }],
      Retry: [{ ErrorEquals: ["States.ALL"] }],
    };
    const result = await play({
      P: parallel(
        [branch({ Long: nap(60) }), branch({ Pick, Done: pass() })],
        catchAll,
      ),
      Handled: pass(),
    });
    expect(chain(result).slice(3)).toEqual([
      "WaitStateEntered<-3",
      "ChoiceStateEntered<-3",
      "ExecutionFailed<-5",
    ]);
    expect(result.error).toBe("States.Runtime");
  });

  test("a catcher's own failure goes on from before the state's, and fails the state again", async () => {
    const Catch = [
      { ErrorEquals: ["Other"], Next: "Done" },
      {
        ErrorEquals: ["States.ALL"],
        Output: { v: "{% $states.input.missing %}" },
        Next: "Done",
      },
    ];
    const result = await play(
      { P: parallel([branch({ Boom: boom })], { Catch }), Done: pass() },
      {},
    );
    expect(chain(result).slice(3)).toEqual([
      "FailStateEntered<-3",
      "ParallelStateFailed<-4",
      "EvaluationFailed<-4",
      "ParallelStateFailed<-6",
      "ExecutionFailed<-7",
    ]);
    expect(details(result, "EvaluationFailed")).toMatchObject([
      { location: "Catch[1]/Output/v", state: "P" },
    ]);
    expect(result.cause).toContain(
      "An error occurred while executing the state 'P' (entered at the event id #2). ",
    );
  });
});

describe("Map", () => {
  test("iterations one at a time start from the last state of the one before", async () => {
    const result = await play(
      { M: map({ I: pass() }, { MaxConcurrency: 1 }) },
      { items: [1, 2] },
    );
    expect(chain(result)).toEqual([
      "ExecutionStarted<-0",
      "MapStateEntered<-0",
      "MapStateStarted<-2",
      "MapIterationStarted<-3",
      "PassStateEntered<-4",
      "PassStateExited<-5",
      "MapIterationSucceeded<-6",
      "MapIterationStarted<-6",
      "PassStateEntered<-8",
      "PassStateExited<-9",
      "MapIterationSucceeded<-10",
      "MapStateSucceeded<-11",
      "MapStateExited<-11",
      "ExecutionSucceeded<-13",
    ]);
    expect(details(result, "MapStateStarted")).toEqual([{ length: 2 }]);
    expect(details(result, "MapIterationStarted")).toEqual([
      { name: "M", index: 0 },
      { name: "M", index: 1 },
    ]);
  });

  test("iterations at once all start from the start", async () => {
    const result = await play(
      { M: map({ Ask: task() }) },
      { items: [1, 2, 3] },
      { tasks: { f: () => 1 } },
    );
    expect(chain(result).slice(3, 15)).toEqual([
      "MapIterationStarted<-3",
      "MapIterationStarted<-3",
      "MapIterationStarted<-3",
      "TaskStateEntered<-4",
      "TaskScheduled<-7",
      "TaskStateEntered<-5",
      "TaskScheduled<-9",
      "TaskStateEntered<-6",
      "TaskScheduled<-11",
      "TaskStarted<-8",
      "TaskStarted<-10",
      "TaskStarted<-12",
    ]);
  });

  test("no items", async () => {
    const result = await play({ M: map({ I: pass() }) }, { items: [] });
    expect(chain(result).slice(2)).toEqual([
      "MapStateStarted<-2",
      "MapStateSucceeded<-3",
      "MapStateExited<-3",
      "ExecutionSucceeded<-5",
    ]);
    expect(result.output).toBe("[]");
  });

  test("results keep the order of the items, and at most so many run at once", async () => {
    let running = 0;
    let most = 0;
    const f = async (
      payload: { n: number },
      call: { sleep: (ms: number) => Promise<void> },
    ) => {
      most = Math.max(most, (running += 1));
      await call.sleep((10 - payload.n) * 1000);
      running -= 1;
      return payload.n;
    };
    const Ask = task({
      Arguments: { FunctionName: "f", Payload: { n: "{% $states.input %}" } },
      Output: "{% $states.result.Payload %}",
    });
    const result = await play(
      { M: map({ Ask }, { MaxConcurrency: "{% $states.input.atOnce %}" }) },
      { items: [1, 2, 3, 4, 5], atOnce: 2 },
      { tasks: { f } },
    );
    expect(output(result)).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  test("at most 40 iterations run at once", async () => {
    const result = await play(
      { M: map({ Nap: nap(10) }) },
      { items: Array(41).fill(0) },
    );
    expect(result.stopDate).toBe(Date.parse(monday) + 20_000);
  });

  test("an ItemSelector reads the item from the context object", async () => {
    const ItemSelector = {
      i: "{% $states.context.Map.Item.Index %}",
      v: "{% $states.context.Map.Item.Value %}",
      all: "{% $count($states.input.items) %}",
    };
    const Inner = pass({
      Output:
        "{% $merge([$states.input, {'again': $states.context.Map.Item.Index}]) %}",
    });
    expect(
      output(
        await play(
          { M: map({ Inner }, { ItemSelector }) },
          { items: ["a", "b"] },
        ),
      ),
    ).toEqual([
      { i: 0, v: "a", all: 2, again: 0 },
      { i: 1, v: "b", all: 2, again: 1 },
    ]);
  });

  test("Items may be a literal with expressions in it, and the input is the default", async () => {
    expect(
      output(
        await play(
          { M: map({ I: pass() }, { Items: [1, "{% $states.input.two %}"] }) },
          { two: 2 },
        ),
      ),
    ).toEqual([1, 2]);
    expect(
      output(
        await play({ M: map({ I: pass() }, { Items: undefined }) }, [3, 4]),
      ),
    ).toEqual([3, 4]);
  });

  test("a failed expression fails the iteration, then the state", async () => {
    const Undef = pass({ Output: { v: "{% $states.input.missing %}" } });
    const result = await play(
      { M: map({ Undef }, { MaxConcurrency: 1 }) },
      { items: [1, 2] },
    );
    expect(chain(result).slice(3)).toEqual([
      "MapIterationStarted<-3",
      "PassStateEntered<-4",
      "EvaluationFailed<-5",
      "MapIterationFailed<-6",
      "MapStateFailed<-6",
      "ExecutionFailed<-8",
    ]);
  });

  test("what is cut off is told in the order of the items", async () => {
    const Route = {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input = 'fail' %}", Next: "Pause" }],
      Default: "Long",
    };
    const states = {
      Route,
      Pause: nap(1, { Next: "Boom" }),
      Boom: boom,
      Long: nap(60),
    };
    const result = await play(
      { M: map(states) },
      { items: ["wait", "fail", "wait"] },
    );
    const failure = result.history.find(
      ({ type }) => type === "FailStateEntered",
    )?.id;
    expect(chain(result).slice(-7)).toEqual([
      `MapIterationAborted<-${failure}`,
      `WaitStateAborted<-${failure}`,
      `MapIterationFailed<-${failure}`,
      `MapIterationAborted<-${failure}`,
      `WaitStateAborted<-${failure}`,
      `MapStateFailed<-${failure}`,
      `ExecutionFailed<-${result.history.length - 1}`,
    ]);
    expect(details(result, "MapIterationAborted")).toEqual([
      { name: "M", index: 0 },
      { name: "M", index: 2 },
    ]);
  });

  test("a task that fails the iteration is aborted with it", async () => {
    const result = await play(
      { M: map({ Ask: task() }) },
      { items: [1] },
      { tasks: { f: fails } },
    );
    expect(chain(result).slice(-5)).toEqual([
      "TaskFailed<-7",
      "MapIterationFailed<-8",
      "TaskStateAborted<-8",
      "MapStateFailed<-8",
      "ExecutionFailed<-11",
    ]);
  });

  test.each<[unknown, string]>([
    [
      {},
      "The JSONata expression '$states.input.items' specified for the field 'Items' returned nothing (undefined).",
    ],
    [
      { items: { a: 1 } },
      `The JSONata expression '$states.input.items' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'object' for value: {"a":1}`,
    ],
  ])("the items of %j fail before the Map starts", async (input, reason) => {
    const result = await play({ M: map({ I: pass() }) }, input);
    expect(chain(result)).toEqual([
      "ExecutionStarted<-0",
      "MapStateEntered<-0",
      "EvaluationFailed<-2",
      "MapStateFailed<-3",
      "ExecutionFailed<-4",
    ]);
    expect(result.cause).toBe(
      `An error occurred while executing the state 'M' (entered at the event id #2). ${reason}`,
    );
  });

  test("an ItemSelector's failure is the Map's own", async () => {
    const result = await play(
      {
        M: map(
          { I: pass() },
          { ItemSelector: { s: "{% $states.context.Map.Item.Source %}" } },
        ),
      },
      { items: [1, 2] },
    );
    expect(result.cause).toBe(
      "An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '$states.context.Map.Item.Source' specified for the field 'ItemSelector/s' returned nothing (undefined).",
    );
    expect(result.history.map(({ type }) => type)).not.toContain(
      "MapIterationFailed",
    );
  });
});

test("a Map in a Parallel in a Map", async () => {
  const inner = map(
    { Add: pass({ Output: "{% $states.input + $outer %}" }) },
    { Items: "{% [1, 2] %}" },
  );
  const fan = parallel([
    branch({ Inner: inner }),
    branch({ One: pass({ Output: "{% $outer %}" }) }),
  ]);
  const Keep = pass({
    Assign: { outer: "{% $states.input %}" },
    End: undefined,
    Next: "Fan",
  });
  expect(
    output(await play({ M: map({ Keep, Fan: fan }) }, { items: [10, 20] })),
  ).toEqual([
    [[11, 12], 10],
    [[21, 22], 20],
  ]);
});
