import type { Fault } from "../core/fault.ts";
import type { HttpAnswer, Reply } from "./http.ts";

/** A reply as API Gateway passes it on: JSON, bytes in base64, or nothing where HTTP wants nothing. */
export const answerWith = (
  { status, headers, body, json }: Reply,
  {
    method,
    fhir,
    requestId,
  }: {
    readonly method: string;
    readonly fhir: boolean;
    readonly requestId: string;
  },
): HttpAnswer => {
  const silent =
    (body === undefined && json === undefined) ||
    method === "HEAD" ||
    status === 204 ||
    status === 304;
  return {
    statusCode: status,
    headers: {
      "content-type": `application/${status >= 400 && !fhir ? "problem+json" : fhir ? "fhir+json" : "json"}; charset=utf-8`,
      "cache-control": "no-store",
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...headers,
    },
    ...(silent
      ? { body: "" }
      : body instanceof Uint8Array
        ? { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }
        : { body: json ?? JSON.stringify(body) }),
  };
};

/** What a client is told beside a fault: how to sign in, when to come back, what the address answers. */
export const headersOf = (
  { status }: Fault,
  methods: () => readonly string[],
): Readonly<Record<string, string>> => {
  if (status === 401) return { "www-authenticate": "Bearer" };
  if (status === 503 || status === 429) return { "retry-after": "2" };
  return status === 405 ? { allow: methods().join(", ") } : {};
};
