import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { privacyClinic } from "./privacy-clinic.ts";

describe("a parent who asks for the record of a child", () => {
  it("gets the copy of what a parent may see, a stranger gets nothing", async () => {
    const stage = await privacyClinic({ patient: { birthDate: "2018-05-04" } });
    const parent = { ...stage.own, id: "parent-1" } as Caller;
    const asked = { patient: stage.patient };
    await expect(stage.request("access", {}, parent, asked)).rejects.toThrow(
      "403",
    );
    await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "RelatedPerson",
        active: true,
        identifier: [{ system: "urn:sojourn:user", value: "parent-1" }],
        patient: { reference: `Patient/${stage.patient}` },
        relationship: [
          {
            coding: [
              {
                system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
                code: "MTH",
              },
            ],
          },
        ],
      }),
    );
    const id = await stage.request("access", {}, parent, asked);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const signedIn = { session: "parent", at: stage.clock.now() };
    const path = `/v1/privacy-requests/${id}/result/record-1.json`;
    const own = await stage.ask("GET", path, { ...parent, signedIn } as Caller);
    expect(own.status).toBe(200);
    expect(own.text).toContain("Quetzalcanary");
    const stranger = {
      ...parent,
      id: "parent-2",
      signedIn: { session: "stranger", at: stage.clock.now() },
    } as Caller;
    expect((await stage.ask("GET", path, stranger)).status).toBe(403);
    const stale = await stage.ask("GET", path, {
      ...parent,
      signedIn: { session: "old", at: stage.clock.now() - 600_000 },
    } as Caller);
    expect(stale.status).toBe(403);
    expect(stale.text).toContain("step-up-required");
  });
});
