import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { isKnown } from "../../resources/all.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Kept, Stored } from "../../store/records.ts";
import type { Reply } from "../../runtime/http.ts";

/** The type that a path names. Throws 404. */
export const knownType = (type: string): KnownType => {
  if (isKnown(type)) return type;
  throw new Fault(
    "UnknownType",
    404,
    "This server does not keep this resource type; GET metadata lists those it keeps.",
    { code: "not-supported" },
  );
};

/** A resource from a body. Throws 400 when it is none, or not of the type that the path names. */
export const resourceFrom = (value: unknown, type: KnownType): Kept => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Fault(
      "InvalidRequest",
      400,
      "The body must be one FHIR resource.",
      { code: "structure" },
    );
  const { resourceType } = value as { resourceType?: unknown };
  if (resourceType !== type)
    throw new Fault(
      "InvalidRequest",
      400,
      `The body must be a ${type}, as the address says.`,
      { expression: ["resourceType"] },
    );
  return value as Kept;
};

/** `W/"3"`, `"3"` or `3` of If-Match. Throws 400 for anything else. */
export const versionFrom = (
  ifMatch: string | undefined,
): string | undefined => {
  if (ifMatch === undefined) return undefined;
  const version = /^(?:W\/)?"?(\d{1,10})"?$/.exec(ifMatch.trim())?.[1];
  if (version === undefined)
    throw new Fault(
      "InvalidRequest",
      400,
      'If-Match takes one version, such as W/"3".',
      { expression: ["If-Match"] },
    );
  return version;
};

export const etag = (version: string): string => `W/"${version}"`;

/** Whether If-None-Match names the tag: alone, among others, weak or strong, or by a star. */
export const namesTag = (ifNoneMatch: string, tag: string): boolean =>
  ifNoneMatch
    .split(",")
    .map((one) => one.trim())
    .some((one) => one === "*" || one === tag || `W/${one}` === tag);

/** An answer with the resource, or as little of it as `Prefer: return=` asks for. */
export const answerWith = (
  status: 200 | 201,
  resource: Stored<Kept>,
  {
    base,
    prefer,
    located = false,
  }: { base: string; prefer: string | undefined; located?: boolean },
): Reply => {
  const { versionId, lastUpdated } = resource.meta;
  const headers = {
    etag: etag(versionId),
    "last-modified": new Date(lastUpdated).toUTCString(),
    ...(located && {
      location: `${base}/${resource.resourceType}/${resource.id}/_history/${versionId}`,
    }),
  };
  const wish = /(?:^|[;,\s])return=(minimal|representation|OperationOutcome)/i
    .exec(prefer ?? "")?.[1]
    ?.toLowerCase();
  if (wish === "minimal") return { status, headers };
  return {
    status,
    headers,
    body:
      wish === "operationoutcome"
        ? informed(status === 201 ? "Created." : "Updated.")
        : resource,
  };
};

export const informed = (text: string): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: [
    { severity: "information", code: "informational", details: { text } },
  ],
});

export const isStrict = (prefer: string | undefined): boolean =>
  /handling=strict/i.test(prefer ?? "");

/** Throws 415 for a body that is not JSON, 406 for an answer wanted in another format. */
export const checkMedia = ({
  method,
  contentType,
  accept,
  format,
}: {
  method: string;
  contentType: string | undefined;
  accept: string | undefined;
  format: string | undefined;
}): void => {
  if (
    method !== "GET" &&
    method !== "HEAD" &&
    contentType !== undefined &&
    !/^(application\/((fhir|json-patch)\+)?json|application\/x-www-form-urlencoded|text\/json)\b/i.test(
      contentType,
    )
  ) {
    throw new Fault("UnsupportedMediaType", 415, "Send application/fhir+json.");
  }
  const wanted = format ?? accept ?? "*/*";
  if (!/json|\*\/\*|application\/\*/i.test(wanted))
    throw new Fault(
      "NotAcceptable",
      406,
      "This server answers application/fhir+json.",
    );
};

/** `Type/id` of a stored resource. */
export const nameOf = ({
  resourceType,
  id,
}: Resource & { id: string }): string => `${resourceType}/${id}`;

/** Contexts in which the clinic's own API acts; nothing of the request's text goes in. */
export const forOperation = (
  context: Context,
  operation: NonNullable<Context["operation"]>,
): Context => ({ ...context, operation });
