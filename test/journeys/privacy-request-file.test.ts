import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { privacyRequest } from "../../workflows/privacy-request.ts";

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: unknown;
  readonly Retry?: readonly object[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
  }[];
}

const parse = (name: string) =>
  JSON.parse(
    readFileSync(
      new URL(`../../workflows/${name}.asl.json`, import.meta.url),
      "utf8",
    ),
  ) as {
    readonly QueryLanguage: string;
    readonly States: Readonly<Record<string, State>>;
  };

const file = parse("privacy-request");
const states = Object.entries(file.States);
const tasks = states.filter(([, { Type }]) => Type === "Task");
const [, house] =
  Object.entries(parse("pre-visit").States).find(
    ([, { Type }]) => Type === "Task",
  ) ?? [];
const waiting = "Wait for the decision";
const failing = "Tell staff that the request is stuck";

describe("the privacy request workflow's file", () => {
  it("is JSONata of few states, phrases for states and questions for choices", () => {
    expect(file.QueryLanguage).toBe("JSONata");
    expect(states.length).toBeLessThanOrEqual(25);
    for (const [name, { Type }] of states)
      expect(name.endsWith("?"), name).toBe(Type === "Choice");
  });

  it.each(tasks.filter(([name]) => name !== waiting))(
    "%s invokes a function, explains itself, has a timeout and the house's retries",
    (_, state) => {
      expect(state.Resource).toBe("arn:aws:states:::lambda:invoke");
      expect(state.Comment).toBeDefined();
      expect(state.TimeoutSeconds).toBeLessThanOrEqual(150);
      expect(state.Retry).toEqual(house?.Retry);
    },
  );

  it("waits for a person only until it is time to look again", () => {
    const wait = file.States[waiting];
    expect(wait?.Resource).toBe(
      "arn:aws:states:::lambda:invoke.waitForTaskToken",
    );
    expect(wait?.TimeoutSeconds).toBe("{% $clock.seconds %}");
    expect(wait?.Catch?.[0]).toEqual({
      ErrorEquals: ["States.Timeout"],
      Next: "Look at the clock",
    });
    expect(wait?.Retry?.slice(1)).toEqual(house?.Retry);
  });

  it("hands every failure to a person", () => {
    for (const [name, { Catch }] of tasks)
      expect(
        Catch?.filter(({ ErrorEquals }) =>
          ErrorEquals.includes("States.ALL"),
        ).map(({ Next }) => Next),
        name,
      ).toEqual(name === failing ? undefined : [failing]);
  });

  it("is told ids only", () => {
    const told = { patient: "p", request: "r" };
    expect(privacyRequest.input.safeParse(told).success).toBe(true);
    expect(privacyRequest.input.safeParse({ ...told, kind: "x" }).success).toBe(
      false,
    );
  });
});
