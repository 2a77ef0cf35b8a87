import { describe, expect, test } from "vitest";
import { chain, details, output, pass, play, task } from "./machine.ts";

const large = (bytes: number) => "é".repeat((bytes - 2) / 2);
const limit = 262_144;

describe("256 KiB", () => {
  test("a result of that size is fine, a larger one fails the task and can be caught", async () => {
    const Ask = {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Show" }],
      End: true,
    };
    const of = (bytes: number) =>
      play({ Ask, Show: pass() }, {}, { tasks: { f: () => large(bytes) } });
    expect((output(await of(limit)) as string).length).toBe((limit - 2) / 2);
    expect(output(await of(limit + 2))).toEqual({
      Error: "States.DataLimitExceeded",
      Cause:
        "The state/task 'arn:aws:lambda:us-east-1:123456789012:function:f' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  test("lambda:invoke is named by its service", async () => {
    const result = await play(
      { Ask: task() },
      {},
      { tasks: { f: () => large(limit) } },
    );
    expect(details(result, "TaskFailed")).toEqual([
      {
        error: "States.DataLimitExceeded",
        cause:
          "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
        resource: "invoke",
        resourceType: "lambda",
      },
    ]);
  });

  test.each<[string, boolean]>([
    ["States.ALL", false],
    ["States.TaskFailed", false],
    ["States.DataLimitExceeded", true],
  ])(
    "a state's own output that is too large is caught by %s: %s",
    async (name, caught) => {
      const branch = {
        StartAt: "I",
        States: { I: pass({ Output: "{% $pad('', 300000, 'x') %}" }) },
      };
      const P = {
        Type: "Parallel",
        Branches: [branch],
        Catch: [{ ErrorEquals: [name], Next: "Caught" }],
        End: true,
      };
      const result = await play({ P, Caught: pass() });
      expect(result.status).toBe(caught ? "SUCCEEDED" : "FAILED");
      expect(JSON.stringify(result.history)).toContain(
        "States.DataLimitExceeded",
      );
    },
  );

  test("a state's own output that is too large ends the execution from its entry", async () => {
    const result = await play({
      Big: pass({ Output: "{% $pad('', 300000, 'x') %}" }),
    });
    expect(chain(result)).toEqual([
      "ExecutionStarted<-0",
      "PassStateEntered<-0",
      "ExecutionFailed<-2",
    ]);
    expect(details(result, "ExecutionFailed")).toEqual([
      {
        error: "States.DataLimitExceeded",
        cause:
          "The state/task 'Big' returned a result with a size exceeding the maximum number of bytes service limit.",
      },
    ]);
  });

  test("a variable is limited as well", async () => {
    const result = await play({
      Keep: pass({ Assign: { big: "{% $pad('', 300000, 'x') %}" }, Output: 1 }),
    });
    expect(result).toMatchObject({
      status: "FAILED",
      error: "States.DataLimitExceeded",
    });
  });
});

test("all variables together hold at most 10 MiB", async () => {
  const count = 43;
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `S${i}`,
      {
        Type: "Pass",
        Assign: { [`v${i}`]: "{% $pad('', 250000, 'x') %}" },
        ...(i === count - 1 ? { End: true } : { Next: `S${i + 1}` }),
      },
    ]),
  );
  const result = await play(states);
  expect(result.error).toBe("States.DataLimitExceeded");
  expect(result.cause).toContain("executing the state 'S41'");
});

test("the history holds at most 25,000 events, the last of which tells the failure", async () => {
  const result = await play({
    Round: { Type: "Pass", Next: "Again?" },
    "Again?": {
      Type: "Choice",
      Choices: [{ Condition: false, Next: "End" }],
      Default: "Round",
    },
    End: pass(),
  });
  expect(result).toMatchObject({
    status: "FAILED",
    error: "States.Runtime",
    cause:
      "The execution reached the maximum number of history events (25000).",
  });
  expect(result.history).toHaveLength(25_000);
  expect(result.history.at(-1)).toMatchObject({
    type: "ExecutionFailed",
    id: 25_000,
    previousEventId: 24_999,
  });
});
