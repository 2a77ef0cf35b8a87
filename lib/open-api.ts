import { z } from "zod";
import type { Route, Routes } from "../functions/api/routes.ts";

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

const problem = (
  statusCode: number | "$context.status",
  title: string,
  detail: string,
): Json => ({
  ...(typeof statusCode === "number" && { statusCode }),
  responseParameters: {
    "gatewayresponse.header.Content-Type": "'application/problem+json'",
  },
  responseTemplates: {
    "application/json": `{"type":"https://sojourn.example/problems/${title}","title":"${title}","status":${statusCode},"detail":${JSON.stringify(detail)},"instance":"$context.requestId"}`,
  },
});

const gatewayResponses: Json = {
  BAD_REQUEST_BODY: problem(
    400,
    "InvalidBody",
    "The body must be a JSON object.",
  ),
  UNAUTHORIZED: problem(401, "Unauthenticated", "An access token is required."),
  EXPIRED_TOKEN: problem(401, "TokenExpired", "The access token has expired."),
  ACCESS_DENIED: problem(
    403,
    "Forbidden",
    "The access token carries none of the scopes that this API asks for.",
  ),
  WAF_FILTERED: problem(
    403,
    "Blocked",
    "The request looks like an attack and was not processed.",
  ),
  MISSING_AUTHENTICATION_TOKEN: problem(
    404,
    "NotFound",
    "There is nothing at this path for this method.",
  ),
  REQUEST_TOO_LARGE: problem(413, "TooLarge", "The request is over 10 MB."),
  THROTTLED: problem(
    429,
    "TooManyRequests",
    "Too many requests; try again in a moment.",
  ),
  INTEGRATION_TIMEOUT: problem(504, "TimedOut", "The answer took too long."),
  DEFAULT_4XX: problem(
    "$context.status",
    "BadRequest",
    "The request could not be processed.",
  ),
  DEFAULT_5XX: problem(
    "$context.status",
    "Unavailable",
    "The request failed on our side and may be tried again.",
  ),
};
