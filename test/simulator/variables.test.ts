import { describe, expect, test } from "vitest";
import {
  chain,
  details,
  invoke,
  monday,
  output,
  pass,
  play,
  task,
} from "./machine.ts";

const go = (Next: string, more: object = {}) =>
  pass({ End: undefined, Next, ...more });

describe("Assign", () => {
  test("Output and Assign both see what was there at entry", async () => {
    const states = {
      Seed: go("Change", { Assign: { x: 5 } }),
      Change: go("Show", {
        Assign: { x: 42, old: "{% $x %}" },
        Output: "{% $x %}",
      }),
      Show: pass({ Output: "{% [$states.input, $x, $old] %}" }),
    };
    expect(output(await play(states))).toEqual([5, 42, 5]);
  });

  test("a task assigns from its result", async () => {
    const Ask = task({
      End: undefined,
      Next: "Show",
      Assign: { total: "{% $states.result.Payload.n + $states.input.n %}" },
      Output: "{% $states.input %}",
    });
    expect(
      output(
        await play(
          { Ask, Show: pass({ Output: "{% $total %}" }) },
          { n: 1 },
          { tasks: { f: () => ({ n: 2 }) } },
        ),
      ),
    ).toBe(3);
  });

  test("the rule that matches assigns, else the Choice itself", async () => {
    const Pick = {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $states.input = 1 %}",
          Assign: { by: "rule" },
          Output: "from rule",
          Next: "Show",
        },
      ],
      Assign: { by: "choice" },
      Output: "from choice",
      Default: "Show",
    };
    const states = {
      Pick,
      Show: pass({ Output: "{% [$by, $states.input] %}" }),
    };
    expect(output(await play(states, 1))).toEqual(["rule", "from rule"]);
    expect(output(await play(states, 2))).toEqual(["choice", "from choice"]);
  });

  test("a rule without Output passes the input on", async () => {
    const Pick = {
      Type: "Choice",
      Choices: [{ Condition: true, Next: "Done" }],
      Output: "not this",
      Default: "Done",
    };
    expect(output(await play({ Pick, Done: pass() }, "in"))).toBe("in");
  });

  test("an empty string is an Output", async () => {
    const Pick = {
      Type: "Choice",
      Choices: [{ Condition: "{% true %}", Output: "", Next: "Done" }],
      Default: "Done",
    };
    expect(output(await play({ Pick, Done: pass() }))).toBe("");
  });

  test("null is a value, undefined is not", async () => {
    expect(
      output(
        await play(
          {
            Keep: go("Show", { Assign: { n: "{% $states.input.n %}" } }),
            Show: pass({ Output: "{% $type($n) %}" }),
          },
          { n: null },
        ),
      ),
    ).toBe("null");
    const result = await play({
      Keep: pass({ Assign: { n: "{% $states.input.n %}" } }),
    });
    expect(result.cause).toContain(
      "specified for the field 'Assign/n' returned nothing (undefined).",
    );
  });

  test("Wait and Map assign too", async () => {
    const Nap = {
      Type: "Wait",
      Seconds: 1,
      Assign: { rested: "{% $states.context.State.Name %}" },
      Next: "All",
    };
    const All = {
      Type: "Map",
      Items: [1, 2],
      ItemProcessor: { StartAt: "I", States: { I: pass() } },
      Assign: { all: "{% $states.result %}" },
      Next: "Show",
    };
    expect(
      output(
        await play({
          Nap,
          All,
          Show: pass({ Output: "{% {'r': $rested, 'a': $all} %}" }),
        }),
      ),
    ).toEqual({ r: "Nap", a: [1, 2] });
  });
});

describe("scopes", () => {
  test("an inner scope reads the outer one and leaves nothing behind", async () => {
    const M = {
      Type: "Map",
      Items: ["a", "b"],
      ItemProcessor: {
        StartAt: "Keep",
        States: {
          Keep: go("Emit", {
            Assign: { inner: "{% $outer & $states.input %}" },
          }),
          Emit: pass({ Output: "{% $inner %}" }),
        },
      },
      Next: "After",
    };
    const After = pass({
      Output: "{% {'all': $states.input, 'left': $exists($inner)} %}",
    });
    expect(
      output(
        await play({ Seed: go("M", { Assign: { outer: "x" } }), M, After }),
      ),
    ).toEqual({ all: ["xa", "xb"], left: false });
  });

  test("branches do not see each other's variables", async () => {
    const branch = (name: string) => ({
      StartAt: name,
      States: {
        [name]: go(`${name}2`, { Assign: { v: name } }),
        [`${name}2`]: pass({ Output: "{% $v %}" }),
      },
    });
    expect(
      output(
        await play({
          P: {
            Type: "Parallel",
            Branches: [branch("A"), branch("B")],
            End: true,
          },
        }),
      ),
    ).toEqual(["A", "B"]);
  });
});

describe("the context object", () => {
  test("in a Pass state, in this order", async () => {
    const result = await play(
      { Show: pass({ Output: "{% $states.context %}" }) },
      { q: 1 },
    );
    const Id = "arn:aws:states:us-east-1:123456789012:execution:run:run";
    const RoleArn = "arn:aws:iam::123456789012:role/run";
    expect(result.output).toBe(
      JSON.stringify({
        Execution: {
          Id,
          Input: { q: 1 },
          StartTime: monday,
          Name: "run",
          RoleArn,
          RedriveCount: 0,
        },
        StateMachine: {
          Id: "arn:aws:states:us-east-1:123456789012:stateMachine:run",
          Name: "run",
        },
        State: { Name: "Show", EnteredTime: monday },
      }),
    );
  });

  test("EnteredTime is the time of entry, over all attempts", async () => {
    const seen: unknown[] = [];
    const f = (payload: object) => {
      seen.push(payload);
      if (seen.length < 3) throw new Error("again");
    };
    const Arguments = {
      FunctionName: "f",
      Payload: {
        at: "{% $states.context.State.EnteredTime %}",
        n: "{% $states.context.State.RetryCount %}",
      },
    };
    const Nap = { Type: "Wait", Seconds: 60, Next: "Ask" };
    await play(
      {
        Nap,
        Ask: task({ Arguments, Retry: [{ ErrorEquals: ["States.ALL"] }] }),
      },
      {},
      { tasks: { f } },
    );
    const at = "2026-11-23T08:01:00.000Z";
    expect(seen).toEqual([0, 1, 2].map((n) => ({ at, n })));
  });

  test("a task token only where one is waited for", async () => {
    const Ask = task({
      Arguments: {
        FunctionName: "f",
        Payload: "{% $states.context.Task.Token %}",
      },
    });
    expect((await play({ Ask }, {}, { tasks: { f: () => 1 } })).error).toBe(
      "States.QueryEvaluationError",
    );
  });
});

describe("Wait", () => {
  test.each<[object, unknown, number]>([
    [{ Seconds: 90 }, {}, 90],
    [{ Seconds: "{% $states.input.s %}" }, { s: 5 }, 5],
    [{ Seconds: 0 }, {}, 0],
    [{ Timestamp: "2026-11-23T08:00:30Z" }, {}, 30],
    [{ Timestamp: "2026-11-23T10:00:00.5+01:00" }, {}, 3600.5],
    [
      { Timestamp: "{% $states.input.t %}" },
      { t: "2026-11-24T08:00:00.0000000Z" },
      86_400,
    ],
    [{ Timestamp: "{% $fromMillis($millis() + 7000) %}" }, {}, 7],
    [{ Timestamp: "2020-01-01T00:00:00Z" }, {}, 0],
    [{ Seconds: 30 * 24 * 60 * 60 }, {}, 30 * 24 * 60 * 60],
  ])("%j", async (fields, input, seconds) => {
    const result = await play(
      { Nap: { Type: "Wait", ...fields, End: true } },
      input,
    );
    expect(result).toMatchObject({
      status: "SUCCEEDED",
      stopDate: Date.parse(monday) + seconds * 1000,
    });
    expect(chain(result)).toEqual([
      "ExecutionStarted<-0",
      "WaitStateEntered<-0",
      "WaitStateExited<-2",
      "ExecutionSucceeded<-3",
    ]);
  });

  test.each<[object, string]>([
    [
      { Seconds: "{% '5' %}" },
      "Expected 'number', but was 'string' for value: \"5\"",
    ],
    [
      { Seconds: "{% 1.5 %}" },
      "The Seconds field cannot be parsed as an integer: 1.5",
    ],
    [
      { Seconds: "{% -1 %}" },
      "Seconds must be between 0 and 99999999 but was: -1",
    ],
    [
      { Timestamp: "{% 1 %}" },
      "Expected 'string', but was 'number' for value: 1",
    ],
    [
      { Timestamp: "{% '2026-02-30T00:00:00Z' %}" },
      "does not reference a valid ISO-8601 extended offset date-time format string",
    ],
    [
      { Timestamp: "{% '2026-11-23T08:00:00' %}" },
      "does not reference a valid ISO-8601 extended offset date-time format string",
    ],
  ])("%j fails", async (fields, reason) => {
    const result = await play({ Nap: { Type: "Wait", ...fields, End: true } });
    expect(result.error).toBe("States.QueryEvaluationError");
    expect(result.cause).toContain(reason);
  });
});

describe("Choice", () => {
  test("the first rule that holds is taken, and later ones are not evaluated", async () => {
    const Choices = [
      { Condition: "{% $states.input.n > 10 %}", Next: "Big" },
      { Condition: "{% $states.input.n > 5 %}", Next: "Middle" },
      { Condition: "{% $error('not reached') %}", Next: "Big" },
    ];
    expect(
      output(
        await play(
          {
            Pick: { Type: "Choice", Choices },
            Big: pass({ Output: "big" }),
            Middle: pass({ Output: "middle" }),
          },
          { n: 7 },
        ),
      ),
    ).toBe("middle");
  });

  test.each([
    [
      "{% 'yes' %}",
      `The JSONata expression ''yes'' specified for the field 'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: "yes"`,
    ],
    [
      "{% $states.input.absent %}",
      "The JSONata expression '$states.input.absent' specified for the field 'Choices[1]/Condition' returned nothing (undefined).",
    ],
  ])("the condition %s is no boolean", async (Condition, reason) => {
    const Choices = [
      { Condition: false, Next: "Done" },
      { Condition, Next: "Done" },
    ];
    const result = await play({
      Pick: { Type: "Choice", Choices, Default: "Done" },
      Done: pass(),
    });
    expect(result.cause).toBe(
      `An error occurred while executing the state 'Pick' (entered at the event id #2). ${reason}`,
    );
    expect(details(result, "EvaluationFailed")).toMatchObject([
      { location: "Choices[1]/Condition" },
    ]);
  });
});

test("a function may be called by ARN, by name and with a qualifier", async () => {
  const called: string[] = [];
  const tasks = {
    "g:live": () => called.push("g:live"),
    "arn:aws:lambda:us-east-1:123456789012:function:h": () => called.push("h"),
  };
  const call = (Arguments: object, more: object) => ({
    Type: "Task",
    Resource: invoke,
    Arguments,
    ...more,
  });
  const states = {
    G: call({ FunctionName: "g", Qualifier: "live" }, { Next: "H" }),
    H: call(
      { FunctionName: "arn:aws:lambda:us-east-1:123456789012:function:h" },
      { End: true },
    ),
  };
  output(await play(states, {}, { tasks }));
  expect(called).toEqual(["g:live", "h"]);
});
