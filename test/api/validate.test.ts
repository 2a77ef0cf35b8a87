import type { OperationOutcome, Task } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, aTask } from "../store/builders.ts";
import { aServer, asPatient } from "./server.ts";

const severities = ({ issue }: OperationOutcome): string[] =>
  issue.map(({ severity }) => severity);

test("a valid resource is said to be valid, and is not written", async () => {
  const { ask, table } = aServer();
  const before = table.dump?.().length;
  const { status, body } = await ask<OperationOutcome>(
    "POST",
    "/Patient/$validate",
    { body: aPatient() },
  );
  expect(status).toBe(200);
  expect(severities(body)).toEqual(["information"]);
  expect(table.dump?.()).toHaveLength(before ?? -1);
});

test("what is wrong is named with its place, in Parameters too", async () => {
  const { ask } = aServer();
  const resource = { ...aPatient(), gender: "blue" };
  for (const body of [
    resource,
    {
      resourceType: "Parameters",
      parameter: [
        { name: "resource", resource },
        { name: "mode", valueCode: "create" },
      ],
    },
  ]) {
    const answer = await ask<OperationOutcome>("POST", "/Patient/$validate", {
      body,
    });
    expect(answer.status).toBe(200);
    expect(answer.body.issue).toMatchObject([
      { severity: "error", expression: ["Patient.gender"] },
    ]);
  }
});

test("with an id the move of the status is judged, for who may read it", async () => {
  const { ask, make } = aServer();
  const { id: patient } = await make(aPatient());
  const task = await make<Task>({ ...aTask(patient), status: "completed" });
  const path = `/Task/${task.id}/$validate`;
  const body = { ...task, status: "requested" };
  const { body: outcome } = await ask<OperationOutcome>("POST", path, { body });
  expect(outcome.issue).toMatchObject([
    { severity: "error", expression: ["Task.status"] },
  ]);
  const { id: other } = await make(aPatient());
  const refused = await ask("POST", path, { as: asPatient(other), body });
  expect(refused.status).toBe(403);
  expect((await ask("POST", "/Task/none/$validate", { body })).status).toBe(
    404,
  );
});

test.each([
  ["nothing", ""],
  ["another type", { resourceType: "Task" }],
  ["Parameters without a resource", { resourceType: "Parameters" }],
  [
    "a strange mode",
    {
      resourceType: "Parameters",
      parameter: [
        { name: "resource", resource: aPatient() },
        { name: "mode", valueCode: "delete" },
      ],
    },
  ],
  ["null among parameters", { resourceType: "Parameters", parameter: [null] }],
])("%s is refused", async (_, body) => {
  const { status } = await aServer().ask("POST", "/Patient/$validate", {
    body,
  });
  expect(status).toBe(400);
});

test("a profile is not known, which is said", async () => {
  const { body } = await aServer().ask<OperationOutcome>(
    "POST",
    "/Patient/$validate",
    {
      body: {
        resourceType: "Parameters",
        parameter: [
          { name: "resource", resource: aPatient() },
          { name: "profile", valueUri: "http://example.org/profile" },
        ],
      },
    },
  );
  expect(severities(body)).toEqual(["warning"]);
});
