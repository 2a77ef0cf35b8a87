import type { Bundle, Patient } from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { aPatient, aTask, mrn, withMrn } from "../store/builders.ts";
import { aServer, asClient, type Ask } from "./server.ts";

const patch = (...operations: readonly unknown[]): Ask => ({
  body: operations,
  headers: { "Content-Type": "application/json-patch+json" },
});

describe("conditional update", () => {
  test("creates what is not there, updates the one that is, and refuses several", async () => {
    const { ask, make } = aServer();
    const put = (body: Patient, value: string) =>
      ask<Patient>("PUT", "/Patient", {
        body,
        query: { identifier: `${mrn}|${value}` },
      });
    const created = await put(withMrn("1"), "1");
    expect(created.status).toBe(201);
    expect(created.headers.location).toContain(`/Patient/${created.body.id}/`);
    const updated = await put({ ...withMrn("1"), gender: "other" }, "1");
    expect(updated.status).toBe(200);
    expect(updated.body).toMatchObject({
      id: created.body.id,
      gender: "other",
      meta: { versionId: "2" },
    });
    for (let times = 0; times < 2; times += 1)
      await make(aPatient({ identifier: [{ system: "urn:x", value: "1" }] }));
    const several = await ask("PUT", "/Patient", {
      body: aPatient(),
      query: { identifier: "urn:x|1" },
    });
    expect(several.status).toBe(412);
  });

  test("with an id that is not the match's, or with none to match, it is refused", async () => {
    const { ask, make } = aServer();
    const { id } = await make(withMrn("1"));
    const put = (resource: Patient, value: string) =>
      ask("PUT", "/Patient", {
        body: resource,
        query: { identifier: `${mrn}|${value}` },
      });
    const other = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    expect((await put({ ...withMrn("1"), id }, "1")).status).toBe(200);
    expect((await put({ ...withMrn("1"), id: other }, "1")).status).toBe(400);
    expect((await put({ ...withMrn("2"), id: other }, "2")).status).toBe(400);
    expect((await ask("PUT", "/Patient", { body: withMrn("3") })).status).toBe(
      412,
    );
  });

  test("of twenty that run at the same time one creates", async () => {
    const { ask } = aServer();
    const given = {
      ...aPatient(),
      telecom: [{ system: "email" as const, value: "a@b.example" }],
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask("PUT", "/Patient", {
          body: given,
          query: { email: "a@b.example" },
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(
      statuses.filter((status) => ![200, 201, 409].includes(status)),
    ).toEqual([]);
  });
});

describe("conditional delete", () => {
  test("removes the one match, nothing when there is none, and refuses several", async () => {
    const { ask, make } = aServer();
    const patient = await make(aPatient());
    const task = await make(aTask(patient.id));
    const remove = (criteria: Record<string, string>) =>
      ask("DELETE", "/Task", { query: { patient: patient.id, ...criteria } });
    expect((await remove({ status: "on-hold" })).status).toBe(204);
    expect((await ask("GET", `/Task/${task.id}`)).status).toBe(200);
    expect((await remove({})).status).toBe(204);
    expect((await ask("GET", `/Task/${task.id}`)).status).toBe(410);
    await make(aTask(patient.id));
    await make(aTask(patient.id));
    expect((await remove({})).status).toBe(412);
    expect((await ask("DELETE", "/Task")).status).toBe(412);
  });
});

describe("JSON Patch", () => {
  test("changes what it names, under If-Match, and answers with the new version", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const answer = await ask<Patient>(
      "PATCH",
      `/Patient/${id}`,
      patch(
        { op: "test", path: "/gender", value: "female" },
        { op: "replace", path: "/name/0/family", value: "Smith" },
        { op: "add", path: "/name/0/given/-", value: "Ann" },
        { op: "remove", path: "/birthDate" },
      ),
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      meta: { versionId: "2" },
      name: [{ family: "Smith", given: ["Maria", "Ann"] }],
    });
    expect(answer.body.birthDate).toBeUndefined();
    const stale = await ask("PATCH", `/Patient/${id}`, {
      ...patch({ op: "remove", path: "/gender" }),
      headers: {
        "Content-Type": "application/json-patch+json",
        "If-Match": 'W/"1"',
      },
    });
    expect(stale.status).toBe(412);
  });

  test("finds its resource by criteria", async () => {
    const { ask, make } = aServer();
    await make(withMrn("1"));
    const query = (value: string) => ({ identifier: `${mrn}|${value}` });
    const change = patch({ op: "replace", path: "/gender", value: "other" });
    expect(
      (await ask("PATCH", "/Patient", { ...change, query: query("1") })).body,
    ).toMatchObject({ gender: "other" });
    expect(
      (await ask("PATCH", "/Patient", { ...change, query: query("2") })).status,
    ).toBe(404);
  });

  test.each([
    ["no list", {}, 400],
    ["an empty list", [], 400],
    ["an unknown operation", [{ op: "merge", path: "/x" }], 400],
    ["a path that is no pointer", [{ op: "remove", path: "name" }], 400],
    ["a missing value", [{ op: "add", path: "/gender" }], 400],
    ["the prototype", [{ op: "add", path: "/__proto__/x", value: 1 }], 400],
    [
      "the constructor",
      [{ op: "add", path: "/constructor/prototype/x", value: 1 }],
      400,
    ],
    ["a path that leads nowhere", [{ op: "remove", path: "/photo/3" }], 422],
    [
      "a test that fails",
      [{ op: "test", path: "/gender", value: "male" }],
      422,
    ],
    [
      "another type",
      [{ op: "replace", path: "/resourceType", value: "Task" }],
      422,
    ],
    ["another id", [{ op: "replace", path: "/id", value: "x" }], 400],
    [
      "an invalid result",
      [{ op: "replace", path: "/gender", value: "blue" }],
      422,
    ],
    [
      "growth by doubling",
      Array.from({ length: 60 }, () => ({
        op: "copy",
        from: "",
        path: "/extension",
      })),
      422,
    ],
  ])("%s is refused and changes nothing", async (_, body, status) => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const answer = await ask("PATCH", `/Patient/${id}`, {
      body,
      headers: { "Content-Type": "application/json-patch+json" },
    });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resourceType: "OperationOutcome" });
    expect((await ask("GET", `/Patient/${id}`)).body.meta?.versionId).toBe("1");
  });

  test("another format is 415, an unknown resource 404, a deleted one 410", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const task = await make(aTask(id));
    await ask("DELETE", `/Task/${task.id}`);
    const change = patch({ op: "remove", path: "/description" });
    expect((await ask("PATCH", `/Patient/${id}`, { body: [] })).status).toBe(
      415,
    );
    expect((await ask("PATCH", `/Task/${task.id}`, change)).status).toBe(410);
    expect(
      (await ask("PATCH", "/Task/01ARZ3NDEKTSV4RRFFQ69G5FAV", change)).status,
    ).toBe(404);
    expect(
      (
        await ask("PATCH", `/Patient/${id}`, {
          ...patch({ op: "remove", path: "/gender" }),
          as: asClient("system/Patient.r"),
        })
      ).status,
    ).toBe(403);
  });
});

test("a transaction patches, updates and deletes by criteria, and resolves references by criteria", async () => {
  const { ask, make } = aServer();
  const patient = await make(withMrn("1"));
  const task = await make(aTask(patient.id));
  const answer = await ask<Bundle>("POST", "", {
    body: {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          request: { method: "PATCH", url: `Patient?identifier=${mrn}|1` },
          resource: {
            resourceType: "Binary",
            contentType: "application/json-patch+json",
            data: Buffer.from(
              JSON.stringify([
                { op: "replace", path: "/gender", value: "other" },
              ]),
            ).toString("base64"),
          },
        },
        { request: { method: "DELETE", url: `Task?patient=${patient.id}` } },
        {
          request: { method: "POST", url: "Task" },
          resource: {
            ...aTask(patient.id),
            for: { reference: `Patient?identifier=${mrn}|1` },
          },
        },
        {
          fullUrl: "urn:uuid:0f0c8c3e-8a5e-4b5e-9c51-2d3b7a9f0001",
          request: { method: "PUT", url: `Patient?identifier=${mrn}|2` },
          resource: withMrn("2"),
        },
        {
          request: { method: "POST", url: "Task" },
          resource: {
            ...aTask(patient.id),
            for: { reference: "urn:uuid:0f0c8c3e-8a5e-4b5e-9c51-2d3b7a9f0001" },
          },
        },
      ],
    },
  });
  expect(answer.status).toBe(200);
  expect(answer.body.entry?.map(({ response }) => response?.status)).toEqual([
    "200 OK",
    "204 No Content",
    "201 Created",
    "201 Created",
    "201 Created",
  ]);
  expect((await ask("GET", `/Patient/${patient.id}`)).body).toMatchObject({
    gender: "other",
  });
  expect((await ask("GET", `/Task/${task.id}`)).status).toBe(410);
  const [, , third, fourth, fifth] = answer.body.entry ?? [];
  expect(third?.resource).toMatchObject({
    for: { reference: `Patient/${patient.id}` },
  });
  expect(fifth?.resource).toMatchObject({
    for: { reference: `Patient/${fourth?.resource?.id ?? ""}` },
  });
});

test("a conditional reference without an answer refuses the whole transaction and names the place", async () => {
  const { ask, make } = aServer();
  const patient = await make(withMrn("1"));
  const answer = await ask("POST", "", {
    body: {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          request: { method: "POST", url: "Task" },
          resource: {
            ...aTask(patient.id),
            focus: { reference: `Patient?identifier=${mrn}|9` },
          },
        },
      ],
    },
  });
  expect(answer.status).toBe(412);
  expect(answer.body).toMatchObject({
    issue: [{ expression: ["Bundle.entry[0].resource.focus.reference"] }],
  });
});
