import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { parseArgs } from "node:util";
import { scaledClock, type Clock } from "../simulator/clock.ts";
import {
  ApiFault,
  createEngine,
  Unsupported,
  type Engine,
} from "../simulator/engine.ts";
import { lambdaInvoker } from "./lambda-invoker.ts";
import { listen } from "./listen.ts";
import { operations } from "./step-functions-operations.ts";

export interface StepFunctionsEndpoint {
  readonly url: string;
  readonly engine: Engine;
  readonly clock: Clock;
  close(): Promise<void>;
}

export interface EndpointOptions {
  /** The emulator that holds the state machines and runs the functions. */
  readonly emulatorUrl: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How much faster than the wall clock time passes while all executions wait. */
  readonly pace: number;
  /** Another clock than one of that pace. */
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
}

const target = "AWSStepFunctions.";
const json = "application/x-amz-json-1.0";

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const answer = (response: ServerResponse, status: number, body: string) => {
  response
    .writeHead(status, {
      "content-type": json,
      "content-length": Buffer.byteLength(body),
    })
    .end(body);
};

const fault = (
  response: ServerResponse,
  error: unknown,
  log: (line: string) => void,
) => {
  if (error instanceof ApiFault || error instanceof Unsupported) {
    answer(
      response,
      400,
      JSON.stringify({ __type: error.name, message: error.message }),
    );
    return;
  }
  log(`step-functions: ${(error as Error).stack ?? String(error)}`);
  answer(
    response,
    500,
    JSON.stringify({
      __type: "InternalFailure",
      message: (error as Error).message,
    }),
  );
};

/** Serves the executions of the state machines in the emulator with our own engine; all other operations go on to the emulator. Loopback only. */
export const stepFunctionsEndpoint = async ({
  emulatorUrl,
  port,
  pace,
  clock = scaledClock(pace),
  log = () => undefined,
}: EndpointOptions): Promise<StepFunctionsEndpoint> => {
  const lambda = lambdaInvoker(emulatorUrl);
  const engine = createEngine({ clock, invoke: lambda.invoke });

  const proxy = async (request: IncomingMessage, body: string) => {
    const headers: Record<string, string> = { "content-type": json };
    for (const name of [
      "x-amz-target",
      "authorization",
      "x-amz-date",
      "x-amz-security-token",
    ]) {
      const value = request.headers[name];
      if (typeof value === "string") headers[name] = value;
    }
    const reply = await fetch(emulatorUrl, { method: "POST", headers, body });
    return { status: reply.status, text: await reply.text() };
  };
  const handlers = operations(engine, emulatorUrl);

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const name = String(request.headers["x-amz-target"] ?? "").replace(
      target,
      "",
    );
    const handler = handlers[name];
    if (!handler) {
      const { status, text } = await proxy(request, body);
      answer(response, status, text);
      return;
    }
    answer(
      response,
      200,
      JSON.stringify((await handler(JSON.parse(body || "{}") as never)) ?? {}),
    );
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) =>
      fault(response, error, log),
    );
  });
  const { url, close } = await listen(server, port);
  log(
    `step-functions: ${url}, executions on state machines of ${emulatorUrl}, pace ${pace}`,
  );
  return {
    url,
    engine,
    clock,
    close: async () => {
      lambda.close();
      await close();
    },
  };
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      emulator: { type: "string", default: "http://127.0.0.1:4566" },
      port: { type: "string", default: "4567" },
      pace: { type: "string", default: "1" },
    },
  });
  await stepFunctionsEndpoint({
    emulatorUrl: values.emulator,
    port: Number(values.port),
    pace: Number(values.pace),
    log: console.log,
  });
}
