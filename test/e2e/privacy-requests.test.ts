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
const reviewer = () =>
  world.accounts.staff("privacy-officer", "clinician", "manager");

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

  it("a request is taken back, and its journey ends", async () => {
    const token = await world.accounts.patient(patient);
    const id = await requested(token, {
      kind: "restriction",
      details: { toward: "operations" },
    });
    await ended(token, id, "awaiting-decision");
    const path = `/v1/privacy-requests/${id}/withdrawal`;
    const { status, text } = await ask(token, "POST", path, {});
    expect(status, text).toBe(200);
    expect(text).toContain('"withdrawn"');
    await until("the letter", async () => {
      const found = await ask(
        token,
        "GET",
        `/fhir/R4/Communication?patient=${patient}&_count=100`,
      );
      return found.text.includes("You have withdrawn your request")
        ? true
        : undefined;
    });
    const late = await ask(
      await officer(),
      "POST",
      `/v1/privacy-requests/${id}/decision`,
      { decision: "accept" },
    );
    expect(late.status, late.text).toBe(409);
    expect((await ask(token, "POST", path, {})).status).toBe(200);
  });

  it("a denial is reviewed by somebody else, who gives the copy with its files", async () => {
    const scan = Buffer.from("a scan of a letter");
    const clinic = await world.accounts.clinic("ehr");
    const sent = await fetch(`${world.urls.api}/fhir/R4/Binary`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${clinic}`,
        "content-type": "application/pdf",
        "x-security-context": `Patient/${patient}`,
      },
      body: scan,
    });
    expect(sent.status).toBe(201);
    const [first, second] = [await officer(), await reviewer()];
    const denied = await requested(first, {
      kind: "access",
      patient,
      verified: "photo-id",
    });
    await ended(first, denied, "awaiting-decision");
    const decide = (token: string, id: string, decision: object) =>
      ask(token, "POST", `/v1/privacy-requests/${id}/decision`, decision);
    const { status, text } = await decide(first, denied, {
      decision: "deny",
      reason: "endangers-life",
    });
    expect(status, text).toBe(200);
    const token = await world.accounts.patient(patient);
    const asked = await ask(
      token,
      "POST",
      `/v1/privacy-requests/${denied}/review`,
      {},
    );
    expect(asked.status, asked.text).toBe(201);
    const { id } = JSON.parse(asked.text) as { id: string };
    await ended(token, id, "awaiting-decision");
    const own = await decide(first, id, { decision: "accept" });
    expect([own.status, own.text]).toEqual([
      403,
      expect.stringContaining("review-by-another"),
    ]);
    expect((await decide(second, id, { decision: "accept" })).status).toBe(200);
    await ended(token, id, "fulfilled");
    const path = `/v1/privacy-requests/${id}/result`;
    const result = await ask(token, "GET", path);
    expect(result.status, result.text).toBe(200);
    const { files } = JSON.parse(result.text) as { files: { name: string }[] };
    const pdf = files.find(({ name }) => name.endsWith(".pdf"))?.name ?? "";
    expect((await ask(token, "GET", `${path}/${pdf}`)).text).toBe(
      scan.toString(),
    );
  });

  it("an amendment lists whom to tell, and the request says how far that is", async () => {
    const clinic = await world.accounts.clinic("ehr");
    const write = async (method: string, path: string, body: object) => {
      const answer = await fetch(`${world.urls.api}/fhir/R4/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${clinic}`,
          "content-type": "application/fhir+json",
        },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      expect(answer.ok, text).toBe(true);
      return JSON.parse(text) as { id: string };
    };
    const observation = {
      resourceType: "Observation",
      status: "final",
      code: { text: "Weight" },
      subject: { reference: `Patient/${patient}` },
    };
    const { id: of } = await write("POST", "Observation", observation);
    const first = await officer();
    const disclosed = await ask(first, "POST", "/v1/disclosures", {
      patient,
      at: new Date().toISOString(),
      recipient: { name: "The county" },
      what: "A case report",
      resources: [`Observation/${of}`],
      purpose: "PUBHLTH",
      basis: "public-health",
    });
    expect(disclosed.status, disclosed.text).toBe(201);
    const token = await world.accounts.patient(patient);
    const id = await requested(token, {
      kind: "amendment",
      details: { resource: `Observation/${of}`, change: "80", reason: "Typo" },
    });
    await ended(token, id, "awaiting-decision");
    await write("PUT", `Observation/${of}`, {
      ...observation,
      id: of,
      status: "amended",
    });
    const accepted = await ask(
      first,
      "POST",
      `/v1/privacy-requests/${id}/decision`,
      { decision: "accept", version: `Observation/${of}/_history/2` },
    );
    expect(accepted.status, accepted.text).toBe(200);
    await ended(token, id, "fulfilled");
    const { text } = await ask(token, "GET", `/v1/privacy-requests/${id}`);
    const { informing } = JSON.parse(text) as {
      informing?: { task: string; status: string };
    };
    expect(informing?.status, text).toBe("requested");
    const task = await ask(
      first,
      "GET",
      `/fhir/R4/Task/${informing?.task ?? ""}`,
    );
    expect(task.text).toContain("The county");
  });
});
