import {
  recordEnd,
  type Execution,
  type Host,
  type Machine,
} from "./execution.ts";
import { ApiFault } from "./faults.ts";
import { fiber } from "./fiber.ts";
import { truncated } from "./history.ts";
import type { Data, Json } from "./json.ts";
import { exceeds, limits } from "./limits.ts";
import { timestamp } from "./timestamp.ts";

// What the API reference of StartExecution forbids in a name: white space, brackets, wildcards, special and control characters.
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

const executionName = (name: string): string => {
  if (
    name.length === 0 ||
    name.length > limits.nameLength ||
    forbidden.test(name)
  )
    throw new ApiFault("InvalidName", `Invalid Name: '${name}'`);
  return name;
};

const executionArn = ({ arn }: Machine, name: string): string =>
  `${arn.replace(":stateMachine:", ":execution:")}:${name}`;

const invalidInput = (reason: string) =>
  new ApiFault(
    "InvalidExecutionInput",
    `Invalid State Machine Execution Input: '${reason}'`,
  );

const executionInput = (text: string): Data => {
  if (text === "") throw invalidInput("Invalid execution input.");
  if (exceeds(text, limits.dataBytes))
    throw invalidInput("The input is longer than 262144 bytes.");
  try {
    return { value: JSON.parse(text) as Json, text };
  } catch {
    throw invalidInput("The input is not valid JSON.");
  }
};

/** An execution that is about to run, with its first event. Throws InvalidName and InvalidExecutionInput. */
export const newExecution = (
  host: Host,
  machine: Machine,
  { name, input: text }: { name: string; input: string },
): Execution => {
  const arn = executionArn(machine, executionName(name));
  const input = executionInput(text);
  const { roleArn } = machine;
  const startDate = host.clock.now();
  const context = {
    Execution: {
      Id: arn,
      Input: input.value,
      StartTime: timestamp(startDate),
      Name: name,
      RoleArn: roleArn,
      RedriveCount: 0,
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
  const execution: Execution = {
    executionArn: arn,
    name,
    machine,
    input,
    startDate,
    history: [],
    main: fiber(0),
    context,
    status: "RUNNING",
  };
  const details = { input: text, inputDetails: truncated, roleArn };
  recordEnd(host, execution, "ExecutionStarted", 0, details);
  return execution;
};
