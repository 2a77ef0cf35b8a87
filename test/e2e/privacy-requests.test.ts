import type { Bundle } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/until.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
let patient: string;
beforeAll(async () => {
  world = await theWorld();
  patient = world.patients[5]?.id ?? "";
});

// Roles that no other test signs in with: their tokens are shared.
const officer = () => world.accounts.staff("privacy-officer", "clinician");

const ask = async (
  token: string,
  method: string,
  path: string,
  body?: object,
) => {
  const answer = await fetch(`${world.urls.api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
};

const requested = async (token: string, body: object): Promise<string> => {
  const { status, text } = await ask(
    token,
    "POST",
    "/v1/privacy-requests",
    body,
  );
  expect(status, text).toBe(201);
  return (JSON.parse(text) as { id: string }).id;
};

const ended = (token: string, id: string, status: string) =>
  until(`the request to be ${status}`, async () => {
    const { text } = await ask(token, "GET", `/v1/privacy-requests/${id}`);
    return (JSON.parse(text) as { status: string }).status === status
      ? true
      : undefined;
  });

describe("privacy requests, deployed", () => {
  it("a patient asks for the own record and fetches it", async () => {
    const token = await world.accounts.patient(patient);
    const id = await requested(token, { kind: "access" });
    await ended(token, id, "fulfilled");
    const path = `/v1/privacy-requests/${id}/result/record-1.json`;
    const { status, text } = await ask(token, "GET", path);
    expect(status, text.slice(0, 500)).toBe(200);
    const { entry = [] } = JSON.parse(text) as Bundle;
    expect(entry.map(({ resource }) => resource?.resourceType)).toContain(
      "Patient",
    );
    expect((await ask(await officer(), "GET", path)).status).toBe(403);
  });

  it("a decision wakes the journey that waits for it", async () => {
    const token = await world.accounts.patient(patient);
    const id = await requested(token, {
      kind: "confidential-communications",
      details: { channel: "portal" },
    });
    await ended(token, id, "awaiting-decision");
    const decided = await ask(
      await officer(),
      "POST",
      `/v1/privacy-requests/${id}/decision`,
      { decision: "accept" },
    );
    expect(decided.status, decided.text).toBe(200);
    await ended(token, id, "fulfilled");
  });
});
