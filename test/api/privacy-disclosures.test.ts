import type { Consent } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import type { OutsideClient } from "../../functions/core/disclosure.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { asPatient, aServer, nurse } from "./server.ts";

const officer: Caller = {
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
};

const registry: OutsideClient = {
  name: "State immunization registry",
  address: "1 Capitol Square",
  purpose: "PUBHLTH",
  basis: "public-health",
};
const partner: OutsideClient = {
  name: "Riverside Hospital",
  purpose: "TREAT",
  basis: "operations",
};

const system = (id: string): Caller => ({
  kind: "client",
  id,
  scopes: ["system/*.rs"],
  token: "t",
});

const clinic = async () => {
  const clock = { now: Date.parse("2026-03-02T15:00:00.000Z") };
  const server = aServer({
    now: () => new Date(clock.now),
    recipients: { registry, partner },
  });
  const patient = await server.make(aPatient());
  const record = (change: object = {}, as: Caller = nurse) =>
    server.ask<{ id: string; notice?: string; consent?: string }>(
      "POST",
      "/v1/disclosures",
      {
        as,
        body: {
          patient: patient.id,
          at: "2026-03-01T10:00:00Z",
          recipient: { name: "County health department", address: "2 Main St" },
          what: "A positive test",
          purpose: "PUBHLTH",
          basis: "public-health",
          ...change,
        },
      },
    );
  const account = (
    as: Caller,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) =>
    server.ask<{
      items: readonly {
        recipient: { name: string };
        what: string;
        why: string;
        automatic: boolean;
      }[];
    }>("GET", `/v1/patients/${patient.id}/disclosures`, {
      as,
      query,
      headers,
    });
  return { clock, server, patient, record, account };
};

describe("a disclosure", () => {
  it("is told to the patient with date, recipient, what, why and the rule", async () => {
    const { record, account, patient } = await clinic();
    expect((await record()).status).toBe(201);
    const { status, body } = await account(asPatient(patient.id));
    expect(status).toBe(200);
    expect(body.items).toEqual([
      expect.objectContaining({
        at: "2026-03-01T10:00:00Z",
        recipient: { name: "County health department", address: "2 Main St" },
        what: "A positive test",
        why: "public health (for public health)",
        citation: "45 CFR 164.512(b)",
        automatic: false,
      }),
    ]);
  });

  it("lies sealed in the patient's partition, and its fact holds ids only", async () => {
    const { server, record, patient } = await clinic();
    await record();
    const { items } = await server.table.query({
      pk: `PATIENT#${patient.id}`,
      prefix: "D#",
    });
    expect(items).toHaveLength(1);
    const facts = await server.table.query({
      pk: `PATIENT#${patient.id}`,
      prefix: "F#",
    });
    const text = JSON.stringify([...items, ...facts.items]);
    expect(text).toContain("Disclosed");
    expect(text).not.toMatch(/County|positive|Main/);
  });

  it.each([
    { basis: "operations" },
    { authorised: true },
    { basis: "oversight", withheldUntil: "2026-04-01T00:00:00Z" },
    { at: "2020-03-01T00:00:00Z" },
  ])("with %j is not told", async (change) => {
    const { record, account, patient } = await clinic();
    expect((await record(change)).status).toBe(201);
    expect((await account(asPatient(patient.id))).body.items).toEqual([]);
  });

  it("that is withheld shows nowhere where the patient looks", async () => {
    const { server, record, patient } = await clinic();
    const withheldUntil = "2026-04-01T00:00:00Z";
    await record({ basis: "law-enforcement", withheldUntil });
    const as = asPatient(patient.id);
    const log = await server.ask(
      "GET",
      `/v1/patients/${patient.id}/access-log`,
      { as },
    );
    const trail = await server.ask("GET", "/AuditEvent", {
      as,
      query: { patient: patient.id },
    });
    expect(`${log.text}${trail.text}`).not.toMatch(/Disclos|outside/);
    const day = await server.ask("GET", "/AuditEvent", {
      as: officer,
      query: { date: "2026-03-02" },
    });
    expect(day.text).toContain("Disclosed");
  });

  it("that was withheld is told when the time is over", async () => {
    const { clock, record, account, patient } = await clinic();
    await record({ basis: "oversight", withheldUntil: "2026-04-01T00:00:00Z" });
    clock.now = Date.parse("2026-04-01T00:00:00Z");
    expect((await account(asPatient(patient.id))).body.items).toHaveLength(1);
  });

  it("of the future, or of nobody in the record, is refused", async () => {
    const { server, record } = await clinic();
    expect((await record({ at: "2026-03-03T00:00:00Z" })).status).toBe(422);
    expect((await record({ patient: server.newId() })).status).toBe(422);
  });

  it("of a Part 2 program's records needs the patient's Consent and brings the notice", async () => {
    const { server, record, patient } = await clinic();
    const other = await server.make(aPatient());
    const consentOf = (id: string, status: Consent["status"] = "active") =>
      server.make<Consent>({
        resourceType: "Consent",
        status,
        scope: { text: "Sharing" },
        category: [{ text: "Sharing" }],
        patient: { reference: `Patient/${id}` },
        policyRule: { text: "42 CFR Part 2" },
      });
    const made = async (id: string, status?: Consent["status"]) =>
      `Consent/${(await consentOf(id, status)).id}`;
    const part2 = { part2: true, basis: "operations", purpose: "TREAT" };
    expect((await record(part2)).status).toBe(400);
    expect(
      (await record({ ...part2, consent: await made(other.id) })).status,
    ).toBe(422);
    expect(
      (await record({ ...part2, consent: await made(patient.id, "inactive") }))
        .status,
    ).toBe(422);
    const consent = await made(patient.id);
    const { status, body } = await record({ ...part2, consent });
    expect(status).toBe(201);
    expect(body.consent).toBe(consent);
    expect(body.notice).toContain("42 CFR 2.32");
  });
});

describe("what another system reads of a Part 2 program's records", () => {
  const notice = "x-redisclosure-notice";

  it("brings the notice along, alone and in a bundle; other answers do not", async () => {
    const { server, patient } = await clinic();
    const label = {
      system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
      code: "ETH",
    };
    const made = (labelled: boolean) =>
      server.records.change(bySystem, (work) =>
        work.create({
          resourceType: "Condition",
          code: { text: "A condition" },
          subject: { reference: `Patient/${patient.id}` },
          ...(labelled && { meta: { security: [label] } }),
        }),
      );
    const [plain, labelled] = [await made(false), await made(true)];
    const headersOf = async (path: string, as: Caller) => {
      const { status, headers } = await server.ask("GET", path, { as });
      expect(status).toBe(200);
      return headers;
    };
    const as = system("ehr");
    expect(await headersOf(`/Condition/${plain.id}`, as)).not.toHaveProperty(
      notice,
    );
    for (const path of [
      `/Condition/${labelled.id}`,
      `/Patient/${patient.id}/Condition`,
    ])
      expect((await headersOf(path, as))[notice]).toContain("42 CFR Part 2");
    expect(
      await headersOf(`/Condition/${labelled.id}`, asPatient(patient.id)),
    ).not.toHaveProperty(notice);
  });
});

describe("an accounting", () => {
  it("tells of what systems of others read, once a day, not of our own nor of care", async () => {
    const { clock, server, account, patient } = await clinic();
    const read = (id: string) =>
      server.ask("GET", `/Patient/${patient.id}`, { as: system(id) });
    for (const id of ["registry", "registry", "partner", "ehr"]) await read(id);
    clock.now += 86_400_000;
    await server.ask("GET", `/Patient/${patient.id}/$everything`, {
      as: system("registry"),
    });
    const { body } = await account(officer);
    expect(body.items).toHaveLength(2);
    expect(body.items).toEqual([
      expect.objectContaining({
        recipient: { name: registry.name, address: registry.address },
        what: "name, address and contact details",
        automatic: true,
      }),
      expect.objectContaining({ at: "2026-03-02T15:00:00.000Z" }),
    ]);
  });

  it("begins where it is asked to, and says what it spans", async () => {
    const { record, account } = await clinic();
    await record({ at: "2026-02-01T10:00:00Z" });
    await record({ at: "2026-02-20T10:00:00Z" });
    const { body } = await account(officer, { since: "2026-02-10" });
    expect(body.items).toHaveLength(1);
    expect(body).toMatchObject({ from: "2026-02-10T00:00:00.000Z" });
    expect(
      (await account(officer, { since: "1999-01-01" })).body,
    ).toMatchObject({ from: "2020-03-02T15:00:00.000Z" });
    expect((await account(officer, { since: "soon" })).status).toBe(400);
  });

  it("speaks Spanish to who asks for it", async () => {
    const { record, account, patient } = await clinic();
    await record();
    const { body } = await account(
      asPatient(patient.id),
      {},
      { "accept-language": "fr, es-US;q=0.9, en;q=0.5" },
    );
    expect(body.items[0]?.why).toBe("salud pública (para la salud pública)");
  });

  it("is not for other patients, nor for staff without that office", async () => {
    const { server, account } = await clinic();
    const other = await server.make(aPatient());
    expect((await account(asPatient(other.id))).status).toBe(403);
    const desk: Caller = { ...officer, id: "d", roles: ["front-desk"] };
    expect((await account(desk)).status).toBe(200);
    expect((await account({ ...officer, roles: ["nurse"] })).status).toBe(403);
  });

  it("includes what went out under a record merged into this one, and leaves a fact", async () => {
    const { server, record, account, patient } = await clinic();
    const old = await server.make(aPatient());
    await record({ patient: old.id });
    await server.records.change(bySystem, async (work) => {
      const { id, ...rest } = await work.demand("Patient", old.id);
      await work.update({
        ...rest,
        id,
        active: false,
        link: [
          {
            other: { reference: `Patient/${patient.id}` },
            type: "replaced-by",
          },
        ],
      });
    });
    expect((await account(officer)).body.items).toHaveLength(1);
    const { items } = await server.table.query({
      pk: `PATIENT#${patient.id}`,
      prefix: "F#",
    });
    expect(JSON.stringify(items)).toContain("DisclosuresAccounted");
  });
});
