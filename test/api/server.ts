import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import type { Caller } from "../../functions/core/caller.ts";
import { Fault } from "../../functions/core/fault.ts";
import { fhir } from "../../functions/api/fhir.ts";
import { privacy } from "../../functions/api/privacy.ts";
import type { Authenticate } from "../../functions/runtime/authenticate.ts";
import type { HttpAnswer, HttpEvent } from "../../functions/runtime/http.ts";
import type { LogIds } from "../../functions/runtime/log.ts";
import type { Stored } from "../../functions/store/records.ts";
import { notedLog } from "../noted-log.ts";
import { aRecord, type TestRecord } from "../record.ts";

export interface Ask {
  readonly as?: Caller | undefined;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

export interface Answer<Body = Resource> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly bytes: Buffer;
  readonly body: Body;
}

export const nurse: Caller = {
  kind: "staff",
  id: "nurse-1",
  roles: ["nurse", "manager"],
  token: "t",
};

/** A person who signed in this moment, as exports ask for. */
export const justSignedIn = (caller: Caller, now: Date): Caller =>
  caller.kind === "client" || caller.kind === "system"
    ? caller
    : {
        ...caller,
        signedIn: {
          session: `${caller.id} ${now.toISOString()}`,
          at: now.getTime(),
        },
      };

export const asPatient = (id: string): Caller => ({
  kind: "patient",
  id,
  token: "t",
});

export const asClient = (...scopes: readonly string[]): Caller => ({
  kind: "client",
  id: "ehr",
  scopes,
  token: "t",
});

/** The event of a request as API Gateway hands it over: to FHIR, unless the path begins with /v1/. */
export const aRequest = (
  method: string,
  path: string,
  { as = nurse, query = {}, headers = {}, body }: Ask = {},
): HttpEvent => ({
  httpMethod: method,
  path: path.startsWith("/v1/") ? path : `/fhir/R4${path}`,
  headers: {
    Host: "api.example",
    "X-Forwarded-Proto": "https",
    ...(as.kind !== "system" && { Authorization: JSON.stringify(as) }),
    ...headers,
  },
  multiValueQueryStringParameters: Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, [value].flat()]),
  ),
  ...(body instanceof Uint8Array
    ? { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }
    : {
        body:
          body === undefined || typeof body === "string"
            ? (body ?? null)
            : JSON.stringify(body),
      }),
});

/** The bearer of a request is the caller itself. */
export const bearerIsCaller: Authenticate = (authorization) =>
  authorization === undefined
    ? Promise.reject(
        new Fault("Unauthenticated", 401, "This needs a bearer token."),
      )
    : Promise.resolve(JSON.parse(authorization) as Caller);

/** What a handler answered; throws what it failed with. */
export const answered = <Body>(
  { statusCode, headers, body, isBase64Encoded }: HttpAnswer,
  failures: unknown[],
): Answer<Body> => {
  const [failure] = failures.splice(0);
  if (failure !== undefined)
    throw new Error("the server failed unexpectedly", { cause: failure });
  return {
    status: statusCode,
    headers,
    text: body,
    body: (body === "" || isBase64Encoded === true
      ? undefined
      : JSON.parse(body)) as Body,
    bytes: Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"),
  };
};

export interface Server extends TestRecord {
  readonly logged: readonly { readonly fact: string; readonly ids: LogIds }[];
  readonly send: <Body = Resource>(event: HttpEvent) => Promise<Answer<Body>>;
  readonly ask: <Body = Resource>(
    method: string,
    path: string,
    ask?: Ask,
  ) => Promise<Answer<Body>>;
  /** Creates it as the nurse; fails when that fails. */
  readonly make: <T extends Resource>(resource: T) => Promise<Stored<T>>;
}

/** The FHIR and privacy handlers in process, on the real store; the bearer of a request is the caller itself. */
export const aServer = (
  options: Parameters<typeof aRecord>[0] = {},
): Server => {
  const record = aRecord(options);
  const { log, logged, failures } = notedLog();
  const deps = { ...record, log, authenticate: bearerIsCaller };
  const handlers = { fhir: fhir(deps), privacy: privacy(deps) };

  const send = async <Body>(event: HttpEvent): Promise<Answer<Body>> => {
    const area = event.path.startsWith("/v1/") ? "privacy" : "fhir";
    return answered(await handlers[area](event, {}), failures);
  };
  const ask: Server["ask"] = (method, path, more) =>
    send(aRequest(method, path, more));
  const make: Server["make"] = async <T extends Resource>(resource: T) => {
    const { status, body, text } = await ask<Stored<T>>(
      "POST",
      `/${resource.resourceType}`,
      { body: resource },
    );
    if (status !== 201) throw new Error(text);
    return body;
  };
  return { ...record, logged, send, ask, make };
};

/** The codes of an OperationOutcome's issues. */
export const codesOf = ({ body }: Answer): readonly string[] =>
  (body as OperationOutcome).issue.map(({ code }) => code);
