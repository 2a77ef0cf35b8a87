import type { Bundle } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { PatientId } from "../../functions/core/emergency-access.ts";
import { statesOf } from "../../simulator/staged-workflow.ts";
import { bySystem } from "../record.ts";
import {
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

const anObservation = (
  patient: string,
  status: "final" | "amended" = "final",
) => ({
  resourceType: "Observation" as const,
  status,
  code: { text: "<b>Blood pressure</b>" },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: "2026-10-01",
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

describe("a request that a person decides", () => {
  it("presses the more the nearer its day is, and every day once it is overdue", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("amendment", await anAmendment(stage));
    const due = (await stage.look(id)).restriction?.period?.end ?? "";
    expect(due).toBe("2027-01-23T04:59:59.000Z");
    const priorityAt = async (time: string) => {
      await stage.until(time);
      return (await stage.look(id)).priority;
    };
    expect(await priorityAt("2026-12-01T00:00:00Z")).toBe("routine");
    expect(await priorityAt("2026-12-24T12:00:00Z")).toBe("urgent");
    expect(await priorityAt("2027-01-16T12:00:00Z")).toBe("asap");
    expect(await priorityAt("2027-01-22T12:00:00Z")).toBe("stat");
    const overdue = () =>
      stage.logged.filter(({ fact }) => fact === "PrivacyRequestOverdue")
        .length;
    expect(overdue()).toBe(0);
    await stage.until("2027-01-23T05:10:00Z");
    expect(overdue()).toBe(1);
    await stage.until("2027-01-30T06:00:00Z");
    expect(overdue()).toBe(8);
    const asked = (await stage.of("Task")).filter(
      ({ code }) => code?.coding?.[0]?.code === "privacy-request-overdue",
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ priority: "stat", status: "requested" });
    expect(
      (await stage.decide(id, { decision: "extend", reason: "complex" }))
        .status,
    ).toBe(409);
    await stage.decide(id, {
      decision: "deny",
      reason: "accurate-and-complete",
    });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
  });

  it("may be put off once, in time, with the reason told", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("amendment", await anAmendment(stage));
    await stage.until("2026-12-20T00:00:00Z");
    const { body } = await stage.decide(id, {
      decision: "extend",
      reason: "off-site",
    });
    expect(body.due).toBe("2027-02-22T04:59:59.000Z");
    const again = await stage.decide(id, {
      decision: "extend",
      reason: "complex",
    });
    expect(again.status).toBe(409);
    expect(again.text).toContain("extended-once");
    await stage.until("2026-12-20T01:00:00Z");
    expect((await stage.letters())[1]).toContain("by February 21, 2027");
    await stage.until("2027-02-10T00:00:00Z");
    expect(stage.logged.map(({ fact }) => fact)).not.toContain(
      "PrivacyRequestOverdue",
    );
    await stage.decide(id, { decision: "deny", reason: "not-created-here" });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
  });

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

const anAmendment = async (
  stage: Awaited<ReturnType<typeof privacyClinic>>,
) => {
  const { id } = await stage.records.change(bySystem, (work) =>
    work.create(anObservation(stage.patient)),
  );
  return {
    resource: `Observation/${id}`,
    change: "It was 120/80.",
    reason: "Misread.",
  };
};

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

describe("a request that the person takes back", () => {
  const erasure = async () => {
    const stage = await privacyClinic();
    const id = await stage.request("erasure", {});
    await stage.until("2026-11-25T15:00:00Z");
    return { stage, id };
  };

  it("ends at once, is confirmed once, and stays so", async () => {
    const { stage, id } = await erasure();
    const { status, body } = await stage.withdraw(id);
    expect([status, body.status]).toEqual([200, "withdrawn"]);
    expect((await stage.withdraw(id)).status).toBe(200);
    await stage.until("2026-11-25T15:01:00Z");
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const task = await stage.look(id);
    expect(task.status).toBe("cancelled");
    expect((await stage.letters()).map((one) => one.split(":")[0])).toEqual([
      "acknowledged",
      "withdrawn",
    ]);
    const { facts } = await stage.records.audit(bySystem, {
      from: Date.parse("2026-11-01"),
      to: Date.parse("2027-12-01"),
      keeps: ({ changes }) =>
        changes.some(({ what }) => what === "PrivacyRequestWithdrawn"),
      count: 50,
    });
    expect(facts.map(({ by }) => by)).toEqual([`patient:${stage.patient}`]);
    const late = await stage.decide(id, { decision: "accept" }, fresh(stage));
    expect(late.status).toBe(409);
    // Asked anew, it begins anew.
    await stage.request("erasure", {});
    await stage.decide(
      (await stage.of("Task")).find(({ status: now }) => now === "requested")
        ?.id ?? "",
      { decision: "deny", reason: "no-such-right" },
    );
    await stage.end();
  });

  it("before it was acknowledged is only confirmed", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("restriction", { toward: "operations" });
    await stage.withdraw(id);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect((await stage.letters()).map((one) => one.split(":")[0])).toEqual([
      "withdrawn",
    ]);
  });

  it("presses nobody any more, however overdue it was", async () => {
    const { stage, id } = await erasure();
    await stage.until("2027-02-01T15:00:00Z");
    const overdue = async () =>
      (await stage.of("Task")).find(
        ({ code }) => code?.coding?.[0]?.code === "privacy-request-overdue",
      )?.status;
    expect(await overdue()).toBe("requested");
    await stage.withdraw(id);
    await stage.end();
    expect(await overdue()).toBe("completed");
  });

  it("through staff does so with proof of who asked, and has the letter printed", async () => {
    const { stage, id } = await erasure();
    const unproven = await stage.withdraw(id, frontDesk);
    expect(unproven.status).toBe(422);
    expect(unproven.text).toContain("how they made sure who asks");
    expect((await stage.look(id)).status).toBe("received");
    const { status } = await stage.withdraw(id, frontDesk, {
      verified: "called-back",
    });
    expect(status).toBe(200);
    await stage.end();
  });

  it("stays decided once it is decided", async () => {
    const { stage, id } = await erasure();
    await stage.decide(id, { decision: "deny", reason: "no-such-right" });
    const { status, text } = await stage.withdraw(id);
    expect(status).toBe(409);
    expect(text).toContain("what was decided cannot be withdrawn");
    await stage.end();
    expect((await stage.look(id)).status).toBe("rejected");
  });

  it("is somebody else's to leave alone", async () => {
    const { stage, id } = await erasure();
    const stranger = { ...stage.own, id: "01J00000000000000000000000" };
    expect((await stage.withdraw(id, stranger as Caller)).status).toBe(403);
    await stage.withdraw(id);
    await stage.end();
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
