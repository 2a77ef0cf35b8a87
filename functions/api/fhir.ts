import type { Parameters } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { release } from "../core/release.ts";
import { capabilityStatement } from "../resources/capability.ts";
import type { Deps } from "../runtime/dependencies.ts";
import {
  area,
  http,
  type AreaDeps,
  type Endpoint,
  type Request,
} from "../runtime/http.ts";
import { parseJson } from "../runtime/json.ts";
import { liveAuthenticate } from "../runtime/authenticate.ts";
import { live } from "../runtime/live.ts";
import { book, cancel, reschedule } from "./fhir/booking.ts";
import { runBundle } from "./fhir/bundle.ts";
import {
  answerWith,
  checkMedia,
  etag,
  knownType,
  namesTag,
  resourceFrom,
  versionFrom,
} from "./fhir/exchange.ts";
import { formParams, searchset } from "./fhir/searching.ts";
import { existing, identified, unlessGone } from "./fhir/writing.ts";
import { routes, type RouteName } from "./routes.ts";

type FhirDeps = Pick<Deps, "records" | "organization" | "log" | "now"> &
  AreaDeps;
type FhirRoute = Extract<RouteName, `${string} /fhir/${string}`>;

/** The FHIR R4 server: its own route table, REST semantics and bundle processor on the record. */
export const fhir = (deps: FhirDeps) => {
  const { records } = deps;
  const on = (
    name: FhirRoute,
    run: (request: Request) => ReturnType<Endpoint["run"]>,
  ): Endpoint =>
    http(routes[name], (request) => {
      checkMedia({
        method: request.method,
        contentType: request.header("content-type"),
        accept: request.header("accept"),
        format: request.query.find(([key]) => key === "_format")?.[1],
      });
      return run(request);
    });
  const prefer = (request: Request): string | undefined =>
    request.header("prefer");
  const ifMatch = (request: Request): { ifVersion?: string } => {
    const version = versionFrom(request.header("if-match"));
    return version === undefined ? {} : { ifVersion: version };
  };

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

  /** Calendars and time zones are loaded with the first question. */
  const find = async (request: Request, asked: Request["query"]) => {
    const { findTimes, questionFrom } = await import("./fhir/finding.ts");
    return {
      status: 200,
      body: await findTimes(
        deps,
        request.context,
        baseOf(request),
        questionFrom(asked),
      ),
    };
  };

  const endpoints: Readonly<Record<FhirRoute, Endpoint>> = {
    "GET /fhir/R4/metadata": on("GET /fhir/R4/metadata", async (request) => ({
      status: 200,
      body: await capabilityStatement({
        base: baseOf(request),
        ...release,
        routes: Object.keys(routes),
      }),
    })),
    "POST /fhir/R4": on("POST /fhir/R4", (request) =>
      runBundle(
        deps,
        request.context,
        baseOf(request),
        parseJson(request.text),
      ),
    ),
    "GET /fhir/R4/{type}": on("GET /fhir/R4/{type}", async (request) => ({
      status: 200,
      body: await searchset(deps, request.context, {
        type: knownType(request.params.type ?? ""),
        params: request.query,
        prefer: prefer(request),
        base: baseOf(request),
        posted: false,
      }),
    })),
    "POST /fhir/R4/{type}/_search": on(
      "POST /fhir/R4/{type}/_search",
      async (request) => ({
        status: 200,
        body: await searchset(deps, request.context, {
          type: knownType(request.params.type ?? ""),
          params: [...formParams(request.text), ...request.query],
          prefer: prefer(request),
          base: baseOf(request),
          posted: true,
        }),
      }),
    ),
    "POST /fhir/R4/{type}": on("POST /fhir/R4/{type}", async (request) => {
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
        prefer: prefer(request),
        located: true,
      };
      return created === undefined
        ? answerWith(200, found, options)
        : answerWith(201, created, options);
    }),
    "GET /fhir/R4/{type}/{id}": on("GET /fhir/R4/{type}/{id}", read),
    "HEAD /fhir/R4/{type}/{id}": on("HEAD /fhir/R4/{type}/{id}", read),
    "PUT /fhir/R4/{type}/{id}": on(
      "PUT /fhir/R4/{type}/{id}",
      async (request) => {
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
          { base: baseOf(request), prefer: prefer(request) },
        );
      },
    ),
    "DELETE /fhir/R4/{type}/{id}": on(
      "DELETE /fhir/R4/{type}/{id}",
      async (request) => {
        const { type = "", id = "" } = request.params;
        await records
          .change(request.context, (work) =>
            work.remove(knownType(type), id, ifMatch(request)),
          )
          .catch(unlessGone);
        return { status: 204 };
      },
    ),
    "GET /fhir/R4/{type}/{id}/_history": on(
      "GET /fhir/R4/{type}/{id}/_history",
      async (request) => {
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
    ),
    "GET /fhir/R4/{type}/{id}/_history/{version}": on(
      "GET /fhir/R4/{type}/{id}/_history/{version}",
      async ({ params, context }) => {
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
    ),
    "GET /fhir/R4/Appointment/$find": on(
      "GET /fhir/R4/Appointment/$find",
      (request) => find(request, request.query),
    ),
    "POST /fhir/R4/Appointment/$find": on(
      "POST /fhir/R4/Appointment/$find",
      (request) => find(request, asPairs(parseJson(request.text))),
    ),
    "POST /fhir/R4/Appointment/$book": on(
      "POST /fhir/R4/Appointment/$book",
      (request) => book(deps, request, baseOf(request)),
    ),
    "POST /fhir/R4/Appointment/{id}/$cancel": on(
      "POST /fhir/R4/Appointment/{id}/$cancel",
      (request) => cancel(deps, request, baseOf(request)),
    ),
    "POST /fhir/R4/Appointment/{id}/$reschedule": on(
      "POST /fhir/R4/Appointment/{id}/$reschedule",
      (request) => reschedule(deps, request, baseOf(request)),
    ),
  };
  return area(endpoints, deps);
};

export const handler = live(fhir, { authenticate: liveAuthenticate });

/** The server's own address, as the caller sees it. */
const baseOf = ({ origin }: Request): string => `${origin}/fhir/R4`;

/** Simple parameters of a Parameters resource as name and text. Throws 400. */
const asPairs = (input: unknown): readonly (readonly [string, string])[] => {
  const { resourceType, parameter = [] } = (input ?? {}) as Partial<Parameters>;
  if (resourceType !== "Parameters" || !Array.isArray(parameter))
    throw new Fault(
      "InvalidRequest",
      400,
      "The body must be a Parameters resource.",
      { expression: ["resourceType"] },
    );
  return parameter.map((one) => {
    const [, value] =
      Object.entries<unknown>({ ...one }).find(([key]) =>
        key.startsWith("value"),
      ) ?? [];
    const text = isObject(value) ? value.reference : value;
    if (typeof text !== "string" && typeof text !== "number") {
      throw new Fault(
        "InvalidRequest",
        400,
        "A parameter of $find has a simple value or a reference.",
        { expression: ["Parameters.parameter"] },
      );
    }
    return [one.name, `${text}`] as const;
  });
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
