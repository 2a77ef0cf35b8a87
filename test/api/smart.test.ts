import type { OperationOutcome } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { smartConfiguration } from "../../functions/resources/smart.ts";
import { aServer } from "./server.ts";

const { send } = aServer();
const path = "/fhir/R4/.well-known/smart-configuration";

/** As API Gateway hands over what nobody signed in for. */
const ask = (httpMethod = "GET", headers = {}) =>
  send<Record<string, unknown> & OperationOutcome>({
    httpMethod,
    path,
    headers: { Host: "api.example", ...headers },
  });

test("the SMART configuration is there for anybody, as plain JSON", async () => {
  const { status, headers, body } = await ask("GET", {
    accept: "application/json",
  });
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^application\/json/u);
  expect(body).toMatchObject({
    authorization_endpoint: "https://sign-in.example/oauth2/authorize",
    token_endpoint: "https://sign-in.example/oauth2/token",
    code_challenge_methods_supported: ["S256"],
    scopes_supported: ["system/*.cruds"],
  });
  expect(body.grant_types_supported).toContain("client_credentials");
});

test("it claims no launch, no key pairs of clients and no single sign-on: Cognito has none of them", async () => {
  const { body } = await ask();
  const { capabilities } = body;
  expect(capabilities).toEqual(
    expect.arrayContaining(["permission-v1", "permission-v2"]),
  );
  for (const absent of [
    "launch-ehr",
    "client-confidential-asymmetric",
    "context-standalone-patient",
    "sso-openid-connect",
  ])
    expect(capabilities).not.toContain(absent);
  expect(body).not.toHaveProperty("issuer");
  expect(body).not.toHaveProperty("jwks_uri");
});

test("what people may grant to apps is claimed as soon as apps may ask for it", () => {
  const claims = (...scopes: string[]) => {
    const { capabilities, grant_types_supported } = smartConfiguration({
      url: "https://sign-in.example",
      scopes,
    });
    return [
      ...grant_types_supported,
      ...capabilities.filter((one) => /-(?:patient|user)$/u.test(one)),
    ];
  };
  expect(claims("system/*.rs")).toEqual(["client_credentials"]);
  expect(claims("patient/*.rs", "user/*.rs")).toEqual([
    "authorization_code",
    "permission-patient",
    "permission-user",
  ]);
});

test("it is read only", async () => {
  const { status, body } = await ask("POST");
  expect(status).toBe(405);
  expect(body.resourceType).toBe("OperationOutcome");
});
