import { describe, expect, it } from "vitest";
import { PatientId } from "../../functions/core/emergency-access.ts";
import type { NewDisclosure } from "../../functions/core/disclosure.ts";
import { bySystem } from "../record.ts";
import { frontDesk, officer, privacyClinic } from "./privacy-clinic.ts";

/** An accepted amendment of an Observation that was disclosed as told. */
const amended = async (
  disclosed: readonly Partial<NewDisclosure>[],
  {
    inform,
    jurisdictions = ["us-hipaa"],
  }: {
    readonly inform?: string;
    readonly jurisdictions?: readonly string[];
  } = {},
) => {
  const stage = await privacyClinic({ jurisdictions });
  const { id: observation } = await stage.records.change(bySystem, (work) =>
    work.create({
      resourceType: "Observation",
      status: "final",
      code: { text: "Blood pressure" },
      subject: { reference: `Patient/${stage.patient}` },
    }),
  );
  const resource = `Observation/${observation}`;
  await stage.until("2026-11-24T15:00:00Z");
  const log = await stage.disclosures();
  for (const one of disclosed)
    await log.record(
      { by: frontDesk, purpose: "TREAT", requestId: "r" },
      {
        patient: PatientId.parse(stage.patient),
        at: "2026-11-24T10:00:00Z",
        recipient: { name: "Riverside Cardiology", address: "1 River Street" },
        what: "Vital signs",
        resources: [resource],
        purpose: "TREAT",
        basis: "operations",
        authorised: false,
        part2: false,
        ...one,
      },
    );
  const id = await stage.request("amendment", {
    resource,
    change: "It was 120/80.",
    reason: "Misread.",
    ...(inform !== undefined && { inform }),
  });
  await stage.until("2026-11-25T15:00:00Z");
  await stage.records.change(bySystem, async (work) => {
    const before = await work.demand("Observation", observation);
    await work.update({ ...before, status: "amended" });
  });
  await stage.decide(id, {
    decision: "accept",
    version: `${resource}/_history/2`,
  });
  expect(await stage.end()).toEqual(["SUCCEEDED"]);
  const asked = (await stage.of("Task")).find(
    ({ code }) => code?.coding?.[0]?.code === "amendment-inform",
  );
  return {
    stage,
    id,
    asked,
    listed: asked?.input?.map(({ valueString }) => valueString),
  };
};

describe("after an accepted amendment", () => {
  it("staff are asked to tell whom the patient named and who is known to have it, and nobody is written to", async () => {
    const { stage, id, asked, listed } = await amended(
      [
        {},
        { at: "2026-11-24T12:00:00Z" },
        { recipient: { name: "County health department" }, resources: [] },
        {
          recipient: { name: "Another lab" },
          resources: ["Observation/something-else"],
        },
        {
          recipient: { name: "Before it was" },
          at: "2026-11-01T10:00:00Z",
        },
        {
          recipient: { name: "Federal agency" },
          basis: "law-enforcement",
          purpose: "HLEGAL",
          withheldUntil: "2027-06-01T00:00:00Z",
        },
      ],
      { inform: "My employer's doctor, Dr. Okafor" },
    );
    expect(listed).toEqual([
      "My employer's doctor, Dr. Okafor",
      "County health department (2026-11-24)",
      "Riverside Cardiology 1 River Street (2026-11-24)",
    ]);
    expect(asked).toMatchObject({
      status: "requested",
      focus: { reference: `Task/${id}` },
      performerType: [{ coding: [{ code: "privacy-officer" }] }],
    });
    expect(await stage.letters()).toEqual([
      expect.stringMatching(/^acknowledged/u) as string,
      expect.stringMatching(
        /^amended: We have granted[^]*We will tell those whom you named/u,
      ) as string,
    ]);
    expect(JSON.stringify([stage.inputs, stage.logged])).not.toMatch(
      /Okafor|Riverside|County/u,
    );
  });

  it("the request tells how far that is", async () => {
    const { stage, id, asked } = await amended([{}]);
    const view = async () => {
      const one = await stage.ask<{ informing?: { status: string } }>(
        "GET",
        `/v1/privacy-requests/${id}`,
        stage.own,
      );
      const all = await stage.ask<{ items: { informing?: object }[] }>(
        "GET",
        "/v1/privacy-requests",
        stage.own,
      );
      expect(all.body.items[0]?.informing).toEqual(one.body.informing);
      return one.body.informing?.status;
    };
    expect(await view()).toBe("requested");
    await stage.records.change(
      { by: officer(), purpose: "HOPERAT", requestId: "r" },
      async (work) => {
        const task = await work.demand("Task", asked?.id ?? "");
        await work.update({ ...task, status: "completed" });
      },
    );
    expect(await view()).toBe("completed");
  });

  it("nobody is asked where nobody has it, and where no law asks only whom the patient named", async () => {
    const { asked, stage } = await amended([]);
    expect(asked).toBeUndefined();
    const letter = (await stage.letters()).at(-1);
    expect(letter).toContain("To have somebody told of the change, call");
    expect(letter).not.toContain("We will tell");
    const elsewhere = { jurisdictions: ["us-wa"] };
    expect((await amended([{}], elsewhere)).asked).toBeUndefined();
    const { listed } = await amended([{}], {
      ...elsewhere,
      inform: "My dentist",
    });
    expect(listed).toEqual(["My dentist"]);
  });
});
