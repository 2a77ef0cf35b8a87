import type { Observation, Patient } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aServer, asClient, asPatient } from "../api/server.ts";
import { aPatient } from "./builders.ts";

const anObservation = (
  patient: string,
  category: "laboratory" | "vital-signs",
): Observation => ({
  resourceType: "Observation",
  status: "final",
  category: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/observation-category",
          code: category,
        },
      ],
    },
  ],
  code: { text: "a measurement" },
  subject: { reference: `Patient/${patient}` },
});

const aWorld = async () => {
  const server = aServer();
  const { id } = await server.make(aPatient());
  const vital = await server.make(anObservation(id, "vital-signs"));
  const laboratory = await server.make(anObservation(id, "laboratory"));
  return { ...server, id, vital, laboratory };
};

const lab = "category=laboratory";

test("granular scopes reach only what answers to them, read or searched, changed or deleted", async () => {
  const { ask, id, vital, laboratory } = await aWorld();
  const as = asClient(`system/Observation.cruds?${lab}`);
  const path = `/Observation/${laboratory.id}`;
  expect((await ask("GET", path, { as })).status).toBe(200);
  const other = `/Observation/${vital.id}`;
  for (const method of ["GET", "DELETE"])
    expect((await ask(method, other, { as })).status).toBe(403);
  expect((await ask("GET", `${other}/_history/1`, { as })).status).toBe(403);
  expect((await ask("GET", `${other}/_history`, { as })).status).toBe(403);
  const found = await ask("GET", "/Observation", {
    as,
    query: { patient: id },
  });
  expect(found.body).toMatchObject({
    entry: [{ resource: { id: laboratory.id } }],
  });
  expect(JSON.stringify(found.body)).not.toContain(vital.id);
  const put = (resource: Observation & { id: string }) =>
    ask("PUT", `/Observation/${resource.id}`, { as, body: resource });
  expect((await put({ ...laboratory, status: "amended" })).status).toBe(200);
  // Neither into the scope nor out of it.
  expect(
    (await put({ ...vital, category: laboratory.category ?? [] })).status,
  ).toBe(403);
  expect(
    (
      await put({
        ...laboratory,
        status: "amended",
        category: vital.category ?? [],
      })
    ).status,
  ).toBe(403);
  const create = (category: "laboratory" | "vital-signs") =>
    ask("POST", "/Observation", { as, body: anObservation(id, category) });
  expect((await create("laboratory")).status).toBe(201);
  expect((await create("vital-signs")).status).toBe(403);
  expect((await ask("GET", path)).body.meta?.versionId).toBe("2");
});

test("a search is reached by the criteria of searching, not by those of reading", async () => {
  const { ask, id, vital } = await aWorld();
  const as = asClient(
    `system/Observation.s?${lab}`,
    "system/Observation.r?category=vital-signs",
  );
  const found = await ask("GET", "/Observation", {
    as,
    query: { patient: id },
  });
  expect(JSON.stringify(found.body)).not.toContain(vital.id);
  expect((await ask("GET", `/Observation/${vital.id}`, { as })).status).toBe(
    200,
  );
});

test("a patient's app has the scopes that the patient gave it, and never another's record", async () => {
  const { ask, make, id, vital, laboratory } = await aWorld();
  const other = await make<Patient>(aPatient());
  const as = {
    ...asPatient(id),
    scopes: ["patient/Observation.rs?category=vital-signs"],
  };
  expect((await ask("GET", `/Observation/${vital.id}`, { as })).status).toBe(
    200,
  );
  for (const path of [
    `/Observation/${laboratory.id}`,
    `/Patient/${id}`,
    `/Patient/${other.id}`,
  ])
    expect((await ask("GET", path, { as })).status).toBe(403);
});

test("a scope whose criteria this server does not know reaches nothing", async () => {
  const { ask, id, laboratory } = await aWorld();
  const as = asClient("system/Observation.rs?eyes=blue");
  expect(
    (await ask("GET", `/Observation/${laboratory.id}`, { as })).status,
  ).toBe(403);
  const found = await ask("GET", "/Observation", {
    as,
    query: { patient: id },
  });
  expect(JSON.stringify(found.body)).not.toContain(laboratory.id);
});
