import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import {
  frontDesk,
  officer,
  privacyClinic,
  reviewer,
} from "./privacy-clinic.ts";

type Stage = Awaited<ReturnType<typeof privacyClinic>>;

/** Access, denied by the officer on a licensed professional's judgement. */
const deniedAccess = async (
  jurisdictions: readonly string[] = ["us-hipaa"],
  decision: object = {
    decision: "deny",
    reason: "endangers-life",
    judgedBy: "psychiatrist-1",
  },
) => {
  const stage = await privacyClinic({ jurisdictions });
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
  const first = await stage.request("access", {});
  await stage.until("2026-11-25T15:00:00Z");
  const { status, text } = await stage.decide(first, decision);
  expect(status, text).toBe(200);
  await stage.end();
  return { stage, first };
};

const lastLetter = async (stage: Stage) => (await stage.letters()).at(-1) ?? "";

describe("a denial that the law has reviewed", () => {
  it("says so in its letter, and how to ask for it", async () => {
    const { stage } = await deniedAccess();
    expect(await lastLetter(stage)).toMatch(
      /another licensed professional, who had no part in this, review it: in the portal under Privacy, or at /u,
    );
  });

  it("is looked at again by another licensed professional, whose acceptance gives the copy", async () => {
    const { stage, first } = await deniedAccess();
    const { status, body } = await stage.review(first);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: "access",
      status: "received",
      reviews: first,
      rules: ["us-hipaa-review"],
      due: "2026-12-26T04:59:59.000Z",
    });
    await stage.until("2026-11-26T15:00:00Z");
    expect((await stage.look(body.id)).status).toBe("received");
    expect(await lastLetter(stage)).toContain(
      "We have received your request to review our denial of your request for access to your record. We will answer by December 25, 2026.",
    );
    const accepted = await stage.decide(
      body.id,
      { decision: "accept" },
      reviewer,
    );
    expect(accepted.status).toBe(200);
    expect(await stage.end()).toEqual(["SUCCEEDED", "SUCCEEDED"]);
    const files = await stage.ask<{ files: { name: string }[] }>(
      "GET",
      `/v1/privacy-requests/${body.id}/result`,
      {
        ...stage.own,
        signedIn: { session: "own", at: stage.clock.now() },
      } as Caller,
    );
    expect(files.body.files.map(({ name }) => name)).toEqual([
      "index.html",
      "record-1.json",
    ]);
    expect((await stage.look(first)).status).toBe("rejected");
  });

  it("stands when the reviewer says so, and is not reviewed again", async () => {
    const { stage, first } = await deniedAccess();
    const { body } = await stage.review(first);
    const other = await stage.decide(
      body.id,
      { decision: "deny", reason: "legal-proceedings" },
      reviewer,
    );
    expect(other.status).toBe(422);
    expect(other.text).not.toContain("identity-not-verified");
    await stage.decide(
      body.id,
      { decision: "deny", reason: "endangers-life" },
      reviewer,
    );
    await stage.end();
    const letter = await lastLetter(stage);
    expect(letter).toContain("had no part in our decision has looked again");
    expect(letter).toContain("hhs.gov/ocr/complaints");
    expect(letter).not.toContain("You may ask");
    for (const id of [first, body.id]) {
      const { status, text } = await stage.review(id);
      expect([status, text]).toEqual([
        409,
        expect.stringContaining("review-once"),
      ]);
    }
  });

  it.each([
    [
      "who denied it",
      { ...officer(), roles: reviewer.kind === "staff" ? reviewer.roles : [] },
      "review-by-another",
    ],
    [
      "on whose judgement it was denied",
      { ...reviewer, id: "psychiatrist-1" },
      "review-by-another",
    ],
    [
      "without a license",
      { ...officer(), id: "officer-2" },
      "review-by-licensed-professional",
    ],
  ] as const)("is not decided by somebody %s", async (_, as, policy) => {
    const { stage, first } = await deniedAccess();
    const { body } = await stage.review(first);
    for (const decision of [
      { decision: "accept" },
      { decision: "deny", reason: "endangers-life" },
    ]) {
      const { status, text } = await stage.decide(body.id, decision, as);
      expect([status, text]).toEqual([403, expect.stringContaining(policy)]);
    }
    await stage.decide(body.id, { decision: "accept" }, reviewer);
    await stage.end();
  });

  it("may be asked for through staff, taken back, and asked for again", async () => {
    const { stage, first } = await deniedAccess();
    expect((await stage.review(first, frontDesk)).status).toBe(422);
    const { body } = await stage.review(first, frontDesk, {
      verified: "photo-id",
    });
    expect((await stage.review(first)).status).toBe(409);
    await stage.withdraw(body.id);
    await stage.end();
    expect(await lastLetter(stage)).toContain(
      "You have withdrawn your request to review our denial of",
    );
    const again = await stage.review(first);
    expect(again.status).toBe(201);
    await stage.decide(again.body.id, { decision: "accept" }, reviewer);
    await stage.end();
  });

  it("presses when nobody reviews it in time", async () => {
    const { stage, first } = await deniedAccess();
    const { body } = await stage.review(first);
    await stage.until("2026-12-26T06:00:00Z");
    expect(stage.logged).toContainEqual(
      expect.objectContaining({
        fact: "PrivacyRequestOverdue",
        ids: expect.objectContaining({ id: body.id }) as object,
      }),
    );
    await stage.decide(body.id, { decision: "accept" }, reviewer);
    await stage.end();
  });
});

describe("a denial that no law has reviewed", () => {
  it.each([
    [
      "ground",
      ["us-hipaa"],
      { decision: "deny", reason: "confidential-source" },
    ],
    [
      "law",
      ["us-hipaa", "us-ca", "us-tx"],
      { decision: "deny", reason: "legal-proceedings" },
    ],
    ["law", ["eu-gdpr"], { decision: "deny", reason: "rights-of-others" }],
  ] as const)("by its %s stays as it is: %s", async (_, where, decision) => {
    const { stage, first } = await deniedAccess(where, decision);
    expect(await lastLetter(stage)).not.toMatch(/You may (ask that|appeal)/u);
    const { status, text } = await stage.review(first);
    expect([status, text]).toEqual([
      409,
      expect.stringContaining("review-not-given"),
    ]);
  });

  it("and what was not denied is not reviewed", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("restriction", { toward: "operations" });
    const { status, text } = await stage.review(id);
    expect([status, text]).toEqual([
      409,
      expect.stringContaining("review-of-denial"),
    ]);
    await stage.withdraw(id);
    await stage.end();
  });
});

describe("an appeal", () => {
  it.each([
    ["us-wa", "2027-01-11T04:59:59.000Z", "atg.wa.gov"],
    ["us-tx", "2027-01-26T04:59:59.000Z", "texasattorneygeneral.gov"],
  ])("in %s is for anybody else to decide", async (state, due, attorney) => {
    const stage = await privacyClinic({ jurisdictions: [state] });
    const id = await stage.request("erasure", {});
    await stage.until("2026-11-26T15:00:00Z");
    await stage.decide(id, { decision: "deny", reason: "no-such-right" });
    await stage.end();
    expect(await lastLetter(stage)).toContain("You may appeal");
    const { body } = await stage.review(id);
    expect(body.due).toBe(due);
    const denial = { decision: "deny", reason: "no-such-right" };
    expect((await stage.decide(body.id, denial)).status).toBe(403);
    const second = { ...officer(), id: "officer-2" } as Caller;
    expect((await stage.decide(body.id, denial, second)).status).toBe(200);
    await stage.end();
    expect(await lastLetter(stage)).toContain(attorney);
  });

  it("against what a law forbids to erase is open too", async () => {
    const stage = await privacyClinic({ jurisdictions: ["us-wa"] });
    const id = await stage.request("erasure", {});
    await (
      await stage.holds()
    ).place(bySystem, stage.patient, { reason: "litigation", text: "A v. B" });
    await stage.decide(id, { decision: "accept" }, officer(stage.clock.now()));
    await stage.end();
    const { status, body } = await stage.review(id);
    expect(status).toBe(201);
    await stage.withdraw(body.id);
    await stage.end();
  });
});
