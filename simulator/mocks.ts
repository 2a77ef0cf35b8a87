import type { Json } from "./json.ts";

/** What a mocked task answers: `Return` is the result of the whole task, with `lambda:invoke` therefore the object around the `Payload`. */
export type MockedResponse =
  | { readonly Return: Json }
  | { readonly Throw: { readonly Error: string; readonly Cause?: string } };

/** The mock configuration of AWS Step Functions Local; attempts are numbered from "0" or given as a range "1-2". Without `StateMachines`, responses go by the name of the state. */
export interface MockConfig {
  readonly StateMachines?: Readonly<
    Record<
      string,
      {
        readonly TestCases: Readonly<
          Record<string, Readonly<Record<string, string>>>
        >;
      }
    >
  >;
  readonly MockedResponses: Readonly<
    Record<string, Readonly<Record<string, MockedResponse>>>
  >;
}

/** Answers for a state each time it runs its task, or undefined when it is not mocked. */
export type Mock = (stateName: string) => MockedResponse | undefined;

const responseNames = (
  { StateMachines, MockedResponses }: MockConfig,
  testCase: string | undefined,
): Readonly<Record<string, string>> => {
  if (!StateMachines)
    return Object.fromEntries(
      Object.keys(MockedResponses).map((name) => [name, name]),
    );
  const cases = Object.assign(
    {},
    ...Object.values(StateMachines).map(({ TestCases }) => TestCases),
  ) as Record<string, Record<string, string>>;
  const [only, ...more] = Object.keys(cases);
  const chosen = testCase ?? (more.length === 0 ? only : undefined);
  const names = chosen === undefined ? undefined : cases[chosen];
  if (!names)
    throw new Error(
      `Choose one of the test cases ${Object.keys(cases).join(", ")}`,
    );
  return names;
};

const covers = (attempts: string, attempt: number): boolean => {
  const [from, to = from] = attempts.split("-").map(Number) as [
    number,
    number?,
  ];
  return from <= attempt && attempt <= to;
};

/** The mocks of one execution. */
export const mocks = (config: MockConfig, testCase?: string): Mock => {
  const names = responseNames(config, testCase);
  const attempts = new Map<string, number>();
  return (stateName) => {
    const responses = config.MockedResponses[names[stateName] ?? ""];
    if (!responses) return undefined;
    const attempt = attempts.get(stateName) ?? 0;
    attempts.set(stateName, attempt + 1);
    const found = Object.entries(responses).find(([range]) =>
      covers(range, attempt),
    );
    if (!found)
      throw new Error(
        `No mocked response for attempt ${attempt} of the state '${stateName}'`,
      );
    return found[1];
  };
};
