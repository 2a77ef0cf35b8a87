import type { TaskState } from "../definition.ts";
import { RuntimeFailure, StateFailure } from "../errors.ts";
import { record } from "../execution.ts";
import { truncated } from "../history.ts";
import { data, isObject, type Data, type Json } from "../json.ts";
import { exceeds, limits } from "../limits.ts";
import { evaluate } from "../template.ts";
import { lambdaAnswer } from "./lambda-answer.ts";
import { attend, type Outcome, type TaskTimes } from "./attend.ts";
import { attributed, count, surroundings, type Completion, type Visit } from "./visit.ts";

const invokeForm = /^arn:[\w-]+:states:::lambda:(invoke(\.waitForTaskToken)?)$/;

/** The names of the events of a task and the details that all of them carry. */
interface Family {
  readonly scheduled: Record<string, unknown>;
  readonly common: Record<string, unknown>;
  readonly prefix: "Task" | "LambdaFunction";
  readonly subject: string;
}

const family = (visit: Visit<TaskState>, input: Data, integration: string | undefined): Family => {
  const region = visit.execution.machine.arn.split(":")[3];
  if (integration === undefined) {
    const { resource } = visit.state;
    return { prefix: "LambdaFunction", common: {}, subject: resource, scheduled: { input: input.text, inputDetails: truncated, resource } };
  }
  const common = { resource: integration, resourceType: "lambda" };
  return { prefix: "Task", common, subject: "lambda", scheduled: { ...common, parameters: input.text, region } };
};

const times = async (visit: Visit<TaskState>): Promise<TaskTimes> => {
  const against = surroundings(visit);
  const { timeoutSeconds, heartbeatSeconds } = visit.state;
  return {
    timeout: await count(timeoutSeconds, against, { name: "TimeoutSeconds", most: limits.seconds }),
    heartbeat: await count(heartbeatSeconds, against, { name: "HeartbeatSeconds", most: limits.seconds }),
  };
};

const failed = (visit: Visit<TaskState>, events: Family, outcome: Exclude<Outcome, { kind: "succeeded" | "returned" }>): StateFailure => {
  const { host, execution, line } = visit;
  if (outcome.kind === "timed-out") {
    const error = "States.Timeout";
    record(host, execution, line, `${events.prefix}TimedOut`, { error, ...events.common });
    return new StateFailure(error, undefined, { also: outcome.heartbeat ? ["States.HeartbeatTimeout"] : [] });
  }
  const { error, cause } = outcome;
  record(host, execution, line, `${events.prefix}Failed`, { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }), ...events.common });
  return new StateFailure(error, cause);
};

const checked = (visit: Visit<TaskState>, events: Family, result: Data): Data => {
  if (!exceeds(result.text, limits.dataBytes)) return result;
  const cause = `The state/task '${events.subject}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  throw failed(visit, events, { kind: "failed", error: "States.DataLimitExceeded", cause });
};

const call = (visit: Visit<TaskState>, input: Json, integration: string | undefined) => {
  if (integration === undefined) return { functionArn: visit.state.resource, payload: input };
  const { FunctionName, Payload, Qualifier, InvocationType } = (isObject(input) ? input : {}) as Record<string, Json>;
  if (typeof FunctionName !== "string") throw new RuntimeFailure(attributed(visit, "The field 'FunctionName' is required but was missing"));
  if (InvocationType !== undefined && InvocationType !== "RequestResponse") {
    throw new RuntimeFailure(attributed(visit, "Unsupported by this engine: an InvocationType other than RequestResponse"));
  }
  return { functionArn: typeof Qualifier === "string" ? `${FunctionName}:${Qualifier}` : FunctionName, payload: Payload ?? {} };
};

export const task = async (visit: Visit<TaskState>): Promise<Completion> => {
  const { host, execution, line, state } = visit;
  const integration = invokeForm.exec(state.resource)?.[1];
  const token = integration?.endsWith(".waitForTaskToken") ? visitToken(visit) : undefined;
  visit.taskToken = token;

  const evaluated = state.arguments && evaluate(state.arguments, surroundings(visit));
  const input = evaluated === undefined ? visit.input : data(evaluated instanceof Promise ? await evaluated : evaluated);
  const limit = state.timeoutSeconds || state.heartbeatSeconds ? await times(visit) : {};
  const invocation = call(visit, input.value, integration);

  const events = family(visit, input, integration);
  record(host, execution, line, `${events.prefix}Scheduled`, {
    ...events.scheduled,
    ...(limit.timeout !== undefined && { timeoutInSeconds: limit.timeout }),
    ...(limit.heartbeat !== undefined && { heartbeatInSeconds: limit.heartbeat }),
  });
  // Tasks of several branches are all scheduled before the first is started.
  await Promise.resolve();
  record(host, execution, line, `${events.prefix}Started`, integration === undefined ? undefined : events.common);

  const attended = attend(visit, { ...invocation, token, limit });
  const returned = await attended.returned();
  if (returned.kind !== "returned") throw failed(visit, events, returned);
  const answer = integration === undefined ? returned.payload : data(lambdaAnswer(host, returned.payload));
  if (token === undefined) return { ending: state, result: succeeded(visit, events, checked(visit, events, answer)) };

  record(host, execution, line, "TaskSubmitted", { output: answer.text, outputDetails: truncated, ...events.common });
  const answered = await attended.answered();
  if (answered.kind !== "succeeded") throw failed(visit, events, answered);
  return { ending: state, result: succeeded(visit, events, { value: JSON.parse(answered.output) as Json, text: answered.output }) };
};

const succeeded = (visit: Visit<TaskState>, events: Family, result: Data): Data => {
  record(visit.host, visit.execution, visit.line, `${events.prefix}Succeeded`, { output: result.text, outputDetails: truncated, ...events.common });
  return result;
};

const visitToken = (visit: Visit<TaskState>) =>
  Buffer.from(`${visit.execution.executionArn} ${visit.execution.history.length} ${visit.host.newId()}`).toString("base64url");
