import { beforeAll, describe, expect, it } from "vitest";
import { theWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

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
  const text = await answer.text();
  return {
    status: answer.status,
    body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
};

const claimsOf = (token: string) =>
  JSON.parse(
    Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
  ) as { auth_time: number; origin_jti: string; username: string };

const practitioners = "/fhir/R4/Practitioner?_count=1";

// Roles that no other test signs in with: their tokens are shared.
describe("a sign-in, deployed", () => {
  it("is a session that tells its end and ends when the person signs out", async () => {
    const token = await world.accounts.staff("clinician", "front-desk");
    const { auth_time: at, origin_jti: origin } = claimsOf(token);
    expect(origin).toBeTypeOf("string");
    expect((await ask(token, "GET", practitioners)).status).toBe(200);
    const { status, body } = await ask(token, "GET", "/v1/session");
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.signedIn).toBe(new Date(at * 1000).toISOString());
    expect(body.endsAtLatest).toBe(
      new Date((at + 12 * 3600) * 1000).toISOString(),
    );
    expect((await ask(token, "DELETE", "/v1/session")).status).toBe(204);
    expect(await ask(token, "GET", practitioners)).toMatchObject({
      status: 401,
      body: {
        issue: [
          {
            details: {
              text: expect.stringContaining("session-ended") as string,
            },
          },
        ],
      },
    });
    expect(await ask(token, "GET", "/v1/session")).toMatchObject({
      status: 401,
      body: { title: "SessionEnded" },
    });
  });

  it("is ended at once by a privacy officer", async () => {
    const officer = await world.accounts.staff("privacy-officer", "front-desk");
    const token = await world.accounts.staff("clinician", "manager");
    expect((await ask(token, "GET", practitioners)).status).toBe(200);
    const who = encodeURIComponent(claimsOf(token).username);
    const end = (as: string) =>
      ask(as, "POST", `/v1/staff/${who}/end-sessions`, { reason: "left" });
    expect(await end(officer)).toEqual({ status: 200, body: { ended: 1 } });
    expect((await ask(token, "GET", practitioners)).status).toBe(401);
    expect((await ask(officer, "GET", practitioners)).status).toBe(200);
  });
});
