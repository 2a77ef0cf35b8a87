import middy from "@middy/core";
import { randomUUID } from "node:crypto";
import type * as z from "zod";
import type { Caller, Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Action, ServiceAction } from "../core/permission.ts";
import { purposeOf } from "../core/purpose.ts";
import type { Gate } from "../store/gate.ts";
import type { Authenticate } from "./authenticate.ts";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";
import { operationOutcome, problem } from "./problem.ts";
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
  route: {
    readonly callers: Endpoint["callers"];
    readonly action: Endpoint["action"];
    readonly alone?: boolean;
    readonly passive?: boolean;
    readonly body?: z.ZodType<Body>;
  },
  run: (request: Request<Body>) => Promise<Reply>,
): Endpoint => ({
  callers: route.callers,
  action: route.action,
  ...(route.alone !== undefined && { alone: route.alone }),
  ...(route.passive !== undefined && { passive: route.passive }),
  ...(route.body !== undefined && { body: route.body }),
  run: run,
});

export interface AreaDeps {
  readonly authenticate: Authenticate;
  readonly gate: Gate;
  /** Only where nobody signs in may there be none. */
  readonly sessions?: Sessions;
  readonly log: Log;
}

const largestBody = 1024 * 1024;
const mostIssues = 20;
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
      const { status, body, json } = reply;
      const silent =
        (body === undefined && json === undefined) ||
        method === "HEAD" ||
        status === 204 ||
        status === 304;
      log("RequestAnswered", {
        requestId,
        status,
        milliseconds: Math.round(performance.now() - started),
        ...seen,
      });
      return {
        statusCode: status,
        headers: {
          "content-type": `application/${status >= 400 && !fhir ? "problem+json" : fhir ? "fhir+json" : "json"}; charset=utf-8`,
          "cache-control": "no-store",
          "strict-transport-security": "max-age=63072000; includeSubDomains",
          "x-content-type-options": "nosniff",
          "x-request-id": requestId,
          ...reply.headers,
        },
        ...(silent
          ? { body: "" }
          : body instanceof Uint8Array
            ? {
                body: Buffer.from(body).toString("base64"),
                isBase64Encoded: true,
              }
            : { body: json ?? JSON.stringify(body) }),
      };
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
      const headers =
        fault.status === 401
          ? { "www-authenticate": "Bearer" }
          : fault.status === 503 || fault.status === 429
            ? { "retry-after": "2" }
            : fault.status === 405
              ? { allow: methods(event.path).join(", ") }
              : {};
      const status = error instanceof Fault ? fault.status : 500;
      return answer({
        status,
        headers,
        body: fhir
          ? operationOutcome(fault)
          : problem(fault, status, requestId),
      });
    }
  });
};

interface Match {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/** `METHOD /path/{param}` names to endpoints; literal segments win over parameters. */
const router = (endpoints: Readonly<Record<string, Endpoint>>) => {
  const table = Object.entries(endpoints).map(([name, endpoint]) => {
    const [method = "", path = ""] = name.split(" ");
    return { name, endpoint, method, segments: path.split("/").slice(1) };
  });
  const fitting = (given: readonly string[]) =>
    table
      .filter(
        ({ segments }) =>
          segments.length === given.length &&
          segments.every(
            (segment, index) =>
              segment === given[index] ||
              (isParameter(segment) &&
                (segment === "{type}" ? /^[A-Z]/ : /^[^$_]/).test(
                  given[index] ?? "",
                )),
          ),
      )
      .sort((one, other) => literals(other.segments) - literals(one.segments))
      .filter(
        ({ endpoint }, _, all) =>
          endpoint.alone === true ||
          !all.some((other) => other.endpoint.alone === true),
      );

  const methods = (path: string): readonly string[] => [
    ...new Set(fitting(segmentsOf(path)).map(({ method }) => method)),
  ];

  const find = (method: string, path: string): Match => {
    const given = segmentsOf(path);
    const candidates = fitting(given);
    const match = candidates.find((candidate) => candidate.method === method);
    if (match === undefined) {
      throw candidates.length > 0
        ? new Fault(
            "MethodNotAllowed",
            405,
            `This address answers ${methods(path).join(", ")} only.`,
          )
        : new Fault(
            "UnknownAddress",
            404,
            "There is nothing at this address. GET /fhir/R4/metadata and GET /v1/openapi.json list what there is.",
            { code: "not-supported" },
          );
    }
    const { name, endpoint, segments } = match;
    const params = Object.fromEntries(
      segments.flatMap((segment, index) =>
        isParameter(segment)
          ? [[segment.slice(1, -1), given[index] ?? ""]]
          : [],
      ),
    );
    return { name, endpoint, params };
  };
  return { find, methods };
};

const segmentsOf = (path: string): readonly string[] =>
  path.replace(/\/$/, "").split("/").slice(1).map(decoded);

const isParameter = (segment: string): boolean => segment.startsWith("{");
const literals = (segments: readonly string[]): number =>
  segments.filter((segment) => !isParameter(segment)).length;

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Fault(
      "MalformedAddress",
      400,
      "The address is not properly percent-encoded.",
    );
  }
};

const headerOf = ({ headers }: HttpEvent): Request["header"] => {
  const lower = new Map(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  return (name) => lower.get(name);
};

const originOf = (
  { path, requestContext }: HttpEvent,
  header: Request["header"],
): string => {
  const full = requestContext?.path ?? path;
  const stage = full.endsWith(path)
    ? full.slice(0, full.length - path.length)
    : "";
  const [host = "localhost"] = [header("host"), requestContext?.domainName]
    // What is no host must not come back in a header or a link.
    .filter((name) => name !== undefined && /^[\w.:[\]-]+$/.test(name));
  const scheme = header("x-forwarded-proto") === "http" ? "http" : "https";
  return `${scheme}://${host}${stage}`;
};

const queryOf = ({
  multiValueQueryStringParameters,
}: HttpEvent): Request["query"] =>
  Object.entries(multiValueQueryStringParameters ?? {}).flatMap(
    ([name, values = []]) =>
      values.map(
        (value) => [name.toWellFormed(), value.toWellFormed()] as const,
      ),
  );

const bodyBytes = ({
  body,
  isBase64Encoded = false,
}: HttpEvent): Uint8Array => {
  const bytes = Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > largestBody)
    throw new Fault("TooLarge", 413, "A body may take 1 MB.");
  return bytes;
};

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Fault("MalformedJson", 400, "The body is not valid UTF-8.", {
      code: "structure",
    });
  }
};

const parsed = (
  schema: z.ZodType,
  text: string,
  header: Request["header"],
): unknown => {
  if (
    !/^application\/([\w.+-]+\+)?json\b/i.test(
      header("content-type") ?? "application/json",
    )
  ) {
    throw new Fault("UnsupportedMediaType", 415, "Send application/json.");
  }
  const { success, data, error } = schema.safeParse(parseJson(text));
  if (success) return data;
  throw new Fault(
    "InvalidRequest",
    400,
    "The request does not fit its schema.",
    {
      issues: error.issues.slice(0, mostIssues).map((issue) => ({
        severity: "error",
        code: "invalid",
        details: {
          text:
            issue.code === "unrecognized_keys"
              ? "There are fields here that this request does not have."
              : issue.message,
        },
        expression: [issue.path.join(".") || "(body)"],
      })),
    },
  );
};
