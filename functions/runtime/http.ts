import middy from "@middy/core";
import { randomUUID } from "node:crypto";
import type * as z from "zod";
import type { Caller, Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Action, ServiceAction } from "../core/permission.ts";
import { purposeOf } from "../core/purpose.ts";
import type { Gate } from "../store/gate.ts";
import { answerWith, headersOf } from "./answer.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Log } from "./log.ts";
import { operationOutcome, problem } from "./problem.ts";
import {
  bodyBytes,
  headerOf,
  originOf,
  parsed,
  queryOf,
  textOf,
} from "./request.ts";
import { router } from "./router.ts";
import { admitted, identified } from "./sessions.ts";
import type { Sessions } from "../store/sessions.ts";

/** What API Gateway's REST proxy integration hands over, as far as it is used. */
export interface HttpEvent {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<
    Record<string, readonly string[] | undefined>
  > | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly requestId?: string;
    readonly domainName?: string;
    /** The path with the stage in front. */
    readonly path?: string;
  };
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: true;
}

export interface Request<Body = unknown> {
  readonly method: string;
  readonly path: string;
  /** Scheme, host and stage: what stands before `path` in the address that the caller used. */
  readonly origin: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly header: (name: string) => string | undefined;
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8; `body` is its parsed form where the route declares a schema. Throws 400. */
  readonly text: string;
  readonly body: Body;
  readonly context: Context;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answered as JSON; bytes as they are, under the content type among the headers. */
  readonly body?: unknown;
  /** Instead of a body: JSON text that is answered as it is. */
  readonly json?: string;
}

export interface Endpoint {
  /** Where its path fits, no route answers that has a parameter instead of its literals. */
  readonly alone?: boolean;
  /** A request that keeps no session alive. */
  readonly passive?: boolean;
  readonly callers: readonly Caller["kind"][] | "anyone";
  readonly action: Action | ServiceAction;
  readonly body?: z.ZodType;
  readonly run: (request: Request<never>) => Promise<Reply>;
}

/** Binds a route's declaration to the function that answers it. */
export const http = <Body = unknown>(
  route: Omit<Endpoint, "body" | "run"> & { readonly body?: z.ZodType<Body> },
  run: (request: Request<Body>) => Promise<Reply>,
): Endpoint => ({ ...route, run });

export interface AreaDeps {
  readonly authenticate: Authenticate;
  readonly gate: Gate;
  /** Only where nobody signs in may there be none. */
  readonly sessions?: Sessions;
  readonly log: Log;
}

/** Nobody: the least that a caller can be. */
const anonymous: Caller = { kind: "patient", id: "", token: "" };

/** The handler of one area: route, sign-in, parse, run, answer. Every failure is a clear answer without PHI. */
export const area = (
  endpoints: Readonly<Record<string, Endpoint>>,
  { authenticate, gate, sessions, log }: AreaDeps,
) => {
  const { find, methods } = router(endpoints);
  return middy<HttpEvent, HttpAnswer>().handler(async (event) => {
    const started = performance.now();
    const requestId = event.requestContext?.requestId ?? randomUUID();
    const method = event.httpMethod.toUpperCase();
    const fhir = event.path.startsWith("/fhir/");
    const seen: { route?: string } = {};
    const answer = (reply: Reply): HttpAnswer => {
      log("RequestAnswered", {
        requestId,
        status: reply.status,
        milliseconds: Math.round(performance.now() - started),
        ...seen,
      });
      return answerWith(reply, { method, fhir, requestId });
    };
    try {
      const { name, endpoint, params } = find(method, event.path);
      seen.route = name;
      const header = headerOf(event);
      const caller =
        endpoint.callers === "anyone"
          ? anonymous
          : await identified(
              header("authorization"),
              { authenticate, ...(sessions && { sessions }) },
              requestId,
            );
      const context = await admitted(
        {
          by: caller,
          purpose: purposeOf(caller, header("x-purpose-of-use")),
          requestId,
        },
        sessions,
        endpoint.passive === true,
      );
      if (endpoint.callers !== "anyone") await gate(context, endpoint.action);
      const bytes = bodyBytes(event);
      const body =
        endpoint.body === undefined
          ? undefined
          : parsed(endpoint.body, textOf(bytes), header);
      return answer(
        await endpoint.run({
          method,
          path: event.path,
          origin: originOf(event, header),
          params,
          query: queryOf(event),
          header,
          bytes,
          get text() {
            return textOf(bytes);
          },
          body: body as never,
          context,
        }),
      );
    } catch (error) {
      const fault =
        error instanceof Fault
          ? error
          : new Fault(
              "Unexpected",
              503,
              "Something went wrong on our side; nothing was half-done. Try again, and name the request id when you ask for help.",
            );
      if (!(error instanceof Fault))
        log.error("RequestFailed", { requestId, ...seen }, error);
      const status = error instanceof Fault ? fault.status : 500;
      return answer({
        status,
        headers: headersOf(fault, () => methods(event.path)),
        body: fhir
          ? operationOutcome(fault)
          : problem(fault, status, requestId),
      });
    }
  });
};
