import { etag, knownType, namesTag } from "./exchange.ts";
import { baseOf, type Answers, type FhirDeps } from "./answers.ts";
import type { Request } from "../../runtime/http.ts";

/** Reads of one resource: current, one version, all versions. */
export const reading = ({
  records,
}: FhirDeps): Answers<
  | "GET /fhir/R4/{type}/{id}"
  | "HEAD /fhir/R4/{type}/{id}"
  | "GET /fhir/R4/{type}/{id}/_history"
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
    "GET /fhir/R4/{type}/{id}/_history": async (request) => {
      const { type = "", id = "" } = request.params;
      const base = baseOf(request);
      const query = new Map(request.query);
      const count = Math.min(
        200,
        Math.max(
          1,
          Number(/^\d{1,4}$/.exec(query.get("_count") ?? "")?.[0] ?? 50),
        ),
      );
      const cursor = query.get("_cursor");
      const { entries, next } = await records.history(
        request.context,
        knownType(type),
        id,
        { count, ...(cursor !== undefined && { cursor }) },
      );
      const address = `${base}/${type}/${id}/_history`;
      return {
        status: 200,
        body: {
          resourceType: "Bundle",
          type: "history",
          link: [
            { relation: "self", url: address },
            ...(next === undefined
              ? []
              : [
                  {
                    relation: "next",
                    url: `${address}?_count=${String(count)}&_cursor=${next}`,
                  },
                ]),
          ],
          entry: entries.map(({ version, updated, deleted, resource }) => ({
            fullUrl: `${base}/${type}/${id}`,
            ...(resource !== undefined && { resource }),
            request: {
              method: deleted ? "DELETE" : version === "1" ? "POST" : "PUT",
              url: version === "1" ? type : `${type}/${id}`,
            },
            response: {
              status: deleted ? "204" : version === "1" ? "201" : "200",
              etag: etag(version),
              lastModified: updated,
            },
          })),
        },
      };
    },
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
