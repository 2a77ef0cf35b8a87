import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { privacyClinic } from "./privacy-clinic.ts";

test("a copy that a minor asked for tells the parent nothing that is closed to parents", async () => {
  const stage = await privacyClinic({ patient: { birthDate: "2011-05-04" } });
  const { patient } = stage;
  await stage.records.change(bySystem, async (work) => {
    await work.create({
      resourceType: "RelatedPerson",
      active: true,
      identifier: [{ system: "urn:sojourn:user", value: "parent-1" }],
      patient: { reference: `Patient/${patient}` },
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
    });
    await work.create({
      resourceType: "Observation",
      meta: {
        security: [
          {
            system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            code: "STD",
          },
        ],
      },
      status: "final",
      code: { text: "Zzyzx" },
      subject: { reference: `Patient/${patient}` },
    });
  });
  const id = await stage.request("access", {});
  expect(await stage.end()).toEqual(["SUCCEEDED"]);
  const signedIn = { session: "s", at: stage.clock.now() };
  const path = `/v1/privacy-requests/${id}/result/record-1.json`;
  const own = await stage.ask("GET", path, {
    ...stage.own,
    signedIn,
  } as Caller);
  expect(own.text).toContain("Zzyzx");
  const parent = { ...stage.own, id: "parent-1", signedIn } as Caller;
  const told = await stage.ask("GET", path, parent);
  expect(told.text).not.toContain("Zzyzx");
  expect(told.status).toBe(403);
});
