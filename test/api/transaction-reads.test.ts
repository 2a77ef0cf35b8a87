import type { Bundle, BundleEntry } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aServer } from "./server.ts";

const write: BundleEntry = {
  fullUrl: "urn:uuid:5f0c0c3e-8f63-4a8a-9a0c-6b6a4f1a2b01",
  request: { method: "POST", url: "Patient" },
  resource: {
    resourceType: "Patient",
    identifier: [{ system: "https://sojourn.example/mrn", value: "77" }],
  },
};

const transaction = (...entry: BundleEntry[]): Bundle => ({
  resourceType: "Bundle",
  type: "transaction",
  entry,
});

const read = (url: string): BundleEntry => ({
  request: { method: "GET", url },
});

test.each([
  ["a resource that is not there", "Patient/01JD0000000000000000000000", 404],
  ["a search that is too wide", "Appointment?status=booked", 400],
])("a transaction that reads %s writes nothing", async (_, url, status) => {
  const { ask } = aServer();
  const answer = await ask("POST", "", {
    body: transaction(write, read(url)),
  });
  expect(answer.status).toBe(status);
  const found = await ask<Bundle>("GET", "/Patient", {
    query: { identifier: "77" },
  });
  expect(found.body.total).toBe(0);
});

test("a transaction's searches see what it wrote", async () => {
  const { ask } = aServer();
  const { body } = await ask<Bundle>("POST", "", {
    body: transaction(read("Patient?identifier=77"), write),
  });
  expect(body.entry?.[0]?.resource).toMatchObject({ total: 1 });
});
