import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { aServer } from "./server.ts";

test("If-Match tells nobody the version of what they may not see", async () => {
  const server = aServer();
  const { id: patient } = await server.make(aPatient());
  const made = await server.records.change(bySystem, (work) =>
    work.create({
      resourceType: "Task",
      meta: { security: [{ code: "R" }] },
      status: "requested",
      intent: "order",
      for: { reference: `Patient/${patient}` },
    }),
  );
  const as: Caller = {
    kind: "staff",
    id: "desk",
    roles: ["front-desk"],
    token: "t",
  };
  for (const method of ["PUT", "DELETE"])
    for (const version of ["1", "2"]) {
      const { status } = await server.ask(method, `/Task/${made.id}`, {
        as,
        headers: { "if-match": `W/"${version}"` },
        body: { ...made, status: "accepted" },
      });
      expect([method, version, status]).toEqual([method, version, 403]);
    }
});
