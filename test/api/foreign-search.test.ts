import type { Bundle } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { asPatient, aServer } from "./server.ts";

test("a patient who searches another patient's compartment is refused, and without a patient searches the own one", async () => {
  const { ask, make } = aServer();
  const own = await make({ resourceType: "Patient" });
  const other = await make({ resourceType: "Patient" });
  await make({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ code: "patient-privacy" }] },
    category: [{ text: "messages" }],
    policyRule: { text: "messages" },
    patient: { reference: `Patient/${other.id}` },
  });
  const foreign = await ask("GET", "/Consent", {
    as: asPatient(own.id),
    query: { patient: other.id },
  });
  expect(foreign.status).toBe(403);
  const mine = await ask<Bundle>("GET", "/Consent", { as: asPatient(own.id) });
  expect(mine.body.total).toBe(0);
});
