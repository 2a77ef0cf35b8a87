import { beforeAll, describe, expect, it } from "vitest";
import { theWorld, type World } from "./world.ts";

let world: World;
let patient: string;
beforeAll(async () => {
  world = await theWorld();
  patient = world.patients[3]?.id ?? "";
});

// Roles that no other test signs in with: their tokens are shared.
const officer = () => world.accounts.staff("privacy-officer", "nurse");
const clinician = () => world.accounts.staff("clinician", "nurse");

const ask = async (
  token: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: object; headers?: object } = {},
) => {
  const answer = await fetch(`${world.urls.api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    json: () => JSON.parse(text) as { items: Record<string, unknown>[] },
  };
};

describe("privacy, deployed", () => {
  it("an emergency opens a record for an hour, and everybody concerned sees it", async () => {
    const token = await clinician();
    const opened = await ask(token, "POST", "/v1/emergency-access", {
      body: {
        patient,
        reason: "covering",
        text: "On call tonight, urgent question",
      },
    });
    expect(opened.status, opened.text).toBe(201);
    const path = `/fhir/R4/Patient/${patient}`;
    const headers = { "x-purpose-of-use": "ETREAT" };
    expect((await ask(token, "GET", path, { headers })).status).toBe(200);
    const open = await ask(await officer(), "GET", "/v1/emergency-access");
    expect(open.status, open.text).toBe(200);
    expect(open.json().items).toContainEqual(
      expect.objectContaining({ patient, reason: "covering" }),
    );
    const log = await ask(
      await officer(),
      "GET",
      `/v1/patients/${patient}/access-log`,
    );
    expect(log.status, log.text).toBe(200);
    expect(log.json().items.filter(({ emergency }) => emergency)).toHaveLength(
      2,
    );
    const ended = await ask(token, "DELETE", `/v1/emergency-access/${patient}`);
    expect(ended.status, ended.text).toBe(204);
  });

  it("a disclosure that is written down is accounted for", async () => {
    const token = await officer();
    const made = await ask(token, "POST", "/v1/disclosures", {
      body: {
        patient,
        at: new Date(Date.now() - 60_000).toISOString(),
        recipient: { name: "County health department" },
        what: "A test result",
        purpose: "PUBHLTH",
        basis: "public-health",
      },
    });
    expect(made.status, made.text).toBe(201);
    const account = await ask(
      token,
      "GET",
      `/v1/patients/${patient}/disclosures`,
      { headers: { "accept-language": "es" } },
    );
    expect(account.status, account.text).toBe(200);
    expect(account.json().items).toEqual([
      expect.objectContaining({
        why: "salud pública (para la salud pública)",
      }),
    ]);
  });

  it("a review of access knows who may sign in, and is a table for auditors", async () => {
    const token = await officer();
    const review = await ask(token, "GET", "/v1/access-reviews/current?days=7");
    expect(review.status, review.text).toBe(200);
    expect(review.json().items).toContainEqual(
      expect.objectContaining({
        roles: ["nurse", "privacy-officer"],
        enabled: true,
      }),
    );
    const table = await ask(token, "GET", "/v1/access-reviews/current", {
      headers: { accept: "text/csv" },
    });
    expect(table.status).toBe(200);
    expect(table.text).toMatch(/^"staff","roles"/);
  });
});
