import type { Patient } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { theWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

describe("SMART on FHIR", () => {
  it("tells a stranger where clients get tokens", async () => {
    const { api } = world.urls;
    const answer = await fetch(
      `${api}/fhir/R4/.well-known/smart-configuration`,
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/u);
    const { token_endpoint: token, scopes_supported: scopes } =
      (await answer.json()) as {
        token_endpoint: string;
        scopes_supported: string[];
      };
    expect(scopes).toEqual(["system/*.cruds"]);
    const refused = await fetch(token, {
      method: "POST",
      headers: { authorization: `Basic ${btoa("nobody:nothing")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect(await refused.json()).toHaveProperty("error");
  });

  it("serves a clinic system by its grant", async () => {
    const [patient] = world.patients;
    const token = await world.accounts.clinic("ehr");
    const answer = await fetch(
      `${world.urls.api}/fhir/R4/Patient/${patient?.id ?? ""}`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Patient).id).toBe(patient?.id);
  });
});
