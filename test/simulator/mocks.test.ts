import { describe, expect, test } from "vitest";
import { mocks, type MockConfig } from "../../simulator/mocks.ts";
import { details, output, play, task, waitForToken } from "./machine.ts";

const config: MockConfig = {
  StateMachines: {
    visits: {
      TestCases: { Retried: { Ask: "Flaky" }, Answered: { Ask: "Fine" } },
    },
  },
  MockedResponses: {
    Flaky: {
      "0": {
        Throw: { Error: "Lambda.TooManyRequestsException", Cause: "slow down" },
      },
      "1-2": { Throw: { Error: "States.Timeout" } },
      "3": { Return: { StatusCode: 200, Payload: { ok: true } } },
    },
    Fine: { "0-9": { Return: { StatusCode: 200, Payload: 1 } } },
  },
};
const Ask = task({
  Output: "{% $states.result.Payload %}",
  Retry: [
    {
      ErrorEquals: ["Lambda.TooManyRequestsException", "States.Timeout"],
      MaxAttempts: 5,
    },
  ],
});

describe("the mock configuration of Step Functions Local", () => {
  test("answers attempt by attempt", async () => {
    const result = await play({ Ask }, {}, { mock: mocks(config, "Retried") });
    expect(output(result)).toEqual({ ok: true });
    expect(details(result, "TaskFailed")).toEqual([
      {
        error: "Lambda.TooManyRequestsException",
        cause: "slow down",
        resource: "invoke",
        resourceType: "lambda",
      },
    ]);
    expect(details(result, "TaskTimedOut")).toHaveLength(2);
  });

  test("a task with a token does not wait", async () => {
    const result = await play(
      {
        Ask: task({
          Resource: waitForToken,
          Output: "{% $states.result.Payload %}",
        }),
      },
      {},
      { mock: mocks(config, "Answered") },
    );
    expect(output(result)).toBe(1);
  });

  test("without state machines, responses go by the state's name", async () => {
    expect(
      output(
        await play(
          { Ask },
          {},
          {
            mock: mocks({
              MockedResponses: { Ask: { "0": { Return: { Payload: 7 } } } },
            }),
          },
        ),
      ),
    ).toBe(7);
  });

  test("a state that is not mocked runs its function, and an attempt too many ends the execution", async () => {
    expect(
      output(
        await play(
          { Ask },
          {},
          { mock: mocks({ MockedResponses: {} }), tasks: { f: () => 3 } },
        ),
      ),
    ).toBe(3);
    const result = await play(
      { Ask },
      {},
      {
        mock: mocks({
          MockedResponses: {
            Ask: { "0": { Throw: { Error: "States.Timeout" } } },
          },
        }),
      },
    );
    expect(result).toMatchObject({
      error: "States.Runtime",
      cause: "Error: No mocked response for attempt 1 of the state 'Ask'",
    });
  });

  test("the test case must be known", () => {
    expect(() => mocks(config)).toThrow(
      "Choose one of the test cases Retried, Answered",
    );
    expect(() => mocks(config, "Other")).toThrow(
      "Choose one of the test cases Retried, Answered",
    );
  });
});
