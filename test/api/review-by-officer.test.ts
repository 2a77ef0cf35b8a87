import type { Task } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import type { Role } from "../../functions/core/settings.ts";
import type { Stored } from "../../functions/store/records.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { aServer, justSignedIn } from "./server.ts";

test("the review of an emergency access is closed by a privacy officer, and by nobody else", async () => {
  const server = aServer();
  const staff = (role: Role): Caller =>
    justSignedIn(
      { kind: "staff", id: `${role}-1`, roles: [role], token: "t" },
      server.now(),
    );
  const { id: patient } = await server.make(aPatient());
  const { status } = await server.ask("POST", "/v1/emergency-access", {
    as: staff("clinician"),
    body: { patient, reason: "covering", text: "Ward round at night" },
  });
  expect(status).toBe(201);
  const [task] = await server.records.change(bySystem, (work) =>
    work.ofPatient("Task", patient),
  );
  if (task === undefined) throw new Error("there is a review");
  const review: Stored<Task> = task;
  const path = `/Task/${review.id}`;
  const attempts = async (role: Role) => [
    (
      await server.ask("PUT", path, {
        as: staff(role),
        body: { ...review, status: "completed" },
      })
    ).status,
    (
      await server.ask("PUT", path, {
        as: staff(role),
        body: { ...review, meta: {}, input: [] },
      })
    ).status,
    (await server.ask("DELETE", path, { as: staff(role) })).status,
  ];
  for (const role of ["clinician", "nurse", "front-desk", "manager"] as const)
    expect([role, await attempts(role)]).toEqual([role, [403, 403, 403]]);
  expect(
    (await server.ask("GET", path, { as: staff("clinician") })).status,
  ).toBe(200);
  const closed = await server.ask("PUT", path, {
    as: staff("privacy-officer"),
    body: { ...review, status: "completed" },
  });
  expect(closed.status).toBe(200);
});
