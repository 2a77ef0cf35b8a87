import { parseJson } from "../../runtime/json.ts";
import type { Request } from "../../runtime/http.ts";
import { baseOf, preferOf, type Answers, type FhirDeps } from "./answers.ts";
import {
  answerWith,
  knownType,
  resourceFrom,
  versionFrom,
} from "./exchange.ts";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";

/** `If-None-Exist` on create: the one match, or undefined when there is none. Throws 412 for several, 400 for other criteria. */
export const existing = async (
  work: Work,
  type: KnownType,
  ifNoneExist: string | undefined,
): Promise<Stored<Kept> | undefined> => {
  if (ifNoneExist === undefined) return undefined;
  const [pair, ...more] = [
    ...new URLSearchParams(ifNoneExist.replace(/^.*\?/, "")),
  ];
  const [, system, value] =
    /^([^|]*)\|(.+)$/.exec(pair?.[0] === "identifier" ? pair[1] : "") ?? [];
  if (system === undefined || value === undefined || more.length > 0) {
    throw new Fault(
      "InvalidRequest",
      400,
      "A conditional create is decided by identifier=system|value alone.",
      { code: "not-supported", expression: ["If-None-Exist"] },
    );
  }
  const found = await work.byIdentifier(type, system, value);
  if (found.length > 1)
    throw new Fault(
      "ManyMatches",
      412,
      "More than one resource has this identifier.",
      { code: "multiple-matches" },
    );
  return found[0];
};

/** To delete what is deleted is harmless. */
export const unlessGone = (error: unknown): void => {
  if (!(error instanceof Fault && error.status === 410)) throw error;
};

/** The resource of an update, its id checked against the address. Throws 400. */
export const identified = (
  resource: Kept,
  id: string,
): Kept & { id: string } => {
  if (resource.id !== id)
    throw new Fault(
      "InvalidRequest",
      400,
      "The resource's id must be the one of the address.",
      { expression: [`${resource.resourceType}.id`] },
    );
  return resource as Kept & { id: string };
};

/** Contexts in which the clinic's own API acts; nothing of the request's text goes in. */
export const forOperation = (
  context: Context,
  operation: NonNullable<Context["operation"]>,
): Context => ({ ...context, operation });

/** Create, update, delete. */
export const writing = ({
  records,
}: FhirDeps): Answers<
  | "POST /fhir/R4/{type}"
  | "PUT /fhir/R4/{type}/{id}"
  | "DELETE /fhir/R4/{type}/{id}"
> => ({
  "POST /fhir/R4/{type}": async (request) => {
    const type = knownType(request.params.type ?? "");
    const resource = resourceFrom(parseJson(request.text), type);
    const { found, created } = await records.change(
      request.context,
      async (work) => {
        const match = await existing(
          work,
          type,
          request.header("if-none-exist"),
        );
        return match === undefined
          ? { found: undefined, created: await work.create(resource) }
          : { found: match, created: undefined };
      },
    );
    const options = {
      base: baseOf(request),
      prefer: preferOf(request),
      located: true,
    };
    return created === undefined
      ? answerWith(200, found, options)
      : answerWith(201, created, options);
  },
  "PUT /fhir/R4/{type}/{id}": async (request) => {
    const { type = "", id = "" } = request.params;
    const resource = identified(
      resourceFrom(parseJson(request.text), knownType(type)),
      id,
    );
    return answerWith(
      200,
      await records.change(request.context, (work) =>
        work.update(resource, ifMatch(request)),
      ),
      { base: baseOf(request), prefer: preferOf(request) },
    );
  },
  "DELETE /fhir/R4/{type}/{id}": async (request) => {
    const { type = "", id = "" } = request.params;
    await records
      .change(request.context, (work) =>
        work.remove(knownType(type), id, ifMatch(request)),
      )
      .catch(unlessGone);
    return { status: 204 };
  },
});

const ifMatch = (request: Request): { ifVersion?: string } => {
  const version = versionFrom(request.header("if-match"));
  return version === undefined ? {} : { ifVersion: version };
};
