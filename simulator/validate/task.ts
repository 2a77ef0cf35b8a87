import { isObject } from "../json.ts";
import { expressionSource } from "../jsonata/expression.ts";
import { limits } from "../limits.ts";
import { aNumber, checkField, onEntry } from "./expressions.ts";
import { textAt, type Raw, type Report } from "./report.ts";

const invoke =
  /^arn:aws(-[\w-]+)?:states:::lambda:invoke(\.waitForTaskToken)?$/;
const lambdaFunction =
  /^arn:aws(-[\w-]+)?:lambda:[\w-]*:\d*:function:[\w-]+(:[\w$-]+)?$/;
const otherIntegration = /^arn:aws(-[\w-]+)?:states:[\w-]*:\d*:\S+$/;
const invokeFields = [
  "FunctionName",
  "Payload",
  "Qualifier",
  "InvocationType",
  "LogType",
  "ClientContext",
];

const checkInvokeArguments = (
  state: Raw,
  location: string,
  into: Report,
): void => {
  const given = state.Arguments;
  const at = `${location}/Arguments`;
  if (typeof given === "string" && expressionSource(given) !== undefined)
    return;
  if (!isObject(given)) {
    into.problem('The field "FunctionName" is required but was missing', at);
    return;
  }
  if (!("FunctionName" in given))
    into.problem('The field "FunctionName" is required but was missing', at);
  for (const name of Object.keys(given)) {
    if (!invokeFields.includes(name))
      into.problem(
        `The field "${name}" is not supported by Step Functions`,
        `${at}/${name}`,
      );
  }
  if ("InvocationType" in given && given.InvocationType !== "RequestResponse") {
    into.unsupport(
      "an InvocationType other than RequestResponse",
      `${at}/InvocationType`,
    );
  }
};

export const checkTask = (state: Raw, location: string, into: Report): void => {
  const at = `${location}/Resource`;
  const resource =
    "Resource" in state ? textAt(state.Resource, at, into) : undefined;
  if (resource !== undefined) {
    if (invoke.test(resource)) checkInvokeArguments(state, location, into);
    else if (otherIntegration.test(resource))
      into.unsupport(`the integration ${resource}`, at);
    else if (!lambdaFunction.test(resource))
      into.problem("Value is not a valid resource ARN", at);
  }
  if ("Credentials" in state)
    into.unsupport("Credentials", `${location}/Credentials`);
  const seconds = {
    location,
    into,
    readable: onEntry,
    literal: aNumber({ least: 1, most: limits.seconds }, into),
  };
  checkField(state, "TimeoutSeconds", seconds);
  checkField(state, "HeartbeatSeconds", seconds);
  const { HeartbeatSeconds: heartbeat, TimeoutSeconds: timeout } = state;
  if (
    typeof heartbeat === "number" &&
    typeof timeout === "number" &&
    heartbeat >= timeout
  ) {
    into.problem(
      "HeartbeatSeconds must be smaller than TimeoutSeconds",
      `${location}/HeartbeatSeconds`,
    );
  }
};
