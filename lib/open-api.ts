import * as z from "zod";
import type { Route, Routes } from "../functions/api/routes/route.ts";

export interface Projection {
  readonly title: string;
  readonly routes: Routes;
  /** The function of an area, as API Gateway invokes it. */
  readonly invocationUri: (area: Area) => string;
  /** User pools that issue tokens, and the scopes of which a token must carry one. */
  readonly pools: readonly string[];
  readonly scopes: readonly string[];
}

export type Area = Route["area"];
type Json = Record<string, unknown>;

const fhirMethods = ["get", "head", "post", "put", "patch", "delete"];
const fhirRoot = "/fhir/R4";

/**
 * The OpenAPI document that the REST API is created from: `/fhir/R4` as a whole, because the function routes FHIR itself,
 * and each other route with the shape of its body.
 */
export const restApiDocument = ({
  title,
  routes,
  invocationUri,
  pools,
  scopes,
}: Projection): Json => {
  const paths: Record<string, Json> = {};
  const add = (path: string, method: string, operation: Json): void => {
    (paths[path] ??= {})[method] = operation;
  };
  const operation = (area: Area, isPublic: boolean): Json => ({
    ...(!isPublic && { security: [{ cognito: scopes }] }),
    responses: { 200: { description: "Answered by the function" } },
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri: invocationUri(area),
      passthroughBehavior: "when_no_match",
    },
  });

  for (const method of fhirMethods) {
    add(fhirRoot, method, operation("fhir", false));
    add(`${fhirRoot}/{proxy+}`, method, {
      ...operation("fhir", false),
      parameters: parametersOf("/{proxy}"),
    });
  }
  const schemas: Json = {};
  for (const [route, { area, callers, body }] of Object.entries<Route>(
    routes,
  )) {
    const [method = "", path = ""] = route.split(" ");
    const isPublic = callers === "anyone";
    if (area === "fhir" && (!isPublic || path.includes("{"))) continue;
    const model = modelName(route);
    if (body !== undefined)
      schemas[model] = shapeOf(
        z.toJSONSchema(body, { io: "input", unrepresentable: "any" }),
      );
    add(path, method.toLowerCase(), {
      ...operation(area, isPublic),
      ...(path.includes("{") && { parameters: parametersOf(path) }),
      ...(body !== undefined && {
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { $ref: `#/components/schemas/${model}` },
            },
          },
        },
        "x-amazon-apigateway-request-validator": "shape",
      }),
    });
  }

  return {
    openapi: "3.0.1",
    info: { title, version: "1" },
    paths,
    components: {
      schemas,
      securitySchemes: {
        cognito: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          "x-amazon-apigateway-authtype": "cognito_user_pools",
          "x-amazon-apigateway-authorizer": {
            type: "cognito_user_pools",
            providerARNs: pools,
          },
        },
      },
    },
    "x-amazon-apigateway-request-validators": {
      shape: { validateRequestBody: true, validateRequestParameters: false },
    },
    "x-amazon-apigateway-gateway-responses": gatewayResponses,
  };
};

const modelName = (route: string): string =>
  route
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join("");

const parametersOf = (path: string): readonly Json[] =>
  [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));

/**
 * The names of the fields, unenforced: API Gateway's message for a missing or wrong field either names none, repeats the
 * value, or breaks the JSON around it. It refuses what is no JSON object; the function says the rest, field by field.
 */
const shapeOf = (schema: unknown): Json => {
  if (!isObject(schema) || schema.type !== "object") return {};
  const { properties } = schema;
  return {
    type: "object",
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.keys(properties).map((name) => [name, {}]),
      ),
    }),
  };
};

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Refusal {
  readonly status?: number;
  readonly title: string;
  /** FHIR's word for it (http://hl7.org/fhir/R4/valueset-issue-type.html). */
  readonly code: string;
  readonly detail: string;
}

/** One template answers for the whole API: an OperationOutcome to who expects FHIR, problem details to the others. */
const answer = ({ status, title, code, detail }: Refusal): Json => {
  const body = {
    resourceType: "OperationOutcome",
    issue: [{ severity: "error", code, details: { text: detail } }],
    type: `https://sojourn.example/problems/${title}`,
    title,
    status: status ?? "$context.status",
    detail,
    instance: "$context.requestId",
  };
  return {
    ...(status !== undefined && { statusCode: status }),
    responseParameters: {
      "gatewayresponse.header.Content-Type": "'application/problem+json'",
    },
    responseTemplates: {
      "application/json": JSON.stringify(body).replace(
        '"$context.status"',
        "$context.status",
      ),
    },
  };
};

const refusals: Readonly<Record<string, Refusal>> = {
  BAD_REQUEST_BODY: {
    status: 400,
    title: "InvalidBody",
    code: "structure",
    detail: "The body must be a JSON object.",
  },
  UNAUTHORIZED: {
    status: 401,
    title: "Unauthenticated",
    code: "login",
    detail: "This needs a bearer token.",
  },
  EXPIRED_TOKEN: {
    status: 401,
    title: "Unauthenticated",
    code: "login",
    detail: "The token is expired. Sign in again.",
  },
  ACCESS_DENIED: {
    status: 403,
    title: "Forbidden",
    code: "forbidden",
    detail: "The token carries none of the scopes that this API asks for.",
  },
  WAF_FILTERED: {
    status: 403,
    title: "Blocked",
    code: "security",
    detail: "The request looks like an attack and was not processed.",
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 404,
    title: "NotFound",
    code: "not-found",
    detail: "There is nothing at this path for this method.",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    title: "TooLarge",
    code: "too-long",
    detail: "The request is over 10 MB.",
  },
  THROTTLED: {
    status: 429,
    title: "TooManyRequests",
    code: "throttled",
    detail: "Too many requests; try again in a moment.",
  },
  INTEGRATION_TIMEOUT: {
    status: 504,
    title: "TimedOut",
    code: "timeout",
    detail: "The answer took too long.",
  },
  DEFAULT_4XX: {
    title: "BadRequest",
    code: "processing",
    detail: "The request could not be processed.",
  },
  DEFAULT_5XX: {
    title: "Unavailable",
    code: "transient",
    detail: "The request failed on our side and may be tried again.",
  },
};

const gatewayResponses: Json = Object.fromEntries(
  Object.entries(refusals).map(([name, refusal]) => [name, answer(refusal)]),
);
