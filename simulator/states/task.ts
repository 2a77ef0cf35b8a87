import type { TaskState } from "../definition.ts";
import { RuntimeFailure } from "../errors.ts";
import { TaskFailure } from "../faults.ts";
import { data, isObject, type Data, type Json } from "../json.ts";
import { limits } from "../limits.ts";
import type { MockedResponse } from "../mocks.ts";
import { evaluate } from "../template.ts";
import { callback } from "./callback.ts";
import { invocation, trouble } from "./invocation.ts";
import { lambdaAnswer } from "./lambda-answer.ts";
import { taskEvents, type TaskEvents } from "./task-events.ts";
import {
  attributed,
  count,
  surroundings,
  type Completion,
  type Visit,
} from "./visit.ts";

const invokeForm = /^arn:[\w-]+:states:::lambda:(invoke(\.waitForTaskToken)?)$/;

/** In seconds. */
interface Times {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

const times = async (visit: Visit<TaskState>): Promise<Times> => {
  const { timeoutSeconds, heartbeatSeconds } = visit.state;
  const against = surroundings(visit);
  const most = limits.seconds;
  const timeout = await count(timeoutSeconds, against, {
    name: "TimeoutSeconds",
    most,
  });
  const heartbeat = await count(heartbeatSeconds, against, {
    name: "HeartbeatSeconds",
    most,
  });
  return {
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
    ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
  };
};

const call = (
  visit: Visit<TaskState>,
  input: Json,
  integration: string | undefined,
) => {
  if (integration === undefined) {
    return { functionArn: visit.state.resource, payload: input };
  }
  const { FunctionName, Payload, Qualifier } = (
    isObject(input) ? input : {}
  ) as Record<string, Json>;
  if (typeof FunctionName !== "string") {
    throw new RuntimeFailure(
      attributed(visit, "The field 'FunctionName' is required but was missing"),
    );
  }
  return {
    functionArn:
      typeof Qualifier === "string"
        ? `${FunctionName}:${Qualifier}`
        : FunctionName,
    payload: Payload ?? {},
  };
};

const newToken = ({ host, execution }: Visit) =>
  Buffer.from(
    `${execution.executionArn} ${execution.history.length} ${host.newId()}`,
  ).toString("base64url");

const mocked = (events: TaskEvents, response: MockedResponse): Data => {
  if ("Return" in response) return events.succeeded(data(response.Return));
  const { Error: error, Cause: cause } = response.Throw;
  throw events.failed(trouble(new TaskFailure(error, cause)));
};

const argumentsOf = (visit: Visit<TaskState>): Data | Promise<Data> => {
  const template = visit.state.arguments;
  if (!template) return visit.input;
  const value = evaluate(template, surroundings(visit));
  return value instanceof Promise ? value.then(data) : data(value);
};

const waitForToken = async (
  visit: Visit<TaskState>,
  events: TaskEvents,
  task: Parameters<typeof invocation>[1] & {
    taskToken: string;
    deadline: number;
    heartbeatMs: number;
  },
): Promise<Data> => {
  const { deadline, heartbeatMs, ...invoked } = task;
  const token = callback(visit, task.taskToken, { deadline, heartbeatMs });
  try {
    const returned = await invocation(visit, invoked, deadline);
    if (returned.kind !== "returned") throw events.failed(returned);
    events.submitted(data(lambdaAnswer(visit.host, returned.payload)));
    const answered = await token.answered();
    if (answered.kind !== "succeeded") throw events.failed(answered);
    const { output } = answered;
    return events.succeeded({
      value: JSON.parse(output) as Json,
      text: output,
    });
  } finally {
    token.close();
  }
};

const requestResponse = async (
  visit: Visit<TaskState>,
  events: TaskEvents,
  task: Parameters<typeof invocation>[1] & {
    deadline: number;
    integration: string | undefined;
  },
): Promise<Data> => {
  const { deadline, integration, ...invoked } = task;
  const returned = await invocation(visit, invoked, deadline);
  if (returned.kind !== "returned") throw events.failed(returned);
  const { payload } = returned;
  return events.succeeded(
    integration === undefined
      ? payload
      : data(lambdaAnswer(visit.host, payload)),
  );
};

export const task = async (visit: Visit<TaskState>): Promise<Completion> => {
  const { host, state } = visit;
  const integration = invokeForm.exec(state.resource)?.[1];
  visit.taskToken = integration?.endsWith(".waitForTaskToken")
    ? newToken(visit)
    : undefined;
  // No turn is given up without need: a task that is entered is also scheduled before its siblings are entered.
  const given = argumentsOf(visit);
  const input = given instanceof Promise ? await given : given;
  const limit =
    state.timeoutSeconds || state.heartbeatSeconds ? await times(visit) : {};
  const invoked = call(visit, input.value, integration);
  const events = taskEvents(visit, integration);
  events.scheduled(input, limit);
  // Tasks of several branches are all scheduled before the first is started.
  await Promise.resolve();
  events.started();
  const response = host.mock(state.name);
  if (response) return { ending: state, result: mocked(events, response) };

  const { timeoutInSeconds = Infinity, heartbeatInSeconds = Infinity }: Times =
    limit;
  const deadline = host.clock.now() + timeoutInSeconds * 1000;
  const { taskToken } = visit;
  const result = taskToken
    ? waitForToken(visit, events, {
        ...invoked,
        taskToken,
        deadline,
        heartbeatMs: heartbeatInSeconds * 1000,
      })
    : requestResponse(visit, events, { ...invoked, deadline, integration });
  return { ending: state, result: await result };
};
