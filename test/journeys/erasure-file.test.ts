import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { erasure } from "../../workflows/erasure.ts";

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Seconds?: number;
  readonly Retry?: unknown;
  readonly Catch?: readonly { readonly Next: string }[];
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

const file = parse("erasure");
const states = Object.entries(file.States);
const tasks = states.filter(([, { Type }]) => Type === "Task");
const house = Object.values(parse("pre-visit").States).find(
  ({ Type }) => Type === "Task",
);

describe("the erasure workflow's file", () => {
  it("has phrases for states and questions for choices", () => {
    for (const [name, { Type }] of states)
      expect(name.endsWith("?"), name).toBe(Type === "Choice");
  });

  it.each(tasks)(
    "%s invokes a function, explains itself, has a timeout and the house's retries",
    (_, state) => {
      expect(state.Resource).toBe("arn:aws:states:::lambda:invoke");
      expect(state.Comment).toBeDefined();
      expect(state.TimeoutSeconds).toBeLessThanOrEqual(150);
      expect(state.Retry).toEqual(house?.Retry);
    },
  );

  it("waits for longer than any function that writes may run", () => {
    const longest = Math.max(
      ...tasks.map(([, { TimeoutSeconds = 0 }]) => TimeoutSeconds),
    );
    const [wait] = states.filter(([, { Type }]) => Type === "Wait");
    expect(wait?.[1].Seconds).toBeGreaterThan(longest);
  });

  it("hands every failure to a person", () => {
    const failing = "Tell the privacy officer that the erasure failed";
    for (const [name, { Catch }] of tasks)
      expect(
        Catch?.map(({ Next }) => Next),
        name,
      ).toEqual(name === failing ? undefined : [failing]);
  });

  it("is told ids only", () => {
    const ids = { patient: "p", request: "r" };
    expect(erasure.input.safeParse(ids).success).toBe(true);
    expect(erasure.input.safeParse({ ...ids, name: "x" }).success).toBe(false);
  });
});
