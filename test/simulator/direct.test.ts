import fc from "fast-check";
import jsonata from "jsonata";
import { expect, test } from "vitest";
import { direct, unsure } from "../../simulator/jsonata/direct.ts";
import { plainJson } from "../../simulator/jsonata/plain.ts";
import type { Node } from "../../simulator/jsonata/syntax.ts";

const names = ["a", "b", "c"];
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(null, true, false, 0, 1, -2.5, "", "x", "y"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const source = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(
      "null",
      "true",
      "false",
      "1",
      "-3",
      '"x"',
      "$a",
      "$states",
      "$missing",
    ),
    fc
      .tuple(
        fc.constantFrom("$states.input", "$states.context", "$a", "$b"),
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      )
      .map(([root, path]) => [root, ...path].join(".")),
    fc
      .tuple(
        tie("value"),
        fc.constantFrom(
          "=",
          "!=",
          "<",
          "<=",
          ">",
          ">=",
          "and",
          "or",
          "&",
          "+",
          "-",
          "*",
        ),
        tie("value"),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie("value"), tie("value"), tie("value"))
      .map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
    fc
      .tuple(tie("value"), tie("value"))
      .map(([a, b]) => `{"a": ${a}, "b": ${b}}`),
    fc
      .tuple(fc.constantFrom("$exists", "$not"), tie("value"))
      .map(([call, value]) => `${call}(${value})`),
    fc
      .tuple(
        fc.constantFrom("$a", "$b"),
        tie("value"),
        fc.constantFrom(...names),
      )
      .map(([list, index, name]) => `${list}[${index}].${name}`),
    fc
      .constantFrom("$a", "$b", "$missing", "$states")
      .map((value) => `$count(${value})`),
  ),
})).value;

const slowly = async (text: string, bindings: Record<string, unknown>) => {
  try {
    return {
      value: plainJson(await jsonata(text).evaluate(undefined, bindings)),
    };
  } catch (error) {
    return { error };
  }
};

test("a direct evaluation answers as jsonata does, or not at all", async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(source, json, json, json, async (text, input, a, b) => {
      const evaluate = direct(jsonata(text).ast() as unknown as Node);
      const states = { input, context: { b } } as never;
      const variables = { a, b } as never;
      const quick = evaluate?.({
        states,
        variables,
        now: 0,
        random: Math.random,
      });
      if (!evaluate || quick === unsure) return;
      answered += 1;
      expect({ value: quick }).toEqual(await slowly(text, { states, a, b }));
    }),
    { numRuns: 3000 },
  );
  expect(answered).toBeGreaterThan(500);
});

test.each([
  "$states.input.a",
  "$a.b.c = 1 and $b > 2",
  '{"at": $states.context.State.EnteredTime, "n": $a}',
  "$exists($states.input.a) ? 1 : 2",
])("%s is evaluated directly", (text) => {
  expect(direct(jsonata(text).ast() as unknown as Node)).toBeTypeOf("function");
});
