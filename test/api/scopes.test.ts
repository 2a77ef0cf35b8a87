import type { Bundle, Observation, Resource } from "@medplum/fhirtypes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fhir } from "../../functions/api/fhir.ts";
import {
  aClientToken,
  aStaffToken,
  aToken,
  anIssuer,
  now,
  type Issuer,
} from "../runtime/tokens.ts";
import { aPatient } from "../store/builders.ts";
import { aRequest, aServer, type Ask } from "./server.ts";

const server = aServer();
let pools: Issuer;
let handler: ReturnType<typeof fhir>;
let own = "";
let other = "";
const observations: Record<string, string> = {};

const category = "http://terminology.hl7.org/CodeSystem/observation-category";
const anObservation = (code: string, patient = own): Observation => ({
  resourceType: "Observation",
  status: "final",
  category: [{ coding: [{ system: category, code }] }],
  code: { text: "measured" },
  subject: { reference: `Patient/${patient}` },
});

beforeAll(async () => {
  pools = await anIssuer();
  const log = Object.assign(() => undefined, {
    error: (_fact: string, _ids: object, cause: unknown) => {
      throw new Error("the server failed unexpectedly", { cause });
    },
  });
  handler = fhir({ ...server, log, authenticate: pools.authenticate });
  own = (await server.make(aPatient())).id;
  other = (await server.make(aPatient())).id;
  for (const code of ["vital-signs", "laboratory"])
    observations[code] = (await server.make(anObservation(code))).id;
});

afterAll(() => {
  pools.close();
});

/** Asks with a token of Cognito; answers status and body. */
const ask = async (
  token: string,
  method: string,
  path: string,
  more: Ask = {},
) => {
  const { statusCode, body } = await handler(
    aRequest(method, path, {
      ...more,
      headers: { ...more.headers, Authorization: `Bearer ${token}` },
    }),
    {},
  );
  return {
    status: statusCode,
    body: JSON.parse(body) as Resource,
  };
};
const statusOf = async (...asked: Parameters<typeof ask>) =>
  (await ask(...asked)).status;

const patientWith = (scope: string, claims = {}) =>
  aToken({ claims: { username: own, scope, ...claims } });
const nurseWith = (scope: string, claims = {}) =>
  aStaffToken({ "cognito:groups": ["nurse"], scope, ...claims });

test.each([
  "patient/*.rs",
  "patient/Patient.read",
  "user/*.*",
  "user/Patient.r",
])("%s of a patient reads the own record and no other", async (scope) => {
  const token = patientWith(scope);
  expect(await statusOf(token, "GET", `/Patient/${own}`)).toBe(200);
  expect(await statusOf(token, "GET", `/Patient/${other}`)).toBe(403);
});

test("a scope gives a patient nothing that patients may not", async () => {
  const token = patientWith("patient/*.cruds user/*.cruds system/*.cruds");
  const { body } = await ask(token, "GET", `/Patient/${own}`);
  expect(await statusOf(token, "PUT", `/Patient/${own}`, { body })).toBe(403);
  expect(
    await statusOf(token, "POST", "/Observation", {
      body: anObservation("survey"),
    }),
  ).toBe(403);
  expect(await statusOf(token, "GET", "/Task?patient=x")).not.toBe(200);
});

test("a scope of one type opens no other, a scope to read changes nothing", async () => {
  const reads = nurseWith("user/Patient.rs");
  expect(await statusOf(reads, "GET", `/Patient/${own}`)).toBe(200);
  expect(
    await statusOf(
      reads,
      "GET",
      `/Observation/${observations.laboratory ?? ""}`,
    ),
  ).toBe(403);
  expect(await statusOf(reads, "POST", "/Patient", { body: aPatient() })).toBe(
    403,
  );
  const creates = nurseWith("user/Patient.c");
  expect(
    await statusOf(creates, "POST", "/Patient", { body: aPatient() }),
  ).toBe(201);
  expect(await statusOf(creates, "GET", `/Patient/${own}`)).toBe(403);
});

test("staff with a patient's scopes see the patient of the launch alone", async () => {
  const token = nurseWith("patient/*.rs", { patient: own });
  expect(await statusOf(token, "GET", `/Patient/${own}`)).toBe(200);
  expect(await statusOf(token, "GET", `/Patient/${other}`)).toBe(403);
  const search = (patient: string) =>
    statusOf(token, "GET", "/Observation", { query: { patient } });
  expect(await search(own)).toBe(200);
  expect(await search(other)).toBe(403);
});

test("a transaction passes no scope by", async () => {
  const entry = (resource: Resource) => ({
    resource,
    request: { method: "POST" as const, url: resource.resourceType },
  });
  const body: Bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: [entry(anObservation("survey"))],
  };
  const token = (scope: string) => nurseWith(scope);
  expect(
    await statusOf(token("user/Patient.cruds"), "POST", "", { body }),
  ).toBe(403);
  expect(
    await statusOf(token("user/Observation.c"), "POST", "", { body }),
  ).toBe(200);
});

test.each<[string, () => string, number]>([
  [
    "with its letters in the wrong order",
    () => nurseWith("user/Patient.sr"),
    403,
  ],
  ["of a system, in a person's token", () => nurseWith("system/*.rs"), 403],
  ["of a patient without a launch", () => nurseWith("patient/*.rs"), 403],
  ["beyond the grant", () => aClientToken("system/Observation.rs"), 403],
  ["of people, in a system's token", () => aClientToken("user/*.rs"), 403],
  [
    "in an expired token",
    () => nurseWith("user/*.rs", { exp: now() - 1 }),
    401,
  ],
])("a scope %s opens nothing", async (_name, token, status) => {
  const { status: answered, body } = await ask(
    token(),
    "GET",
    `/Observation/${observations.laboratory ?? ""}`,
  );
  expect(answered).toBe(status);
  expect(body.resourceType).toBe("OperationOutcome");
});

test("a clinic system does what both its grant and its token say", async () => {
  const read = (scope: string) =>
    statusOf(aClientToken(scope), "GET", `/Patient/${own}`);
  for (const scope of ["", "system/Patient.r", "system/*.read", "system/*.*"])
    expect([scope, await read(scope)]).toEqual([scope, 200]);
  expect(await read("system/Patient.s")).toBe(403);
  expect(
    await statusOf(aClientToken("system/*.cruds"), "POST", "/Patient", {
      body: aPatient(),
    }),
  ).toBe(403);
});

const vitals = `Observation.rs?category=${category}|vital-signs`;

const narrow = [
  `patient/${vitals}`,
  `user/${vitals.replaceAll("/", "%2F")}`,
].flatMap((scope) => [
  ["a patient", scope, () => patientWith(scope)] as const,
  ["staff", scope, () => nurseWith(scope, { patient: own })] as const,
]);

test.each(narrow)(
  "%s with %s read nothing else",
  async (_who, _scope, token) => {
    const read = (code: string) =>
      statusOf(token(), "GET", `/Observation/${observations[code] ?? ""}`);
    expect(await read("vital-signs")).toBe(200);
    expect(await read("laboratory")).toBe(403);
  },
);

test("what is created must be within a granular scope too", async () => {
  const token = nurseWith("user/Observation.c?category=survey");
  const create = (code: string) =>
    statusOf(token, "POST", "/Observation", {
      body: anObservation(code, other),
    });
  expect(await create("survey")).toBe(201);
  expect(await create("laboratory")).toBe(403);
});

test("an update neither starts nor ends outside a granular scope", async () => {
  const [inside, outside] = await Promise.all(
    ["survey", "laboratory"].map((code) =>
      server.make(anObservation(code, other)),
    ),
  );
  const token = nurseWith("user/Observation.u?category=survey");
  const put = (id = "", code = "") =>
    statusOf(token, "PUT", `/Observation/${id}`, {
      body: { ...anObservation(code, other), id },
    });
  expect(await put(inside?.id, "laboratory")).toBe(403);
  expect(await put(outside?.id, "survey")).toBe(403);
  expect(await put(inside?.id, "survey")).toBe(200);
});

test("a granular scope by an unknown parameter opens nothing and says so", async () => {
  const { status, body } = await ask(
    nurseWith("user/Observation.rs?colour=red"),
    "GET",
    `/Observation/${observations.laboratory ?? ""}`,
  );
  expect(status).toBe(403);
  expect(JSON.stringify(body)).toMatch(/\(scope-\w+\)/u);
  expect(JSON.stringify(body)).not.toContain("red");
});

test.each(narrow)(
  "%s with %s find nothing else",
  async (_who, _scope, token) => {
    const { body } = await ask(token(), "GET", "/Observation", {
      query: { patient: own, _total: "accurate" },
    });
    const { entry, total } = body as Bundle;
    expect(entry?.map(({ resource }) => resource?.id)).toEqual([
      observations["vital-signs"],
    ]);
    expect(total).toBe(1);
  },
);
