import { describe, expect, it } from "vitest";
import * as z from "zod";
import { routes } from "../../functions/api/routes.ts";
import type { Routes } from "../../functions/api/routes/route.ts";
import { restApiDocument } from "../../lib/open-api.ts";

const project = (some: Routes) =>
  restApiDocument({
    title: "A clinic",
    routes: some,
    invocationUri: (area) => `arn:of:${area}`,
    pools: ["arn:pool"],
    scopes: ["system/*.rs"],
  }) as unknown as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
    components: { schemas: Record<string, unknown> };
    "x-amazon-apigateway-gateway-responses": Record<
      string,
      { responseTemplates: Record<string, string> }
    >;
  };

const Body = z.strictObject({
  name: z.string().min(3),
  address: z.object({ city: z.string() }),
});
const aRoute = {
  area: "engagement",
  action: "create",
  summary: "Opens a thread",
  callers: ["staff"],
  body: Body,
  success: 201,
} as const;

describe("the deployed API", () => {
  const { paths, "x-amazon-apigateway-gateway-responses": responses } =
    project(routes);

  it("leaves FHIR to the function, two paths with every method spelled out, but for exports", () => {
    const methods = ["delete", "get", "head", "patch", "post", "put"];
    expect(Object.keys(paths["/fhir/R4"] ?? {}).sort()).toEqual(methods);
    expect(Object.keys(paths["/fhir/R4/{proxy+}"] ?? {}).sort()).toEqual(
      methods,
    );
    expect(
      Object.keys(paths).filter(
        (path) => path.startsWith("/fhir/") && path.includes("{"),
      ),
    ).toEqual(["/fhir/R4/{proxy+}", "/fhir/R4/$export-status/{id}"]);
  });

  it("has every other route of the table, and only those", () => {
    const projected = Object.entries(paths)
      .filter(([path]) => !path.startsWith("/fhir/R4"))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
    expect(projected.sort()).toEqual(
      Object.keys(routes)
        .filter((route) => !route.includes(" /fhir/"))
        .sort(),
    );
  });

  it("asks for a token wherever the table does", () => {
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const route = (routes as Routes)[
          `${method.toUpperCase() as "GET"} ${path as `/${string}`}`
        ];
        const expected =
          route?.callers === "anyone"
            ? undefined
            : [{ cognito: ["system/*.rs"] }];
        expect(operation.security, `${method} ${path}`).toEqual(expected);
      }
    }
  });

  it("answers a refusal of its own as OperationOutcome and problem in one, and repeats nothing of the request", () => {
    for (const [name, { responseTemplates }] of Object.entries(responses)) {
      const template = responseTemplates["application/json"] ?? "";
      expect(template, name).not.toMatch(
        /\$context\.(error|path|authorizer|requestOverride)/,
      );
      const problem: unknown = JSON.parse(
        template.replace("$context.status", "400"),
      );
      expect(problem, name).toMatchObject({
        resourceType: "OperationOutcome",
        title: expect.stringMatching(/^[A-Z]\w+$/) as string,
        instance: "$context.requestId",
      });
    }
  });
});

describe("a route", () => {
  const { paths, components } = project({ "POST /v1/threads/{id}": aRoute });
  const operation = paths["/v1/threads/{id}"]?.post;

  it("goes to the function of its area", () => {
    expect(operation?.["x-amazon-apigateway-integration"]).toMatchObject({
      type: "aws_proxy",
      httpMethod: "POST",
      uri: "arn:of:engagement",
    });
  });

  it("declares the parameters of its path", () => {
    expect(operation?.parameters).toEqual([
      { name: "id", in: "path", required: true, schema: { type: "string" } },
    ]);
  });

  it("has its body's fields as a model, and leaves their values to the function", () => {
    expect(components.schemas).toEqual({
      PostV1ThreadsId: {
        type: "object",
        properties: { name: {}, address: {} },
      },
    });
    expect(operation).toMatchObject({
      "x-amazon-apigateway-request-validator": "shape",
    });
  });
});
