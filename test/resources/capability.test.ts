import { expect, test } from "vitest";
import { routes } from "../../functions/api/routes.ts";
import { declarations } from "../../functions/resources/all.ts";
import { capabilityStatement } from "../../functions/resources/capability.ts";

const server = {
  base: "https://api.example/fhir/R4",
  version: "1.0.0",
  date: "2026-11-22",
};
const statement = await capabilityStatement({
  ...server,
  routes: Object.keys(routes),
});
const [rest] = statement.rest ?? [];
const resource = (type: string) =>
  rest?.resource?.find((each) => each.type === type);

test("it claims what is routed, also when nobody says what that is", async () => {
  expect(await capabilityStatement(server)).toEqual(statement);
});

test("every declared type is there with its search parameters", () => {
  expect(rest?.resource?.map(({ type }) => type)).toEqual(
    Object.keys(declarations),
  );
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

test("operations stand with the appointment only", () => {
  expect(
    resource("Appointment")
      ?.operation?.map(({ name }) => name)
      .toSorted(),
  ).toEqual(["book", "cancel", "find", "reschedule"]);
  expect(
    rest?.resource
      ?.filter(({ operation }) => operation)
      .map(({ type }) => type),
  ).toEqual(["Appointment"]);
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
