import { engagement } from "../../functions/api/engagement.ts";
import { fhir } from "../../functions/api/fhir.ts";
import type { HttpAnswer, HttpEvent } from "../../functions/runtime/http.ts";
import type { Log } from "../../functions/runtime/log.ts";
import { aRecord } from "../../test/record.ts";

const stage = "/v1";
const host = "api.clinic.example";

type Handler = (event: HttpEvent, context: unknown) => Promise<HttpAnswer>;

/** What the deployed function answers to anybody, at a placeholder's address. */
const answerOf = async (handler: Handler, path: string): Promise<string> => {
  const { statusCode, body } = await handler(
    {
      httpMethod: "GET",
      path,
      headers: { host },
      requestContext: { requestId: "documents", path: `${stage}${path}` },
    },
    {},
  );
  if (statusCode !== 200) throw new Error(`GET ${path} answers ${statusCode}`);
  return body;
};

const silent: Log = Object.assign(() => undefined, { error: () => undefined });

const dependencies = () => {
  const record = aRecord();
  return {
    ...record,
    organization: { ...record.organization, displayName: "Example Clinic" },
    log: silent,
    authenticate: () => Promise.reject(new Error("nobody signs in here")),
  };
};

export const openApiDocument = (): Promise<string> =>
  answerOf(engagement(dependencies()) as Handler, "/v1/openapi.json");

export const capabilityDocument = (): Promise<string> =>
  answerOf(fhir(dependencies()) as Handler, "/fhir/R4/metadata");
