import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { theWorld, type World } from "./world.ts";

let world: World;
let authorization: string;
beforeAll(async () => {
  world = await theWorld();
  authorization = `Bearer ${await world.accounts.clinic("ehr")}`;
});

describe("a file", () => {
  it("goes through the deployed API and comes back byte for byte", async () => {
    const files = `${world.urls.api}/fhir/R4/Binary`;
    const body = randomBytes(200_000);
    const sent = await fetch(files, {
      method: "POST",
      headers: {
        authorization,
        "content-type": "image/png",
        "x-security-context": `Patient/${world.patients[0]?.id ?? ""}`,
      },
      body,
    });
    expect([sent.status, await sent.text()]).toEqual([201, ""]);
    const id = /Binary\/([^/]+)\//.exec(
      sent.headers.get("location") ?? "",
    )?.[1];
    const got = await fetch(`${files}/${id ?? ""}`, {
      headers: { authorization, accept: "image/png" },
    });
    expect(got.headers.get("content-type")).toBe("image/png");
    expect(got.headers.get("content-disposition")).toBe("attachment");
    expect(Buffer.from(await got.arrayBuffer()).equals(body)).toBe(true);
    const told = await fetch(`${files}/${id ?? ""}`, {
      headers: { authorization, accept: "application/fhir+json" },
    });
    expect(await told.json()).toMatchObject({
      resourceType: "Binary",
      contentType: "image/png",
      data: body.toString("base64"),
    });
  });

  it("leaves its trace where a clinic system may look", async () => {
    const patient = world.patients[0]?.id ?? "";
    const found = await fetch(
      `${world.urls.api}/fhir/R4/AuditEvent?patient=${patient}&_count=100`,
      { headers: { authorization } },
    );
    expect(found.status).toBe(200);
    const text = await found.text();
    expect(text).toContain("BinaryCreated");
    expect(text).toContain("BinaryRead");
  });
});
