import type { Bundle } from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import type { Role } from "../../functions/core/settings.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { exportClinic, type Manifest } from "./export-clinic.ts";
import {
  aConsent,
  anObservation,
  aRelative,
  bySystemMade,
  canary,
  named,
} from "./relatives.ts";
import { asPatient, aServer } from "./server.ts";

const staff = (...roles: readonly Role[]): Caller => ({
  kind: "staff",
  id: `${roles.join("-")}-1`,
  roles,
  token: "t",
});

const aClinic = (start = "2026-03-02T15:00:00.000Z") => {
  const clock = { now: Date.parse(start) };
  const server = aServer({ now: () => new Date(clock.now) });
  const later = (): void => {
    clock.now += 60_000;
  };
  return { ...server, clock, later };
};

describe("a label that comes later", () => {
  const labelled = async (labels: readonly string[]) => {
    const clinic = aClinic();
    const { id: patient } = await clinic.make(aPatient());
    const made = await bySystemMade(clinic, anObservation(patient, []));
    clinic.later();
    await clinic.records.change(bySystem, (work) =>
      work.update({
        ...made,
        meta: { security: labels.map((code) => ({ code })) },
      }),
    );
    clinic.later();
    return { ...clinic, patient, id: made.id };
  };

  test("closes the versions before it", async () => {
    const { ask, id, patient, records } = await labelled(["PSYTHPN"]);
    const path = `/Observation/${id}`;
    const paths = [
      path,
      `${path}/_history/1`,
      `${path}/_history/2`,
      `${path}/_history`,
      `${path}/_history?_count=1`,
      "/Observation/_history",
      "/_history",
      `/Observation?patient=${patient}`,
    ];
    const told = async () => {
      const found: string[] = [];
      for (const one of paths) {
        const [address = "", query = ""] = one.split("?");
        const { text } = await ask("GET", address, {
          query: Object.fromEntries(new URLSearchParams(query)),
        });
        if (text.includes(canary)) found.push(one);
      }
      return found;
    };
    expect(await told()).toEqual([]);
    await records.change(bySystem, (work) => work.remove("Observation", id));
    expect(await told()).toEqual([]);
  });

  test("closes them on later pages too", async () => {
    const { ask, id } = await labelled(["R"]);
    const as = staff("front-desk");
    const { body } = await ask<Bundle>("GET", `/Observation/${id}/_history`, {
      query: { _count: "1" },
    });
    const next = body.link?.find(({ relation }) => relation === "next")?.url;
    const { search } = new URL(next ?? "");
    const answer = await ask("GET", `/Observation/${id}/_history`, {
      as,
      query: Object.fromEntries(new URLSearchParams(search)),
    });
    expect(answer.status).toBe(403);
  });

  test("while an export runs, closes what the export would have had", async () => {
    const clinic = exportClinic();
    const { id: patient } = await bySystemMade(clinic, aPatient());
    const made = await bySystemMade(clinic, anObservation(patient, []));
    const kickOff = await clinic.ask("GET", "/Patient/$export");
    await clinic.clock.advanceTo(clinic.clock.now() + 100);
    expect(clinic.calls).toEqual([]);
    await clinic.records.change(bySystem, (work) =>
      work.update({ ...made, meta: { security: [{ code: "V" }] } }),
    );
    await clinic.engine.settled();
    const { body } = await clinic.ask<Manifest>("GET", clinic.placeIn(kickOff));
    const lines = JSON.stringify(await clinic.fetched(body.output));
    expect(lines).toContain(patient);
    expect(lines).not.toContain(canary);
  });

  test("taken off, leaves closed what it closed", async () => {
    const { ask, id, records } = await labelled(["R"]);
    const as = staff("front-desk");
    await records.change(bySystem, async (work) => {
      const { meta: _, ...open } = await work.demand("Observation", id);
      return work.update({ ...open, code: { text: "Open" } });
    });
    const status = async (path: string) =>
      (await ask("GET", `/Observation/${id}${path}`, { as })).status;
    expect(await status("")).toBe(200);
    expect(await status("/_history/1")).toBe(200);
    expect(await status("/_history/2")).toBe(403);
  });
});

describe("a parent's Consent", () => {
  test("gives nobody more of a minor's record than the parent has", async () => {
    const clinic = aClinic();
    const child = await clinic.make(aPatient({ birthDate: "2011-01-01" }));
    const { id: mother } = await clinic.make(aPatient());
    const { id: aunt } = await clinic.make(aPatient());
    const secret = await bySystemMade(clinic, anObservation(child.id, ["STD"]));
    const open = await bySystemMade(clinic, anObservation(child.id, []));
    const { id: parent } = await bySystemMade(
      clinic,
      aRelative(child.id, mother, "MTH"),
    );
    const { id } = await bySystemMade(
      clinic,
      aRelative(child.id, aunt, "AUNT"),
    );
    await bySystemMade(
      clinic,
      aConsent(
        child.id,
        { type: "permit", actor: named(id) },
        {
          performer: [{ reference: `RelatedPerson/${parent}` }],
          dateTime: "2026-01-01",
        },
      ),
    );
    const status = async (as: string, { id }: { id: string }) =>
      (await clinic.ask("GET", `/Observation/${id}`, { as: asPatient(as) }))
        .status;
    expect(await status(mother, open)).toBe(200);
    expect(await status(aunt, open)).toBe(200);
    expect(await status(mother, secret)).toBe(403);
    expect(await status(aunt, secret)).toBe(403);
  });
});

describe("a merged record", () => {
  test("is as old as the surviving one says", async () => {
    const clinic = aClinic();
    const wrong = await clinic.make(aPatient({ birthDate: "2015-01-01" }));
    const right = await clinic.make(aPatient({ birthDate: "1995-01-01" }));
    const { id: mother } = await clinic.make(aPatient());
    await bySystemMade(clinic, aRelative(wrong.id, mother, "MTH"));
    const { id } = await bySystemMade(clinic, anObservation(wrong.id, []));
    const status = async () =>
      (
        await clinic.ask("GET", `/Observation/${id}`, {
          as: asPatient(mother),
        })
      ).status;
    expect(await status()).toBe(200);
    const merged = await clinic.ask("POST", "/Patient/$merge", {
      body: {
        resourceType: "Parameters",
        parameter: [
          {
            name: "source-patient",
            valueReference: { reference: `Patient/${wrong.id}` },
          },
          {
            name: "target-patient",
            valueReference: { reference: `Patient/${right.id}` },
          },
        ],
      },
    });
    expect(merged.status).toBe(200);
    expect(await status()).toBe(403);
  });
});
