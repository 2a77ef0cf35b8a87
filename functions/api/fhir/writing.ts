import { Fault } from "../../core/fault.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import { baseOf, preferOf, type Answers, type FhirDeps } from "./answers.ts";
import {
  createOn,
  patchOn,
  removeOn,
  updateOn,
  type Aim,
  type Changed,
} from "./changing.ts";
import {
  answerWith,
  knownType,
  resourceFrom,
  versionFrom,
} from "./exchange.ts";

/** Create, update, patch and delete, each plain or conditional. */
export const writing = ({
  records,
}: FhirDeps): Answers<
  | "POST /fhir/R4/{type}"
  | "PUT /fhir/R4/{type}"
  | "PUT /fhir/R4/{type}/{id}"
  | "PATCH /fhir/R4/{type}"
  | "PATCH /fhir/R4/{type}/{id}"
  | "DELETE /fhir/R4/{type}"
  | "DELETE /fhir/R4/{type}/{id}"
> => {
  const update = async (request: Request): Promise<Reply> => {
    const type = typeOf(request);
    const resource = resourceFrom(parseJson(request.text), type);
    return answerOf(
      request,
      await records.change(request.context, (work) =>
        updateOn(work, type, resource, aimOf(request), ifMatch(request)),
      ),
    );
  };
  const patch = async (request: Request): Promise<Reply> => {
    const type = typeOf(request);
    if (!isJsonPatch(request))
      throw new Fault(
        "UnsupportedMediaType",
        415,
        "A patch is sent as application/json-patch+json.",
      );
    const operations = parseJson(request.text);
    return answerOf(
      request,
      await records.change(request.context, (work) =>
        patchOn(work, type, operations, aimOf(request), ifMatch(request)),
      ),
    );
  };
  const remove = async (request: Request): Promise<Reply> => {
    const type = typeOf(request);
    await records.change(request.context, (work) =>
      removeOn(work, type, aimOf(request), ifMatch(request)),
    );
    return { status: 204 };
  };
  return {
    "POST /fhir/R4/{type}": async (request) => {
      const type = typeOf(request);
      const resource = resourceFrom(parseJson(request.text), type);
      const ifNoneExist = request.header("if-none-exist");
      return answerOf(
        request,
        await records.change(request.context, (work) =>
          createOn(work, type, resource, { ifNoneExist }),
        ),
        true,
      );
    },
    "PUT /fhir/R4/{type}": update,
    "PUT /fhir/R4/{type}/{id}": update,
    "PATCH /fhir/R4/{type}": patch,
    "PATCH /fhir/R4/{type}/{id}": patch,
    "DELETE /fhir/R4/{type}": remove,
    "DELETE /fhir/R4/{type}/{id}": remove,
  };
};

const typeOf = ({ params }: Request) => knownType(params.type ?? "");

const aimOf = ({ params, query }: Request): Aim =>
  params.id === undefined ? { criteria: query } : { id: params.id };

const answerOf = (
  request: Request,
  { status, resource }: Changed,
  isCreate = status === 201,
): Reply =>
  answerWith(status, resource, {
    base: baseOf(request),
    prefer: preferOf(request),
    located: isCreate,
  });

const isJsonPatch = ({ header }: Request): boolean =>
  /^application\/json-patch\+json\b/i.test(header("content-type") ?? "");

const ifMatch = (request: Request): { ifVersion?: string } => {
  const version = versionFrom(request.header("if-match"));
  return version === undefined ? {} : { ifVersion: version };
};
