import { etag, knownType, namesTag } from "./exchange.ts";
import { type Answers, type FhirDeps } from "./answers.ts";
import type { Request } from "../../runtime/http.ts";

/** Reads of one resource: current or one version. */
export const reading = ({
  records,
}: FhirDeps): Answers<
  | "GET /fhir/R4/{type}/{id}"
  | "HEAD /fhir/R4/{type}/{id}"
  | "GET /fhir/R4/{type}/{id}/_history/{version}"
> => {
  const read = async ({ params, context, header }: Request) => {
    const { type = "", id = "" } = params;
    const resource = await records.read(context, knownType(type), id);
    const tag = etag(resource.meta.versionId);
    const seen = header("if-none-match");
    const since = Date.parse(header("if-modified-since") ?? "");
    const changed = Date.parse(resource.meta.lastUpdated);
    const unchanged =
      seen === undefined
        ? Math.floor(changed / 1000) * 1000 <= since
        : namesTag(seen, tag);
    const headers = {
      etag: tag,
      "last-modified": new Date(resource.meta.lastUpdated).toUTCString(),
    };
    return unchanged
      ? { status: 304, headers }
      : { status: 200, headers, body: resource };
  };
  return {
    "GET /fhir/R4/{type}/{id}": read,
    "HEAD /fhir/R4/{type}/{id}": read,
    "GET /fhir/R4/{type}/{id}/_history/{version}": async ({
      params,
      context,
    }) => {
      const { type = "", id = "", version = "" } = params;
      const resource = await records.readVersion(
        context,
        knownType(type),
        id,
        version,
      );
      return {
        status: 200,
        headers: {
          etag: etag(version),
          "last-modified": new Date(resource.meta.lastUpdated).toUTCString(),
        },
        body: resource,
      };
    },
  };
};
