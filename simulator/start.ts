import type { Machine } from "./execution.ts";
import { ApiFault } from "./faults.ts";
import type { Data, Json } from "./json.ts";
import { exceeds, limits } from "./limits.ts";

// What the API reference of StartExecution forbids in a name: white space, brackets, wildcards, special and control characters.
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export const executionName = (name: string): string => {
  if (
    name.length === 0 ||
    name.length > limits.nameLength ||
    forbidden.test(name)
  )
    throw new ApiFault("InvalidName", `Invalid Name: '${name}'`);
  return name;
};

export const executionArn = ({ arn }: Machine, name: string): string =>
  `${arn.replace(":stateMachine:", ":execution:")}:${name}`;

const invalidInput = (reason: string) =>
  new ApiFault(
    "InvalidExecutionInput",
    `Invalid State Machine Execution Input: '${reason}'`,
  );

export const executionInput = (text: string): Data => {
  if (text === "") throw invalidInput("Invalid execution input.");
  if (exceeds(text, limits.dataBytes))
    throw invalidInput("The input is longer than 262144 bytes.");
  try {
    return { value: JSON.parse(text) as Json, text };
  } catch {
    throw invalidInput("The input is not valid JSON.");
  }
};
