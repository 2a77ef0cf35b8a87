import { describe, expect, test } from "vitest";
import { output, pass, play } from "./machine.ts";

const evaluated = (source: string, input: unknown = {}) =>
  play({ Do: pass({ Output: { v: `{% ${source} %}` } }) }, input, {
    startTime: "2026-11-22T08:00:00.123Z",
  });
const value = async (source: string, input?: unknown) =>
  (output(await evaluated(source, input)) as { v: unknown }).v;
const cause = async (source: string, input?: unknown) => {
  const result = await evaluated(source, input);
  expect(result).toMatchObject({
    status: "FAILED",
    error: "States.QueryEvaluationError",
  });
  return result.cause;
};
const place =
  "An error occurred while executing the state 'Do' (entered at the event id #2). ";

describe("the functions of Step Functions", () => {
  test.each<[string, unknown]>([
    ["$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]],
    ["$partition([1,2,3,4,5], 2.9)", [[1, 2], [3, 4], [5]]],
    ["$partition([1,2,3])", [[1, 2, 3]]],
    ["$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]],
    ["$range(10, 0, -5)", [10, 5, 0]],
    ["$range(1.4, 5.6, 2.2)", [1, 3, 5]],
    ["$range(3, 3, 1)", 3],
    [
      '$hash("hello", "SHA-256")',
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    ],
    ['$hash("Hello", "MD5")', "8b1a9953c4611296a827abf8c47804d7"],
    ["$random(42)", 0.7275636800328681],
    ["$random(7) = $random(7)", true],
    ['$parse("{\\"a\\":[1,2]}").a[1]', 2],
    ['$exists($parse("null"))', true],
    ["$now()", "2026-11-22T08:00:00.123Z"],
    ['$now("[D01].[M01].[Y0001]")', "22.11.2026"],
    ["$millis()", Date.parse("2026-11-22T08:00:00.123Z")],
    ["$uuid()", "88888888-8888-4888-8888-888888888888"],
  ])("%s", async (source, expected) => {
    expect(await value(source)).toEqual(expected);
  });

  test.each([
    [
      "$partition([1], null)",
      'T0410: Argument 2 of function "partition" does not match function signature',
    ],
    [
      "$partition([1], 2, 3)",
      'T0410: Argument 3 of function "partition" does not match function signature',
    ],
    [
      "$partition([1,2,3], -1)",
      "D3137: Second argument must be zero or greater",
    ],
    [
      '$partition("x", 2)',
      'T0412: Argument 1 of function "partition" must be an array of undefined',
    ],
    [
      '$range("a", 5, 1)',
      'T0410: Argument 1 of function "range" does not match function signature',
    ],
    [
      "$range(1, 5, null)",
      'T0410: Argument 3 of function "range" does not match function signature',
    ],
    [
      "$hash()",
      'T0410: Argument 1 of function "hash" does not match function signature',
    ],
    [
      '$hash("a", "md5")',
      "D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5",
    ],
    ['$parse("{")', "D3137: Invalid JSON"],
    [
      "$parse(null)",
      'T0410: Argument 1 of function "parse" does not match function signature',
    ],
    [
      "$uuid(1)",
      'T0410: Argument 1 of function "uuid" does not match function signature',
    ],
    [
      '$random("x")',
      'T0410: Argument 1 of function "random" does not match function signature',
    ],
    ['$eval("1")', "T1006: Attempted to invoke a non-function"],
  ])("%s fails", async (source, reason) => {
    expect(await cause(source)).toBe(
      `${place}The JSONata expression '${source}' specified for the field 'Output/v' threw an error during evaluation. ${reason}`,
    );
  });

  test.each([
    "$partition([1,2,3], 0)",
    "$partition([], 2)",
    "$range(1, 10, 0)",
    "$range(1, 5)",
    "$range(5, 1, 1)",
    '$hash("a")',
    "$parse()",
  ])("%s returns nothing", async (source) => {
    expect(await cause(source)).toBe(
      `${place}The JSONata expression '${source}' specified for the field 'Output/v' returned nothing (undefined).`,
    );
  });
});

describe("what an expression results in", () => {
  test.each<[string, unknown, unknown]>([
    ["$states.input.items[n > 1].n", { items: [{ n: 1 }, { n: 2 }] }, 2],
    ["[$states.input.items[n > 1].n]", { items: [{ n: 1 }, { n: 2 }] }, [2]],
    ["$states.input.items", { items: [7] }, [7]],
    ["$states.input.items", { items: [] }, []],
    ["$states.input.nothing", { nothing: null }, null],
    ["$count($states.input.nothing)", { nothing: null }, 1],
    ["$type($states.input.nothing)", { nothing: null }, "null"],
    ["1/0", {}, "Infinity"],
    ["[1/0]", {}, ["Infinity"]],
    ['{"k": -1/0}', {}, { k: "-Infinity" }],
    ['{"a": 1, "b": $states.input.absent}', {}, { a: 1 }],
    ["$string(1e20)", {}, "100000000000000000000"],
    ["$string(1e21)", {}, "1e+21"],
    [Array(100).fill("1").join("+"), {}, 100],
  ])("%s of %j", async (source, input, expected) => {
    expect(await value(source, input)).toEqual(expected);
  });

  test("undefined is a failure that names the expression and the place", async () => {
    const result = await play({
      Do: pass({ Output: { a: { b: ["x", "{% $states.input.absent %}"] } } }),
    });
    expect(result.cause).toBe(
      `${place}The JSONata expression '$states.input.absent' specified for the field 'Output/a/b[1]' returned nothing (undefined).`,
    );
  });

  test("a type error carries jsonata's code", async () => {
    expect(await cause("$states.input.s + 1", { s: "x" })).toContain(
      'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number',
    );
  });

  test.each(["function($x){$x}", "$sum", '{"f": $sum}'])(
    "the function %s is none",
    async (source) => {
      expect(await cause(source)).toContain("returned a function");
    },
  );

  test.each([
    ["101 levels", Array(101).fill("1").join("+"), "Depth=101 max=100"],
    [
      "endless recursion",
      "($f := function($n){1 + $f($n)}; $f(1))",
      "Stack overflow error",
    ],
    [
      "too many numbers",
      "$count([1..900000])",
      "Expression evaluation memory limit exceeded",
    ],
    [
      "a range too long",
      "$count($range(1, 360146, 1))",
      "Expression evaluation memory limit exceeded",
    ],
  ])("%s exceed a limit of evaluation", async (_name, source, reason) => {
    expect(await cause(source)).toContain(reason);
  });

  test("an endless loop ends after a second", async () => {
    expect(await cause("($f := function($n){$f($n + 1)}; $f(1))")).toContain(
      "U1001",
    );
  });
});

describe("what is an expression", () => {
  test.each<[unknown, unknown]>([
    ["{%1%}", 1],
    ["{% 'a' & 'b' %}", "ab"],
    [" {% 1 %}", " {% 1 %}"],
    ["{% 1 %} ", "{% 1 %} "],
    ["x {% 1 %}", "x {% 1 %}"],
    ["$states.input", "$states.input"],
    [
      { "{% 1 %}": ["{% 2 %}", null, { a: "{% 3 %}" }] },
      { "{% 1 %}": [2, null, { a: 3 }] },
    ],
  ])("%j", async (template, expected) => {
    expect(output(await play({ Do: pass({ Output: template }) }))).toEqual(
      expected,
    );
  });

  test("the text of an output keeps the order of the fields", async () => {
    const result = await play(
      {
        Do: pass({
          Output: { z: 1, a: '{% {"y": 1, "b": $states.input.x} %}' },
        }),
      },
      { x: 2 },
    );
    expect(result.output).toBe('{"z":1,"a":{"y":1,"b":2}}');
  });
});
