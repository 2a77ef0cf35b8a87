import * as z from "zod";
import { purposes } from "../core/caller.ts";
import { declarations } from "../resources/all.ts";
import { routes } from "./routes.ts";
import type { Route } from "./routes/route.ts";

type Json = Record<string, unknown>;

const problemSchema = {
  type: "object",
  description:
    "RFC 9457 problem details; never holds a value of the request or of the record",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: {
      type: "string",
      description: "The request's id, to name when asking for help",
    },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: { field: { type: "string" }, detail: { type: "string" } },
      },
    },
  },
};

const purposeParameter: Json = {
  $ref: "#/components/parameters/PurposeOfUse",
};

const pathParameters: Readonly<Record<string, Json>> = {
  type: {
    description: "A FHIR resource type",
    schema: { type: "string", enum: Object.keys(declarations) },
  },
  id: {
    description: "The id of a resource of this server",
    schema: { type: "string", pattern: "^[A-Za-z0-9.-]{1,64}$" },
  },
  version: {
    description: "The number of a version",
    schema: { type: "string", pattern: "^[1-9][0-9]*$" },
  },
};

/** What a request may be refused with; `default` stands for what API Gateway itself may add. */
const failures = {
  all: [400, 401, 403, 404, 405, 406, 410, 413, 415, 429, 500, 503],
  writing: [409, 412, 422],
};

const responses = (media: string, schema: string, text: string): Json => ({
  description: text,
  content: { [media]: { schema: reference(schema) } },
});

const anyMedia = { "*/*": { schema: { type: "string", format: "binary" } } };

/** The OpenAPI 3 document of the whole surface, made from `routes`. */
export const openApi = (title: string, server: string): Json => {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const [method = "", path = ""] = name.split(" ");
    (paths[path] ??= {})[method.toLowerCase()] = operation(
      name,
      path,
      method,
      route,
    );
  }
  return {
    openapi: "3.1.0",
    info: {
      title: `${title}: Sojourn`,
      version: "1",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: server }],
    security: [{ bearer: [] }],
    paths,
    components: {
      parameters: {
        PurposeOfUse: {
          name: "X-Purpose-Of-Use",
          in: "header",
          description:
            "What the caller acts for (HL7 v3 PurposeOfUse); what it usually does when absent. It must fit the caller, and is part of every fact.",
          schema: { type: "string", enum: purposes },
        },
      },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "A Cognito access token of a patient, of staff or of a clinic system",
        },
      },
      responses: {
        Outcome: responses(
          "application/fhir+json",
          "Resource",
          "Refused or failed; an OperationOutcome says why",
        ),
        Problem: responses(
          "application/problem+json",
          "Problem",
          "Refused or failed; a problem document says why",
        ),
      },
      schemas: {
        Problem: problemSchema,
        Resource: {
          type: "object",
          required: ["resourceType"],
          properties: { resourceType: { type: "string" } },
        },
      },
    },
  };
};

const operation = (
  name: string,
  path: string,
  method: string,
  {
    area,
    summary,
    callers,
    body,
    bytes,
    plain,
    response,
    success,
    also,
  }: Route,
): Json => {
  const fhir = path.startsWith("/fhir/");
  const media =
    fhir && plain !== true ? "application/fhir+json" : "application/json";
  const failure = {
    $ref: `#/components/responses/${fhir ? "Outcome" : "Problem"}`,
  };
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, parameter = ""]) => ({
      name: parameter,
      in: "path",
      required: true,
      ...pathParameters[parameter],
    }),
  );
  const withBody =
    ["POST", "PUT", "PATCH"].includes(method) && (fhir || body !== undefined);
  const form = path.endsWith("/_search");
  const content = {
    [media]: {
      schema:
        response === undefined
          ? fhir && plain !== true
            ? reference("Resource")
            : { type: "object" }
          : z.toJSONSchema(response),
    },
    ...(bytes === true && method === "GET" && anyMedia),
  };
  return {
    operationId: name
      .replaceAll(/[^A-Za-z0-9]+/g, "-")
      .replace(/-$/, "")
      .toLowerCase(),
    summary,
    tags: [fhir ? "FHIR R4" : area === "privacy" ? "Privacy" : "Engagement"],
    ...(callers === "anyone" && { security: [] }),
    ...((parameters.length > 0 || callers !== "anyone") && {
      parameters: [
        ...parameters,
        ...(callers === "anyone" ? [] : [purposeParameter]),
      ],
    }),
    ...(withBody && {
      requestBody: {
        required: !/\$(?:cancel|everything|summary|export)$/.test(path),
        content: form
          ? {
              "application/x-www-form-urlencoded": {
                schema: {
                  type: "object",
                  additionalProperties: { type: "string" },
                },
              },
            }
          : {
              [method === "PATCH" ? "application/json-patch+json" : media]: {
                schema:
                  method === "PATCH"
                    ? { type: "array", items: { type: "object" }, minItems: 1 }
                    : body === undefined
                      ? reference("Resource")
                      : z.toJSONSchema(body, { io: "input" }),
              },
              ...(bytes === true && anyMedia),
            },
      },
    }),
    responses: {
      ...Object.fromEntries(
        [success, ...(also ?? [])].map((status) => [
          status,
          {
            description: descriptions[status],
            ...(isSilent(method, status, plain) ? {} : { content }),
          },
        ]),
      ),
      ...Object.fromEntries(
        [
          ...failures.all,
          ...(["POST", "PUT", "PATCH", "DELETE"].includes(method)
            ? failures.writing
            : []),
        ].map((status) => [status, failure]),
      ),
      default: failure,
    },
  };
};

const reference = (name: string): Json => ({
  $ref: `#/components/schemas/${name}`,
});

/** Answers without a body. */
const isSilent = (
  method: string,
  status: number,
  plain: boolean | undefined,
): boolean =>
  method === "HEAD" ||
  status === 204 ||
  status === 304 ||
  (status === 202 && (plain === true || method === "DELETE"));

const descriptions: Readonly<
  Record<Route["success"] | NonNullable<Route["also"]>[number], string>
> = {
  200: "Found",
  201: "Created",
  202: "Begun",
  204: "Done",
  304: "Not changed since",
};
