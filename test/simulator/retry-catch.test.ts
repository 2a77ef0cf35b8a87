import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TaskFailure } from "../../simulator/engine.ts";
import type { Retrier } from "../../simulator/definition.ts";
import { StateFailure } from "../../simulator/errors.ts";
import { retries } from "../../simulator/states/retry.ts";
import type { TaskCode } from "../../simulator/run.ts";
import { details, monday, output, pass, play, task } from "./machine.ts";

const start = Date.parse(monday);
const failing = (errors: readonly (string | undefined)[]): TaskCode => {
  let attempt = 0;
  return () => {
    const error = errors[Math.min(attempt++, errors.length - 1)];
    if (error !== undefined) throw new TaskFailure(error, "why");
    return "fine";
  };
};
const startedAfter = (result: Awaited<ReturnType<typeof play>>) =>
  result.history
    .filter(({ type }) => type === "TaskStarted")
    .map(({ timestamp }) => (timestamp - start) / 1000);

describe("Retry", () => {
  test.each<[string, object, number[]]>([
    ["by default three times, after 1, 2 and 4 seconds", {}, [0, 1, 3, 7]],
    ["MaxAttempts 0 is never", { MaxAttempts: 0 }, [0]],
    [
      "IntervalSeconds and BackoffRate",
      { IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 3 },
      [0, 3, 7.5, 14.25],
    ],
    [
      "MaxDelaySeconds caps the pause",
      {
        IntervalSeconds: 2,
        BackoffRate: 10,
        MaxDelaySeconds: 5,
        MaxAttempts: 3,
      },
      [0, 2, 7, 12],
    ],
    [
      "full jitter is a part of the pause",
      {
        IntervalSeconds: 4,
        BackoffRate: 2,
        MaxAttempts: 2,
        JitterStrategy: "FULL",
      },
      [0, 2, 6],
    ],
  ])("%s", async (_name, retrier, expected) => {
    const result = await play(
      { Ask: task({ Retry: [{ ErrorEquals: ["Boom"], ...retrier }] }) },
      {},
      { tasks: { f: failing(["Boom"]) } },
    );
    expect(startedAfter(result)).toEqual(expected);
    expect(result).toMatchObject({ status: "FAILED", error: "Boom" });
  });

  test("each retrier counts for itself, and the first that matches decides alone", async () => {
    const Retry = [
      { ErrorEquals: ["A"], MaxAttempts: 1, IntervalSeconds: 10 },
      {
        ErrorEquals: ["States.ALL"],
        MaxAttempts: 2,
        IntervalSeconds: 1,
        BackoffRate: 1,
      },
    ];
    const played = async (...errors: (string | undefined)[]) =>
      startedAfter(
        await play(
          { Ask: task({ Retry }) },
          {},
          { tasks: { f: failing(errors) } },
        ),
      );
    expect(await played("A", "B", "B", undefined)).toEqual([0, 10, 11, 12]);
    expect(await played("A", "A", undefined)).toEqual([0, 10]);
  });

  test("the count starts again on the next visit, and the context object tells it", async () => {
    let calls = 0;
    const seen: number[] = [];
    const f: TaskCode = ({ n }: { n: number }) => {
      seen.push(n);
      if ((calls += 1) % 2 === 1) throw new TaskFailure("Boom");
      return calls;
    };
    const Ask = task({
      Arguments: {
        FunctionName: "f",
        Payload: { n: "{% $states.context.State.RetryCount %}" },
      },
      Retry: [{ ErrorEquals: ["Boom"], MaxAttempts: 1 }],
      End: undefined,
      Output: "{% $states.result.Payload %}",
      Next: "Again?",
    });
    const again = {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input < 6 %}", Next: "Ask" }],
      Default: "Done",
    };
    await play({ Ask, "Again?": again, Done: pass() }, {}, { tasks: { f } });
    expect(seen).toEqual([0, 1, 0, 1, 0, 1]);
  });

  test("a failed Output runs the task again", async () => {
    const f = (() => {
      let calls = 0;
      return () => ((calls += 1) === 1 ? {} : { ok: true });
    })();
    const Ask = task({
      Output: "{% $states.result.Payload.ok %}",
      Retry: [{ ErrorEquals: ["States.QueryEvaluationError"] }],
    });
    expect(output(await play({ Ask }, {}, { tasks: { f } }))).toBe(true);
  });

  test("pauses never exceed the cap and, without jitter, never shrink", () => {
    const retrier = fc.record({
      ErrorEquals: fc.constant(["States.ALL"]),
      IntervalSeconds: fc.integer({ min: 1, max: 1000 }),
      MaxAttempts: fc.integer({ min: 0, max: 20 }),
      BackoffRate: fc.double({ min: 1, max: 10, noNaN: true }),
      MaxDelaySeconds: fc.integer({ min: 1001, max: 100_000 }),
      JitterStrategy: fc.constantFrom("FULL" as const, "NONE" as const),
    });
    fc.assert(
      fc.property(
        retrier,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (one: Retrier, random) => {
          const after = retries([one], () => random);
          const pauses: number[] = [];
          for (
            let pause = after(new StateFailure("E", ""));
            pause !== undefined;
            pause = after(new StateFailure("E", ""))
          )
            pauses.push(pause);
          expect(pauses).toHaveLength(one.MaxAttempts);
          expect(
            pauses.every((pause) => pause <= one.MaxDelaySeconds * 1000),
          ).toBe(true);
          if (one.JitterStrategy === "NONE")
            expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe("which names match", () => {
  const caught = async (thrown: string, ...ErrorEquals: string[]) => {
    const result = await play(
      {
        Ask: task({ Catch: [{ ErrorEquals, Next: "Caught" }] }),
        Caught: pass({ Output: "caught" }),
      },
      {},
      { tasks: { f: failing([thrown]) } },
    );
    return result.output === '"caught"';
  };
  test.each<[string, string, boolean]>([
    ["Boom", "Boom", true],
    ["Boom", "boom", false],
    ["Boom", "States.TaskFailed", true],
    ["Boom", "States.ALL", true],
    [
      "Lambda.TooManyRequestsException",
      "Lambda.TooManyRequestsException",
      true,
    ],
    ["Lambda.Unknown", "States.TaskFailed", true],
    ["States.Timeout", "States.Timeout", true],
    ["States.Timeout", "States.TaskFailed", false],
    ["States.Timeout", "States.ALL", true],
    ["States.Timeout", "States.HeartbeatTimeout", false],
  ])("%s by %s: %s", async (thrown, name, expected) => {
    expect(await caught(thrown, name)).toBe(expected);
  });

  test("a failed expression by States.QueryEvaluationError and States.ALL", async () => {
    for (const name of ["States.QueryEvaluationError", "States.ALL"]) {
      const Ask = task({
        Arguments: { FunctionName: "f", Payload: "{% $absent %}" },
        Catch: [{ ErrorEquals: [name], Next: "Caught" }],
      });
      expect(
        output(await play({ Ask, Caught: pass({ Output: "caught" }) })),
      ).toBe("caught");
    }
  });
});

describe("Catch", () => {
  const f = failing(["Boom"]);

  test("is asked only when no retry is left, and the first match takes it", async () => {
    const Ask = task({
      Retry: [{ ErrorEquals: ["Boom"], MaxAttempts: 2 }],
      Catch: [
        { ErrorEquals: ["Other"], Next: "No" },
        { ErrorEquals: ["Boom"], Next: "Yes" },
        { ErrorEquals: ["States.ALL"], Next: "No" },
      ],
    });
    const result = await play(
      { Ask, Yes: pass({ Output: "yes" }), No: pass({ Output: "no" }) },
      {},
      { tasks: { f } },
    );
    expect(result.output).toBe('"yes"');
    expect(startedAfter(result)).toEqual([0, 1, 3]);
  });

  test("Output and Assign see the input and the error output", async () => {
    const Catch = [
      {
        ErrorEquals: ["States.ALL"],
        Assign: {
          error: "{% $states.errorOutput.Error %}",
          cause: "{% $states.errorOutput.Cause %}",
        },
        Output: {
          asked: "{% $states.input.q %}",
          why: "{% $states.errorOutput %}",
        },
        Next: "Show",
      },
    ];
    const result = await play(
      {
        Ask: task({ Catch }),
        Show: pass({ Output: "{% [$error, $cause, $states.input] %}" }),
      },
      { q: 1 },
      { tasks: { f } },
    );
    expect(output(result)).toEqual([
      "Boom",
      "why",
      { asked: 1, why: { Error: "Boom", Cause: "why" } },
    ]);
  });

  test("a timeout has an empty cause in the error output", async () => {
    const slow: TaskCode = (_, call) => call.sleep(10_000);
    const Ask = task({
      TimeoutSeconds: 1,
      Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Show" }],
    });
    expect(
      output(await play({ Ask, Show: pass() }, {}, { tasks: { f: slow } })),
    ).toEqual({ Error: "States.Timeout", Cause: "" });
  });

  test("an error that a handler throws is what Lambda makes of it", async () => {
    const handler: TaskCode = () => {
      throw new TypeError("no such thing");
    };
    const result = await play({ Ask: task() }, {}, { tasks: { f: handler } });
    expect(result.error).toBe("TypeError");
    expect(JSON.parse(result.cause ?? "")).toEqual({
      errorType: "TypeError",
      errorMessage: "no such thing",
      trace: [],
    });
  });

  test("a function that does not exist", async () => {
    expect(await play({ Ask: task() })).toMatchObject({
      error: "Lambda.ResourceNotFoundException",
      cause: "Function not found: f",
    });
  });
});

describe("times that are expressions", () => {
  const place =
    "An error occurred while executing the state 'Ask' (entered at the event id #2). ";
  test.each([
    [
      '{% "3" %}',
      `The JSONata expression '"3"' specified for the field 'TimeoutSeconds' returned an unexpected result type. Expected 'number', but was 'string' for value: "3"`,
    ],
    ["{% -1 %}", "TimeoutSeconds must be between 0 and 99999999 but was: -1"],
    [
      "{% 1.6 %}",
      "The TimeoutSeconds field cannot be parsed as an integer: 1.6",
    ],
    [
      "{% $states.input.missing %}",
      "The JSONata expression '$states.input.missing' specified for the field 'TimeoutSeconds' returned nothing (undefined).",
    ],
  ])("TimeoutSeconds %s", async (TimeoutSeconds, reason) => {
    const result = await play(
      { Ask: task({ TimeoutSeconds }) },
      {},
      { tasks: { f: () => 1 } },
    );
    expect(result).toMatchObject({
      error: "States.QueryEvaluationError",
      cause: place + reason,
    });
    expect(details(result, "EvaluationFailed")).toMatchObject([
      { location: "TimeoutSeconds" },
    ]);
  });
});
