import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import type { Server } from "./server.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { asClient, asPatient, aServer, nurse } from "./server.ts";

const staff = (
  ...roles: ("privacy-officer" | "front-desk" | "nurse")[]
): Caller => ({
  kind: "staff",
  id: `${roles.join("-")}-1`,
  roles,
  token: "t",
});
const officer = staff("privacy-officer");

interface Answered {
  readonly id: string;
  readonly status: string;
  readonly due: string;
  readonly rules: readonly string[];
}

const clinic = async (jurisdictions: readonly string[] = ["us-hipaa"]) => {
  const time = { now: Date.parse("2026-11-23T15:00:00Z") };
  const server = aServer({ now: () => new Date(time.now), jurisdictions });
  const patient = await server.make(aPatient());
  const other = await server.make(aPatient());
  const own = asPatient(patient.id);
  const use = (body: object, as: Caller = own) =>
    server.ask<Answered>("POST", "/v1/privacy-requests", { as, body });
  const decide = (id: string, body: object, as: Caller = officer) =>
    server.ask<Answered>("POST", `/v1/privacy-requests/${id}/decision`, {
      as,
      body,
    });
  return { server, time, patient, other, own, use, decide };
};

/** Policies in the facts of refusals, newest first. */
const refusals = async ({
  records,
}: Server): Promise<readonly (string | undefined)[]> => {
  const { facts } = await records.audit(bySystem, {
    from: Date.parse("2026-11-01"),
    to: Date.parse("2027-12-01"),
    keeps: ({ kind }) => kind === "refusal",
    count: 50,
  });
  return facts.map(({ policy }) => policy);
};

describe("who uses a right", () => {
  it("patients do for themselves, and are told by when", async () => {
    const { use, server, own } = await clinic(["us-hipaa", "us-ca"]);
    const { status, body } = await use({ kind: "access", details: {} });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "received",
      due: "2026-12-09T07:59:59.000Z".replace("07:59:59", "04:59:59"),
      rules: [
        "us-hipaa-access",
        "us-ca-copies",
        "us-ca-ccpa-access",
        "house-access",
      ],
    });
    const list = await server.ask<{ items: Answered[] }>(
      "GET",
      "/v1/privacy-requests",
      { as: own },
    );
    expect(list.body.items.map(({ id }) => id)).toEqual([body.id]);
  });

  it("it is a Task in the record, which its patient, search and audit see", async () => {
    const { use, server, own } = await clinic();
    const { body } = await use({ kind: "erasure" });
    const task = await server.ask("GET", `/Task/${body.id}`, { as: own });
    expect(task.body).toMatchObject({
      code: {
        coding: [{ system: "urn:sojourn:privacy-request", code: "erasure" }],
      },
      restriction: { period: { end: body.due } },
      performerType: [{ coding: [{ code: "privacy-officer" }] }],
    });
  });

  it("nobody does for somebody else, and learns nothing", async () => {
    const { use, other, server, own } = await clinic();
    const { status, text } = await use({ kind: "access", patient: other.id });
    expect(status).toBe(403);
    expect(text).toContain("patient-own-record");
    const theirs = await use({ kind: "access" }, asPatient(other.id));
    expect(
      (
        await server.ask("GET", `/v1/privacy-requests/${theirs.body.id}`, {
          as: own,
        })
      ).status,
    ).toBe(403);
    expect(
      (
        await server.ask("GET", "/v1/privacy-requests", {
          as: own,
          query: { patient: other.id },
        })
      ).status,
    ).toBe(403);
  });

  it("staff do for a patient whom they know, systems and nurses do not", async () => {
    const { use, patient } = await clinic();
    const desk = staff("front-desk");
    const request = { kind: "amendment", patient: patient.id };
    expect(
      (await use({ kind: "erasure", patient: patient.id }, desk)).status,
    ).toBe(422);
    expect(
      (await use({ kind: "erasure", verified: "photo-id" }, desk)).status,
    ).toBe(422);
    expect(
      (
        await use(
          { kind: "erasure", patient: patient.id, verified: "photo-id" },
          desk,
        )
      ).status,
    ).toBe(201);
    expect((await use(request, asClient("system/*.cruds"))).status).toBe(403);
    expect(
      (
        await use(
          { kind: "erasure", patient: patient.id, verified: "photo-id" },
          staff("nurse"),
        )
      ).status,
    ).toBe(403);
  });
});

describe("what bad requests get", () => {
  it.each([
    ["an unknown kind", { kind: "oblivion", details: {} }],
    ["details of another kind", { kind: "erasure", details: { form: "copy" } }],
    [
      "an amendment without a reason",
      {
        kind: "amendment",
        details: { resource: "Observation/x", change: "y" },
      },
    ],
    [
      "a restriction toward nobody we know",
      { kind: "restriction", details: { toward: "neighbours" } },
    ],
    [
      "a person that a restriction does not name",
      { kind: "restriction", details: { toward: "person" } },
    ],
    [
      "dates that are none",
      { kind: "accounting", details: { from: "yesterday" } },
    ],
    ["a patient that is none", { kind: "access", patient: "x" }],
  ])("%s: 400", async (_, body) => {
    const { use } = await clinic();
    expect((await use(body)).status).toBe(400);
  });

  it("an amendment of what is not in the record: 422, and of somebody else's: the same", async () => {
    const { use, other, server } = await clinic();
    const theirs = await server.make({
      resourceType: "Condition",
      clinicalStatus: {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/condition-clinical",
            code: "active",
          },
        ],
      },
      subject: { reference: `Patient/${other.id}` },
      code: { text: "Cold" },
    });
    const asked = (resource: string) =>
      use({
        kind: "amendment",
        details: { resource, change: "x", reason: "y" },
      });
    const answers = [
      await asked(`Condition/${theirs.id}`),
      await asked("Condition/unknown"),
      await asked("Spell/1"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(
      new Set(
        answers.map(({ text }) => text.replace(/"instance":"[^"]*"/u, "")),
      ).size,
    ).toBe(1);
  });

  it("the same again while it is open: 409", async () => {
    const { use } = await clinic();
    await use({ kind: "access" });
    const { status, text } = await use({ kind: "access" });
    expect(status).toBe(409);
    expect(text).toContain("request-open");
  });

  it("a Task that is no request: 404, whatever is asked of it", async () => {
    const { server, decide, patient, own } = await clinic();
    const task = await server.make({
      resourceType: "Task",
      status: "requested",
      intent: "order",
      code: {
        coding: [{ system: "urn:sojourn:privacy-request", code: "erasure" }],
      },
      for: { reference: `Patient/${patient.id}` },
    });
    expect((await decide(task.id, { decision: "accept" })).status).toBe(404);
    expect(
      (await server.ask("GET", `/v1/privacy-requests/${task.id}`, { as: own }))
        .status,
    ).toBe(404);
    expect(
      (
        await server.ask("GET", "/v1/privacy-requests/nonsense", {
          as: officer,
        })
      ).status,
    ).toBe(404);
  });
});

describe("who decides", () => {
  it.each([
    ["the patient", "own"],
    ["the front desk", staff("front-desk")],
    ["a nurse", nurse],
    ["a system", asClient("system/*.cruds")],
  ] as const)("%s does not", async (_, as) => {
    const { use, decide, own } = await clinic();
    const { body } = await use({
      kind: "restriction",
      details: { toward: "operations" },
    });
    const { status } = await decide(
      body.id,
      { decision: "accept" },
      as === "own" ? own : as,
    );
    expect(status).toBe(403);
  });

  it.each([["front-desk"], ["nurse"], ["privacy-officer"]] as const)(
    "a %s does not by a plain update of the Task",
    async (role) => {
      const { use, server } = await clinic();
      const { body } = await use({ kind: "erasure" });
      const task = await server.ask<object>("GET", `/Task/${body.id}`, {
        as: officer,
      });
      const put = await server.ask("PUT", `/Task/${body.id}`, {
        as: staff(role),
        body: { ...task.body, status: "accepted" },
      });
      expect(put.status).toBe(403);
      expect(put.text).toContain("right-by-operation");
      const bare = await server.ask("PUT", `/Task/${body.id}`, {
        as: staff(role),
        body: { ...task.body, status: "accepted", meta: {} },
      });
      expect(bare.status).toBe(403);
    },
  );

  it("a decision stays as it is", async () => {
    const { use, decide, server } = await clinic();
    const { body } = await use({
      kind: "restriction",
      details: { toward: "operations" },
    });
    expect(
      (await decide(body.id, { decision: "deny", reason: "not-agreed" })).body
        .status,
    ).toBe("denied");
    const again = await decide(body.id, { decision: "accept" });
    expect(again.status).toBe(409);
    expect(again.text).toContain("request-closed");
    expect(await refusals(server)).toContain("request-closed");
  });

  it("a denial needs a reason that the law allows, and is told which", async () => {
    const { use, decide, server } = await clinic();
    const { body } = await use({
      kind: "restriction",
      details: { toward: "payer", selfPaid: true },
    });
    const { status, text } = await decide(body.id, {
      decision: "deny",
      reason: "not-agreed",
    });
    expect(status).toBe(422);
    expect(text).toContain("us-hipaa-restriction-self-pay");
    expect(text).toContain("not-paid-in-full");
    expect(await refusals(server)).toContain("us-hipaa-restriction");
    expect(
      (await decide(body.id, { decision: "deny", reason: "because" })).status,
    ).toBe(400);
    expect((await decide(body.id, { decision: "deny" })).status).toBe(400);
    expect((await decide(body.id, { decision: "accept" })).status).toBe(200);
  });

  it("nothing puts off what the law does not let be put off", async () => {
    const { use, decide } = await clinic(["us-hipaa", "us-ca"]);
    const { body } = await use({ kind: "portability" });
    const { status, text } = await decide(body.id, {
      decision: "extend",
      reason: "complex",
    });
    expect(status).toBe(422);
    expect(text).toContain("not-extendable");
  });

  it("nothing is put off once its day has passed", async () => {
    const { use, decide, time, server } = await clinic();
    const { body } = await use({ kind: "access" });
    time.now = Date.parse(body.due) + 1000;
    const { status, text } = await decide(body.id, {
      decision: "extend",
      reason: "complex",
    });
    expect(status).toBe(409);
    expect(text).toContain("extended-in-time");
    expect(await refusals(server)).toContain("extended-in-time");
  });
});

const aParent = (patient: string, more: object = {}) => ({
  resourceType: "RelatedPerson" as const,
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
  ...more,
});

describe("who takes a request back, or has a denial reviewed", () => {
  const child = async () => {
    const stage = await clinic();
    const { id } = await stage.server.make(
      aPatient({ birthDate: "2018-05-04" }),
    );
    const { body } = await stage.use({ kind: "erasure" }, asPatient(id));
    const post = (path: string, as: Caller, sent: object = {}) =>
      stage.server.ask<Answered>(
        "POST",
        `/v1/privacy-requests/${body.id}/${path}`,
        { as, body: sent },
      );
    return { ...stage, child: id, id: body.id, post };
  };
  const parent: Caller = { kind: "patient", id: "parent-1", token: "t" };

  it("a proxy does while that is in force", async () => {
    const { server, child: id, post } = await child();
    expect((await post("withdrawal", parent)).status).toBe(403);
    await server.make(aParent(id));
    expect((await post("withdrawal", parent)).body.status).toBe("withdrawn");
    expect((await post("withdrawal", parent)).status).toBe(200);
  });

  it("a proxy whose time is over does not", async () => {
    const { server, child: id, post } = await child();
    await server.make(aParent(id, { period: { end: "2026-01-01" } }));
    for (const path of ["withdrawal", "review"])
      expect((await post(path, parent)).status).toBe(403);
  });

  it.each([
    ["a nurse", nurse],
    ["a system", asClient("system/*.cruds")],
    ["another patient", asPatient("01J00000000000000000000000")],
  ])("%s does not", async (_, as) => {
    const { post, server, id } = await child();
    for (const path of ["withdrawal", "review"])
      expect((await post(path, as, { verified: "photo-id" })).status).toBe(403);
    const task = await server.ask<{ status: string }>("GET", `/Task/${id}`, {
      as: officer,
    });
    expect(task.body.status).toBe("requested");
  });

  it("the privacy officer does on the person's behalf only, and says how that is known", async () => {
    const { post, server } = await child();
    expect((await post("withdrawal", officer)).status).toBe(422);
    expect(await refusals(server)).toContain("identity-verified");
    expect(
      (await post("withdrawal", officer, { verified: "signed-form" })).status,
    ).toBe(200);
  });

  it("is told what is wrong: 400 for a body that says more, 404 for what is no request", async () => {
    const { post, server, own } = await child();
    expect((await post("withdrawal", own, { because: "x" })).status).toBe(400);
    const body = { verified: "photo-id" };
    for (const path of ["withdrawal", "review"])
      expect(
        (
          await server.ask("POST", `/v1/privacy-requests/nonsense/${path}`, {
            as: officer,
            body,
          })
        ).status,
      ).toBe(404);
  });

  it("what was withdrawn is not decided, and what was denied is not withdrawn", async () => {
    const { post, decide, id, child: who } = await child();
    await post("withdrawal", asPatient(who));
    const { status, text } = await decide(id, {
      decision: "deny",
      reason: "no-such-right",
    });
    expect([status, text]).toEqual([
      409,
      expect.stringContaining("request-closed"),
    ]);
  });

  it("a review while it is open stands in nobody's way who asks anew", async () => {
    const { use, decide, server, own } = await clinic(["us-wa"]);
    const { body } = await use({ kind: "erasure" });
    await decide(body.id, { decision: "deny", reason: "no-such-right" });
    const review = await server.ask<Answered>(
      "POST",
      `/v1/privacy-requests/${body.id}/review`,
      { as: own, body: {} },
    );
    expect(review.status).toBe(201);
    expect((await use({ kind: "erasure" })).status).toBe(201);
    const refused = await decide(review.body.id, {
      decision: "deny",
      reason: "no-such-right",
    });
    expect(refused.status).toBe(403);
    expect(await refusals(server)).toContain("review-by-another");
  });
});
