import type { Bundle } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { PatientId } from "../../functions/core/emergency-access.ts";
import { statesOf } from "../../simulator/staged-workflow.ts";
import { bySystem } from "../record.ts";
import {
  anAmendment,
  anObservation,
  frontDesk,
  officer,
  privacyClinic,
  visited,
} from "./privacy-clinic.ts";

const fresh = (stage: { clock: { now: () => number } }) =>
  officer(stage.clock.now());
const reader = (id: string, now: number) => ({
  kind: "patient" as const,
  id,
  token: "t",
  signedIn: { session: "own", at: now },
});

describe("a patient who asks for the own record", () => {
  it("has the copy at once, for programs and for reading, and nobody else has it", async () => {
    const stage = await privacyClinic();
    await stage.records.change(bySystem, (work) =>
      work.create(anObservation(stage.patient)),
    );
    await stage.records.change(bySystem, (work) =>
      work.create({
        ...anObservation(stage.patient),
        code: { text: "Process note" },
        meta: {
          security: [
            {
              system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
              code: "PSYTHPN",
            },
          ],
        },
      }),
    );
    const id = await stage.request("access", {});
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const own = reader(stage.patient, stage.clock.now());
    const path = `/v1/privacy-requests/${id}/result`;
    const { body } = await stage.ask<{
      files: { name: string; url: string; contentType: string }[];
    }>("GET", path, own);
    expect(body.files.map(({ name }) => name)).toEqual([
      "index.html",
      "record-1.json",
    ]);
    const bundle = JSON.parse(
      (await stage.ask("GET", `${path}/record-1.json`, own)).text,
    ) as Bundle;
    const types = bundle.entry
      ?.map(({ resource }) => resource?.resourceType)
      .toSorted();
    expect(types).toEqual(["Observation", "Patient", "Task"]);
    const page = await stage.ask("GET", `${path}/index.html`, own);
    expect(page.text).toContain("&lt;b&gt;Blood pressure&lt;/b&gt;");
    expect(page.text).not.toContain("<b>Blood");
    expect(page.text).not.toContain("Process note");
    expect(page.headers["content-disposition"]).toContain("attachment");

    expect((await stage.ask("GET", path, officer())).status).toBe(403);
    expect(
      (
        await stage.ask("GET", path, {
          ...own,
          id: "01J00000000000000000000000",
        })
      ).status,
    ).toBe(403);
    const { output = [] } = await stage.look(id);
    const binary = output[0]?.valueReference?.reference?.split("/")[1] ?? "";
    await expect(
      stage.records.read(
        { by: officer(), purpose: "HOPERAT", requestId: "r" },
        "Binary",
        binary,
      ),
    ).rejects.toMatchObject({ status: 403 });
    expect(
      Date.parse((await stage.look(id)).meta?.lastUpdated ?? "") -
        Date.parse("2026-11-23T15:00:00Z"),
    ).toBeLessThan(60_000);
    expect(await stage.letters()).toEqual([
      expect.stringMatching(
        /^copied: The answer to your request for access/,
      ) as string,
    ]);
  });

  it("waits for a person where a clinician asked for a review, and may be denied then", async () => {
    const stage = await privacyClinic();
    await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "DetectedIssue",
        status: "final",
        code: {
          coding: [{ system: "urn:sojourn:safety", code: "access-review" }],
        },
        patient: { reference: `Patient/${stage.patient}` },
      }),
    );
    const id = await stage.request("access", {});
    await stage.until("2026-11-25T15:00:00Z");
    expect((await stage.look(id)).status).toBe("received");
    const { status } = await stage.decide(id, {
      decision: "deny",
      reason: "endangers-life",
    });
    expect(status).toBe(200);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const letters = await stage.letters();
    expect(letters[0]).toContain(
      "acknowledged: We have received your request for access to your record. We will answer by December 23, 2026.",
    );
    expect(letters[1]).toContain("another licensed professional");
    expect(letters[1]).toContain("hhs.gov/ocr/complaints");
    expect(
      (
        await stage.ask(
          "GET",
          `/v1/privacy-requests/${id}/result`,
          reader(stage.patient, stage.clock.now()),
        )
      ).status,
    ).toBe(404);
  });

  it("gets an accounting of disclosures at once", async () => {
    const stage = await privacyClinic();
    const disclosures = await stage.disclosures();
    await disclosures.record(
      { by: frontDesk, purpose: "TREAT", requestId: "r" },
      {
        patient: PatientId.parse(stage.patient),
        at: "2026-11-01T10:00:00Z",
        recipient: { name: "County health department" },
        what: "A positive test",
        resources: [],
        purpose: "PUBHLTH",
        basis: "public-health",
        authorised: false,
        part2: false,
      },
    );
    const id = await stage.request("accounting", {});
    await stage.end();
    const own = reader(stage.patient, stage.clock.now());
    const file = await stage.ask(
      "GET",
      `/v1/privacy-requests/${id}/result/index.html`,
      own,
    );
    expect(file.text).toContain("County health department");
    expect(file.text).toContain("A positive test");
  });

  it("through staff gets it when the privacy officer agrees, and a letter on paper", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("portability", {}, frontDesk, {
      patient: stage.patient,
      verified: "photo-id",
    });
    await stage.until("2026-11-24T15:00:00Z");
    expect((await stage.look(id)).status).toBe("received");
    await stage.decide(id, { decision: "accept" });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const tasks = await stage.of("Task");
    expect(
      tasks.filter(({ code }) => code?.coding?.[0]?.code === "privacy-letter"),
    ).toHaveLength(2);
    expect((await stage.look(id)).output).toHaveLength(2);
  });
});

describe("a request that a person decides", () => {
  it("is answered the moment it is decided, however long the journey would have waited", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("restriction", {
      toward: "payer",
      selfPaid: true,
    });
    await stage.until("2026-11-24T09:00:00Z");
    await stage.decide(id, { decision: "accept" });
    await stage.until("2026-11-24T09:01:00Z");
    expect(await stage.of("Consent")).toMatchObject([
      {
        status: "active",
        category: [{ coding: [{ code: "restriction" }] }],
        policyRule: { coding: [{ code: "hipaa-self-pay" }] },
        provision: { type: "deny", purpose: [{ code: "HPAYMT" }] },
      },
    ]);
    expect((await stage.look(id)).status).toBe("completed");
    await stage.end();
    await expect(
      stage.records.read(
        { by: frontDesk, purpose: "HPAYMT", requestId: "r" },
        "Patient",
        stage.patient,
      ),
    ).rejects.toMatchObject({ status: 403 });
  });

  it("decided before it was acknowledged is carried out all the same", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("confidential-communications", {
      channel: "email",
      address: "safe@example.org",
    });
    await stage.decide(id, { decision: "accept" });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect(await stage.of("Consent")).toMatchObject([
      {
        category: [{ coding: [{ code: "confidential-communications" }] }],
        provision: { type: "permit" },
      },
    ]);
    const next = await stage.request("confidential-communications", {
      channel: "letter",
    });
    await stage.decide(next, { decision: "accept" });
    await stage.end();
    expect((await stage.of("Consent")).map(({ status }) => status)).toEqual([
      "inactive",
      "active",
    ]);
  });
});

describe("an amendment", () => {
  it("is accepted with the version that staff made, and linked with it", async () => {
    const stage = await privacyClinic();
    const details = await anAmendment(stage);
    const id = await stage.request("amendment", details);
    await stage.until("2026-11-24T15:00:00Z");
    const observation = details.resource.split("/")[1] ?? "";
    expect((await stage.decide(id, { decision: "accept" })).status).toBe(422);
    expect(
      (
        await stage.decide(id, {
          decision: "accept",
          version: `${details.resource}/_history/1`,
        })
      ).status,
    ).toBe(422);
    await stage.records.change(bySystem, async (work) => {
      const before = await work.demand("Observation", observation);
      await work.update({ ...before, status: "amended" });
    });
    const { status } = await stage.decide(id, {
      decision: "accept",
      version: `${details.resource}/_history/2`,
    });
    expect(status).toBe(200);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect(await stage.of("Provenance")).toMatchObject([
      {
        target: [{ reference: `${details.resource}/_history/2` }],
        activity: { coding: [{ code: "amended" }] },
        entity: [{ what: { reference: `Task/${id}` } }],
      },
    ]);
  });

  it("that is denied stays linked with the record, and with the patient's statement", async () => {
    const stage = await privacyClinic();
    const details = await anAmendment(stage);
    const id = await stage.request("amendment", details);
    const state = (text: string) =>
      stage.ask("POST", `/v1/privacy-requests/${id}/statement`, stage.own, {
        text,
      });
    expect((await state("I disagree.")).status).toBe(409);
    await stage.decide(id, {
      decision: "deny",
      reason: "accurate-and-complete",
      text: "Measured twice.",
    });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect(await stage.of("Provenance")).toMatchObject([
      {
        target: [{ reference: details.resource }],
        activity: { coding: [{ code: "amendment-denied" }] },
      },
    ]);
    expect((await stage.letters()).at(-1)).toMatch(
      /statement of why you disagree[^]*Measured twice\./,
    );
    expect((await state("I disagree.")).body).toMatchObject({
      disagreed: true,
    });
    expect((await state("Still.")).status).toBe(409);
    const { text } = await stage.ask(
      "GET",
      `/v1/privacy-requests?patient=${stage.patient}`,
      officer(),
    );
    expect(text).not.toContain("I disagree.");
  });
});

describe("an erasure", () => {
  it("is told, then started", async () => {
    const stage = await privacyClinic({ jurisdictions: ["eu-gdpr"] });
    const id = await stage.request("erasure", {});
    expect((await stage.decide(id, { decision: "accept" })).status).toBe(403);
    expect((await stage.look(id)).status).toBe("requested");
    expect(
      (await stage.decide(id, { decision: "accept" }, fresh(stage))).status,
    ).toBe(200);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect(stage.started.at(-1)).toMatchObject({
      occurrence: {
        journey: "erasure",
        subject: stage.patient,
        occurrence: id,
      },
      input: { patient: stage.patient, request: id },
    });
    expect((await stage.letters()).at(-1)).toContain("erasing: ");
  });

  it.each([["us-hipaa"], ["eu-gdpr"]])(
    "under a legal hold is denied and says so, and under %s nothing is restricted",
    async (jurisdiction) => {
      const stage = await privacyClinic({ jurisdictions: [jurisdiction] });
      const id = await stage.request("erasure", {});
      await (
        await stage.holds()
      ).place(bySystem, stage.patient, {
        reason: "litigation",
        text: "Smith v. clinic",
      });
      await stage.decide(id, { decision: "accept" }, fresh(stage));
      expect(await stage.end()).toEqual(["SUCCEEDED"]);
      const { body } = await stage.ask(
        "GET",
        `/v1/privacy-requests/${id}`,
        stage.own,
      );
      expect(body).toMatchObject({ status: "denied", reason: "legal-hold" });
      expect(
        stage.started.map(({ occurrence }) => occurrence.journey),
      ).not.toContain("erasure");
      expect(await stage.of("Consent")).toEqual([]);
      const letter = (await stage.letters()).at(-1);
      expect(letter).toContain("under a legal hold");
      expect(letter).toContain("You may complain");
      // Care goes on.
      await stage.records.read(
        { by: frontDesk, purpose: "TREAT", requestId: "r" },
        "Patient",
        stage.patient,
      );
    },
  );

  it("may be denied where no law gives it", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("erasure", {});
    expect(
      (await stage.decide(id, { decision: "deny", reason: "no-such-right" }))
        .status,
    ).toBe(200);
    await stage.end();
    const german = await privacyClinic({ jurisdictions: ["eu-gdpr"] });
    const other = await german.request("erasure", {});
    const { status, text } = await german.decide(other, {
      decision: "deny",
      reason: "no-such-right",
    });
    expect(status).toBe(422);
    expect(text).toContain("eu-gdpr-erasure");
    await german.decide(other, { decision: "deny", reason: "legal-claims" });
    await german.end();
  });
});

describe("a step that keeps failing", () => {
  it("ends with the privacy officer, not in silence", async () => {
    const stage = await privacyClinic({ failing: ["PrivacyCopy"] });
    await stage.request("access", {});
    expect(await stage.end()).toEqual(["FAILED"]);
    expect(
      (await stage.of("Task")).map(({ code }) => code?.coding?.[0]?.code),
    ).toContain("privacy-request-stuck");
  });
});

describe("the workflow", () => {
  it("was seen in every state, and is told ids only", async () => {
    const withdrawn = await privacyClinic();
    await withdrawn.withdraw(await withdrawn.request("erasure", {}));
    await withdrawn.end();
    expect([...visited].sort()).toEqual(
      [...statesOf("privacy-request")].sort(),
    );
    const stage = await privacyClinic();
    const id = await stage.request("restriction", {
      toward: "everyone",
      text: "canarysecret",
    });
    await stage.decide(id, {
      decision: "deny",
      reason: "not-agreed",
      text: "canarysecret",
    });
    await stage.end();
    const everything = JSON.stringify([
      stage.inputs,
      stage.logged,
      stage.executions(),
    ]);
    expect(everything).toContain(id);
    expect(everything).not.toMatch(/canary/i);
  });
});
