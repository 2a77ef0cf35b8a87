import { describe, expect, test } from "vitest";
import { InvalidDefinition, Unsupported } from "../../simulator/engine.ts";
import { parsedDefinition } from "../../simulator/validate.ts";
import { invoke, machine, pass, task } from "./machine.ts";

const problems = (definition: string | object): string[] => {
  try {
    parsedDefinition(definition);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    return error.diagnostics.map(
      ({ message, location }) => `${location} ${message}`,
    );
  }
};
const ofStates = (states: Record<string, object>) => problems(machine(states));
const done = { Done: pass() };
const wait = (more: object) => ({ Type: "Wait", End: true, ...more });
const flow = (state: object) => ({ StartAt: "I", States: { I: state } });

describe("a machine", () => {
  test.each<[string, string | object, string[]]>([
    [
      "is fine",
      machine(done, { Comment: "c", Version: "1.0", TimeoutSeconds: 60 }),
      [],
    ],
    [
      "is no JSON",
      "not a definition",
      ["/ Unexpected token 'o', \"not a definition\" is not valid JSON"],
    ],
    ["is no object", "[]", ["/ Definition must be a valid JSON object"]],
    ["is empty", {}, ["/ These fields are required: [States, StartAt]"]],
    [
      "has no start",
      { QueryLanguage: "JSONata", States: done },
      ["/ These fields are required: [StartAt]"],
    ],
    [
      "starts nowhere",
      { QueryLanguage: "JSONata", StartAt: "No", States: { A: pass() } },
      expect.arrayContaining([
        "/StartAt Missing 'StartAt' target: No",
      ]) as never,
    ],
    [
      "has no states",
      { QueryLanguage: "JSONata", StartAt: "A", States: {} },
      ["/States Expected at least one state"],
    ],
    [
      "has a field too many",
      machine(done, { Extra: 1 }),
      ["/Extra Field 'Extra' is not supported"],
    ],
    [
      "has an unknown language",
      { ...machine(done), QueryLanguage: "SQL" },
      expect.arrayContaining([
        "/QueryLanguage Value is not one of [JSONPath, JSONata]",
      ]) as never,
    ],
    [
      "has an odd timeout",
      machine(done, { TimeoutSeconds: 1.5 }),
      ["/TimeoutSeconds Expected value of type Integer"],
    ],
    [
      "is too long",
      machine({ A: pass({ Comment: "x".repeat(1024 * 1024) }) }),
      ["/ Definition is longer than 1048576 bytes"],
    ],
  ])("%s", (_name, definition, expected) => {
    expect(problems(definition)).toEqual(expected);
  });

  test("the message is AWS's", () => {
    expect(() => parsedDefinition({ StartAt: "A" })).toThrow(
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
    );
  });
});

describe("where states go", () => {
  test.each<[string, Record<string, object>, string[]]>([
    [
      "Next that is none",
      { A: { Type: "Pass", Next: "No" } },
      [
        "/States/A/Next Missing 'Next' target: No",
        "/ Workflow has no terminal state",
      ],
    ],
    [
      "neither Next nor End",
      { A: { Type: "Pass" } },
      [
        "/States/A This object should have only one of the following fields: [Next, End]",
        "/ Workflow has no terminal state",
      ],
    ],
    [
      "both",
      { A: pass({ Next: "Done" }), ...done },
      [
        "/States/A This object should have only one of the following fields: [Next, End]",
      ],
    ],
    [
      "End false",
      { A: { Type: "Pass", End: false, Next: "Done" }, ...done },
      expect.arrayContaining(["/States/A/End Expected value true"]) as never,
    ],
    [
      "unreachable",
      { A: pass(), B: pass() },
      ['/States/B State "B" is not reachable.'],
    ],
    [
      "round in circles",
      { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" } },
      ["/ Workflow has no terminal state"],
    ],
    [
      "Next on Succeed",
      { A: { Type: "Succeed", Next: "B" }, B: pass() },
      [
        "/States/A/Next Field 'Next' is not supported",
        '/States/B State "B" is not reachable.',
      ],
    ],
    [
      "End on Choice",
      {
        A: {
          Type: "Choice",
          Choices: [{ Condition: true, Next: "Done" }],
          End: true,
        },
        ...done,
      },
      ["/States/A/End Field 'End' is not supported"],
    ],
    [
      "a catcher to nowhere",
      { A: task({ Catch: [{ ErrorEquals: ["E"], Next: "No" }] }) },
      ["/States/A/Catch[0]/Next Missing 'Next' target: No"],
    ],
    [
      "a rule and a default to nowhere",
      {
        A: {
          Type: "Choice",
          Choices: [{ Condition: true, Next: "No" }],
          Default: "Not",
        },
      },
      expect.arrayContaining([
        "/States/A/Choices[0]/Next Missing 'Next' target: No",
        "/States/A/Default Missing 'Default' target: Not",
      ]) as never,
    ],
    [
      "a branch to a state outside",
      {
        A: {
          Type: "Parallel",
          Branches: [flow({ Type: "Pass", Next: "Done" })],
          Next: "Done",
        },
        ...done,
      },
      expect.arrayContaining([
        "/States/A/Branches[0]/States/I/Next Missing 'Next' target: Done",
      ]) as never,
    ],
    [
      "the same name twice",
      { I: { Type: "Parallel", Branches: [flow(pass())], End: true } },
      ["/States/I/Branches[0]/States/I Duplicate State name: I"],
    ],
    [
      "a long name",
      { ["n".repeat(81)]: pass() },
      [`/States/${"n".repeat(81)} A state name has 1 to 80 characters`],
    ],
  ])("%s", (_name, states, expected) => {
    expect(ofStates(states)).toEqual(expected);
  });
});

describe("fields", () => {
  test.each<[string, object, string[]]>([
    ["no type", { End: true }, ["/States/A These fields are required: [Type]"]],
    [
      "an unknown type",
      { Type: "Jump", End: true },
      [
        "/States/A/Type Value is not one of [Task, Pass, Wait, Choice, Succeed, Fail, Parallel, Map]",
      ],
    ],
    [
      "JSONPath fields",
      pass({ InputPath: "$", ResultPath: "$.a" }),
      [
        "/States/A/InputPath Field 'InputPath' is not supported",
        "/States/A/ResultPath Field 'ResultPath' is not supported",
      ],
    ],
    [
      "the language set back",
      pass({ QueryLanguage: "JSONPath" }),
      [
        "/States/A 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      ],
    ],
    [
      "Retry on Pass",
      pass({ Retry: [] }),
      ["/States/A/Retry Field 'Retry' is not supported"],
    ],
    [
      "no Resource",
      { Type: "Task", End: true },
      ["/States/A These fields are required: [Resource]"],
    ],
    [
      "a Resource that is none",
      { Type: "Task", Resource: "f", End: true },
      ["/States/A/Resource Value is not a valid resource ARN"],
    ],
    [
      "no FunctionName",
      task({ Arguments: { Payload: {} } }),
      [
        '/States/A/Arguments The field "FunctionName" is required but was missing',
      ],
    ],
    [
      "an unknown argument",
      task({ Arguments: { FunctionName: "f", Extra: 1 } }),
      [
        '/States/A/Arguments/Extra The field "Extra" is not supported by Step Functions',
      ],
    ],
    [
      "no time at all",
      wait({}),
      [
        "/States/A This object should have only one of the following fields: [Seconds, Timestamp]",
      ],
    ],
    [
      "two times",
      wait({ Seconds: 1, Timestamp: "2026-01-01T00:00:00Z" }),
      [
        "/States/A This object should have only one of the following fields: [Seconds, Timestamp]",
      ],
    ],
    [
      "negative seconds",
      wait({ Seconds: -1 }),
      ["/States/A/Seconds Minimum value is 0"],
    ],
    [
      "half a second",
      wait({ Seconds: 0.5 }),
      ["/States/A/Seconds Expected value of type Integer"],
    ],
    [
      "seconds as text",
      wait({ Seconds: "5" }),
      ["/States/A/Seconds Expected value of type Integer"],
    ],
    [
      "too many seconds",
      wait({ Seconds: 1e8 }),
      ["/States/A/Seconds Maximum value is 99999999"],
    ],
    [
      "a timestamp that is none",
      wait({ Timestamp: "tomorrow" }),
      [
        "/States/A/Timestamp Expected an RFC3339 timestamp or a JSONata expression",
      ],
    ],
    [
      "a timeout of nothing",
      task({ TimeoutSeconds: 0 }),
      ["/States/A/TimeoutSeconds Minimum value is 1"],
    ],
    [
      "a heartbeat as long as the timeout",
      task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }),
      [
        "/States/A/HeartbeatSeconds HeartbeatSeconds must be smaller than TimeoutSeconds",
      ],
    ],
    [
      "a condition that is text",
      { Type: "Choice", Choices: [{ Condition: "yes", Next: "A" }] },
      expect.arrayContaining([
        "/States/A/Choices[0]/Condition Expected value of type Boolean or a JSONata expression",
      ]) as never,
    ],
    [
      "no rules",
      { Type: "Choice", Choices: [] },
      expect.arrayContaining([
        "/States/A/Choices Expected value of type Array with at least one item",
      ]) as never,
    ],
    [
      "a negative MaxConcurrency",
      {
        Type: "Map",
        MaxConcurrency: -1,
        ItemProcessor: flow(pass()),
        End: true,
      },
      ["/States/A/MaxConcurrency Minimum value is 0"],
    ],
    [
      "the same, deeper",
      {
        Type: "Map",
        ItemProcessor: {
          StartAt: "M",
          States: {
            M: {
              Type: "Map",
              MaxConcurrency: -1,
              ItemProcessor: flow(pass()),
              End: true,
            },
          },
        },
        End: true,
      },
      ["/States/A/ItemProcessor/States/M/MaxConcurrency Minimum value is 0"],
    ],
    [
      "items that are a number",
      { Type: "Map", Items: 5, ItemProcessor: flow(pass()), End: true },
      ["/States/A/Items Expected value of type Array or a JSONata expression"],
    ],
    [
      "an error that is a number",
      { Type: "Fail", Error: 5 },
      ["/States/A/Error Expected value of type String"],
    ],
    [
      "no branches",
      { Type: "Parallel", Branches: [], End: true },
      [
        "/States/A/Branches Expected value of type Array with at least one item",
      ],
    ],
  ])("%s", (_name, state, expected) => {
    expect(ofStates({ A: state })).toEqual(expected);
  });
});

describe("Retry and Catch", () => {
  const retry = (...Retry: object[]) => ofStates({ A: task({ Retry }) });
  test.each<[string, object[], string[]]>([
    [
      "States.ALL with another",
      [{ ErrorEquals: ["States.ALL", "E"] }],
      [
        "/States/A/Retry[0]/ErrorEquals States.ALL must appear alone and at end of list",
      ],
    ],
    [
      "States.ALL before another",
      [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["E"] }],
      [
        "/States/A/Retry[0]/ErrorEquals States.ALL must appear alone and at end of list",
      ],
    ],
    [
      "a reserved name",
      [{ ErrorEquals: ["States.Nothing"] }],
      [
        "/States/A/Retry[0]/ErrorEquals The error name 'States.Nothing' is reserved and not known",
      ],
    ],
    [
      "no names",
      [{ ErrorEquals: [] }],
      [
        "/States/A/Retry[0]/ErrorEquals Expected value of type Array with at least one String",
      ],
    ],
    [
      "ErrorEquals missing",
      [{}],
      ["/States/A/Retry[0] These fields are required: [ErrorEquals]"],
    ],
    [
      "a rate below one",
      [{ ErrorEquals: ["E"], BackoffRate: 0.9 }],
      ["/States/A/Retry[0]/BackoffRate Minimum value is 1"],
    ],
    [
      "negative attempts",
      [{ ErrorEquals: ["E"], MaxAttempts: -1 }],
      ["/States/A/Retry[0]/MaxAttempts Minimum value is 0"],
    ],
    [
      "a cap below the interval",
      [{ ErrorEquals: ["E"], IntervalSeconds: 5, MaxDelaySeconds: 5 }],
      [
        "/States/A/Retry[0]/MaxDelaySeconds MaxDelaySeconds must be greater than IntervalSeconds",
      ],
    ],
    [
      "another jitter",
      [{ ErrorEquals: ["E"], JitterStrategy: "HALF" }],
      ["/States/A/Retry[0]/JitterStrategy Value is not one of [FULL, NONE]"],
    ],
    [
      "all of it",
      [
        {
          ErrorEquals: ["E", "States.Timeout"],
          IntervalSeconds: 1,
          MaxAttempts: 0,
          BackoffRate: 1.5,
          MaxDelaySeconds: 2,
          JitterStrategy: "FULL",
        },
        { ErrorEquals: ["States.ALL"] },
      ],
      [],
    ],
  ])("%s", (_name, entries, expected) => {
    expect(retry(...entries)).toEqual(expected);
  });

  test("a catcher without Next", () => {
    expect(
      ofStates({
        A: task({ Catch: [{ ErrorEquals: ["E"], ResultPath: "$" }] }),
      }),
    ).toEqual([
      "/States/A/Catch[0] These fields are required: [Next]",
      "/States/A/Catch[0]/ResultPath Field 'ResultPath' is not supported",
    ]);
  });
});

describe("expressions", () => {
  test.each<[string, object, string[]]>([
    [
      "a syntax error",
      pass({ Output: { a: ["{% $x + %}"] } }),
      [
        "/States/A/Output/a[0] Invalid JSONata expression: Unexpected end of expression",
      ],
    ],
    [
      "$states.result in a Pass",
      pass({ Output: "{% $states.result %}" }),
      ["/States/A/Output Field '$states.result' does not exist."],
    ],
    [
      "$states.errorOutput in Arguments",
      task({
        Arguments: { FunctionName: "f", Payload: "{% $states.errorOutput %}" },
      }),
      [
        "/States/A/Arguments/Payload Field '$states.errorOutput' does not exist.",
      ],
    ],
    [
      "$states.result in Arguments",
      task({
        Arguments: {
          FunctionName: "f",
          Payload: "{% [1].($states.result.x) %}",
        },
      }),
      ["/States/A/Arguments/Payload Field '$states.result' does not exist."],
    ],
    [
      "$states.result in Assign of a task",
      task({ Assign: { a: "{% $states.result %}" } }),
      [],
    ],
    [
      "$states.else",
      pass({ Output: "{% $states.else %}" }),
      ["/States/A/Output Field '$states.else' does not exist."],
    ],
    [
      "the variable states",
      pass({ Assign: { states: 1 } }),
      ["/States/A/Assign/states The variable name 'states' is reserved."],
    ],
    [
      "a variable that is no name",
      pass({ Assign: { "a-b": 1 } }),
      ["/States/A/Assign/a-b The variable name 'a-b' is not valid."],
    ],
    [
      "Assign that is no object",
      pass({ Assign: [1] }),
      ["/States/A/Assign Expected value of type Object"],
    ],
  ])("%s", (_name, state, expected) => {
    expect(ofStates({ A: state })).toEqual(expected);
  });

  test("a catcher reads the error output, and no result", () => {
    const Catch = [
      {
        ErrorEquals: ["E"],
        Output: "{% [$states.errorOutput, $states.result] %}",
        Assign: { e: "{% $states.errorOutput.Error %}" },
        Next: "Done",
      },
    ];
    expect(ofStates({ A: task({ Catch }), ...done })).toEqual([
      "/States/A/Catch[0]/Output Field '$states.result' does not exist.",
    ]);
  });

  test.each([
    [
      "Parallel",
      {
        Type: "Parallel",
        Branches: [flow(pass({ Assign: { shared: 1 } }))],
        End: true,
      },
      "/States/P/Branches[0]",
    ],
    [
      "Map",
      {
        Type: "Map",
        ItemProcessor: flow(pass({ Assign: { shared: 1 } })),
        End: true,
      },
      "/States/P/ItemProcessor",
    ],
  ])(
    "an inner scope of a %s may not assign an outer variable",
    (_type, P, location) => {
      expect(
        ofStates({
          Seed: { Type: "Pass", Assign: { shared: 0 }, Next: "P" },
          P,
        }),
      ).toEqual([
        `${location} The variable name 'shared' was already defined in a parent scope.`,
      ]);
    },
  );
});

describe("legal and not implemented", () => {
  const parallel = {
    Type: "Parallel",
    Branches: [{ StartAt: "I", States: { I: pass() } }],
    End: true,
  };
  test.each<[string, object, string]>([
    [
      "JSONPath",
      { StartAt: "A", States: { A: pass() } },
      "the query language JSONPath at /States/A",
    ],
    [
      "JSONPath around JSONata",
      {
        StartAt: "A",
        States: {
          A: {
            ...parallel,
            Branches: [flow(pass({ QueryLanguage: "JSONata" }))],
          },
        },
      },
      "the query language JSONPath at /States/A",
    ],
    [
      "another integration",
      machine({ A: task({ Resource: "arn:aws:states:::sqs:sendMessage" }) }),
      "the integration arn:aws:states:::sqs:sendMessage at /States/A/Resource",
    ],
    [
      "an activity",
      machine({
        A: task({
          Resource: "arn:aws:states:us-east-1:123456789012:activity:x",
        }),
      }),
      "the integration arn:aws:states:us-east-1:123456789012:activity:x at /States/A/Resource",
    ],
    [
      "Credentials",
      machine({ A: task({ Credentials: { RoleArn: "x" } }) }),
      "Credentials at /States/A/Credentials",
    ],
    [
      "a Distributed Map",
      machine({
        A: {
          Type: "Map",
          ItemProcessor: {
            ...flow(pass()),
            ProcessorConfig: { Mode: "DISTRIBUTED" },
          },
          End: true,
        },
      }),
      "a Distributed Map at /States/A/ItemProcessor/ProcessorConfig",
    ],
    [
      "an ItemReader",
      machine({
        A: {
          Type: "Map",
          ItemReader: {},
          ItemProcessor: flow(pass()),
          End: true,
        },
      }),
      "ItemReader (Distributed Map) at /States/A/ItemReader",
    ],
    [
      "asynchronous invocation",
      machine({
        A: task({ Arguments: { FunctionName: "f", InvocationType: "Event" } }),
      }),
      "an InvocationType other than RequestResponse at /States/A/Arguments/InvocationType",
    ],
  ])("%s", (_name, definition, reason) => {
    expect(() => parsedDefinition(definition)).toThrow(Unsupported);
    expect(() => parsedDefinition(definition)).toThrow(
      `Unsupported by this engine: ${reason}`,
    );
  });

  test("a JSONata state in a machine of the default language is fine", () => {
    expect(
      problems({
        StartAt: "A",
        States: {
          A: {
            Type: "Task",
            QueryLanguage: "JSONata",
            Resource: invoke,
            Arguments: "{% $states.input %}",
            End: true,
          },
        },
      }),
    ).toEqual([]);
  });
});
