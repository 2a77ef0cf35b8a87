import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bulkImport } from "../../workflows/bulk-import.ts";

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
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
    readonly TimeoutSeconds: number;
    readonly States: Readonly<Record<string, State>>;
  };

const file = parse("bulk-import");
const states = Object.entries(file.States);
const tasks = states.filter(([, { Type }]) => Type === "Task");
const house = Object.values(parse("pre-visit").States).find(
  ({ Type }) => Type === "Task",
);

describe("the bulk import workflow's file", () => {
  it("is JSONata and ends before its uploads do", () => {
    expect(file.QueryLanguage).toBe("JSONata");
    expect(file.TimeoutSeconds).toBeLessThan(2 * 86_400);
  });

  it("has phrases for states and questions for choices", () => {
    for (const [name, { Type }] of states)
      expect(name.endsWith("?"), name).toBe(Type === "Choice");
  });

  it.each(tasks)(
    "%s invokes a function, explains itself, has a timeout and the house's retries",
    (_, state) => {
      expect(state.Resource).toBe("arn:aws:states:::lambda:invoke");
      expect(state.Comment).toBeDefined();
      // Longer than the function may take: two never take the same lines at once.
      expect(state.TimeoutSeconds).toBeLessThanOrEqual(150);
      expect(state.Retry).toEqual(house?.Retry);
    },
  );

  it("hands every failure to a person", () => {
    const failing = "Tell staff that the import failed";
    for (const [name, { Catch }] of tasks)
      expect(
        Catch?.map(({ Next }) => Next),
        name,
      ).toEqual(name === failing ? undefined : [failing]);
  });

  it("is told ids only", () => {
    expect(bulkImport.input.safeParse({ import: "i" }).success).toBe(true);
    expect(bulkImport.input.safeParse({ import: "i", name: "x" }).success).toBe(
      false,
    );
  });
});
