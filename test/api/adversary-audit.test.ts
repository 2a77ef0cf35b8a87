import type {
  Appointment,
  AuditEvent,
  Bundle,
  Communication,
  Consent,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { onlyBy } from "../../functions/core/confidential.ts";
import type { Caller } from "../../functions/core/caller.ts";
import type { OutsideClient } from "../../functions/core/disclosure.ts";
import type { Role } from "../../functions/core/settings.ts";
import type { Kept } from "../../functions/store/records.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { aConsent, named } from "./relatives.ts";
import { asClient, asPatient, aServer } from "./server.ts";

const at = "2026-03-02T15:00:00.000Z";

const staff = (...roles: readonly Role[]): Caller => ({
  kind: "staff",
  id: `${roles.join("-")}-1`,
  roles,
  token: "t",
});
const officer = staff("privacy-officer");

const lab: OutsideClient = {
  name: "Riverside Laboratory",
  purpose: "PUBHLTH",
  basis: "public-health",
};

const aClinic = async () => {
  const server = aServer({
    now: () => new Date(at),
    recipients: { lab },
    jurisdictions: ["us-hipaa", "us-part2"],
  });
  const make = <T extends Kept>(resource: T) =>
    server.records.change(bySystem, (work) => work.create(resource));
  const change = <T extends Kept>(resource: T & { id: string }) =>
    server.records.change(bySystem, (work) => work.update(resource));
  const patient = await make<Patient>(aPatient());
  const friend = await make<Patient>(aPatient());
  const relative = await make<RelatedPerson>({
    resourceType: "RelatedPerson",
    patient: { reference: `Patient/${patient.id}` },
    active: true,
    identifier: [{ system: "urn:sojourn:user", value: friend.id }],
    relationship: [
      {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
            code: "HPOWATT",
          },
        ],
      },
    ],
  });
  const trail = async (as: Caller) => {
    const { status, body, text } = await server.ask<Bundle<AuditEvent>>(
      "GET",
      "/AuditEvent",
      { as, query: { patient: patient.id, _count: "200" } },
    );
    const events = body.entry?.flatMap(({ resource }) => resource ?? []) ?? [];
    return { status, text, events };
  };
  const log = (as: Caller) =>
    server.ask<{ items: readonly { what: readonly string[] }[] }>(
      "GET",
      `/v1/patients/${patient.id}/access-log`,
      { as },
    );
  const account = (as: Caller) =>
    server.ask<{ items: readonly { what: string }[] }>(
      "GET",
      `/v1/patients/${patient.id}/disclosures`,
      { as },
    );
  const disclose = (more: object) =>
    server.ask("POST", "/v1/disclosures", {
      as: officer,
      body: {
        patient: patient.id,
        at: "2026-03-01T10:00:00Z",
        recipient: { name: "County" },
        what: "A report",
        purpose: "PUBHLTH",
        basis: "public-health",
        ...more,
      },
    });
  return {
    server,
    make,
    change,
    patient,
    friend,
    relative,
    trail,
    log,
    account,
    disclose,
  };
};

const labelled = (
  patient: string,
  code: string,
  status: Appointment["status"],
): Appointment => ({
  resourceType: "Appointment",
  meta: { security: [{ code }] },
  status,
  start: "2026-02-02T15:00:00Z",
  end: "2026-02-02T15:30:00Z",
  participant: [
    { actor: { reference: `Patient/${patient}` }, status: "accepted" },
  ],
});

const denial = (
  patient: string,
  relative: string,
  labels: readonly string[],
): Consent =>
  aConsent(patient, {
    type: "deny",
    securityLabel: labels.map((code) => ({ code })),
    actor: named(relative),
  });

describe("the name of an event", () => {
  test("tells no more of a resource than its reader may read of it", async () => {
    const { make, change, patient, trail, server } = await aClinic();
    const visit = await make(labelled(patient.id, "42CFRPart2", "booked"));
    await change<Appointment>({ ...visit, status: "arrived" });
    await server.records.change(bySystem, (work) =>
      work.remove("Appointment", visit.id),
    );
    for (const as of [officer, staff("manager"), asClient("system/*.rs")]) {
      const { status, text, events } = await trail(as);
      expect(status).toBe(200);
      expect(text).not.toMatch(/AppointmentArrived|AppointmentBooked/);
      expect(
        events.flatMap(({ subtype = [] }) => subtype.map(({ code }) => code)),
      ).toEqual(
        expect.arrayContaining([
          "AppointmentCreated",
          "AppointmentUpdated",
          "AppointmentDeleted",
        ]),
      );
      for (const { id = "" } of events) {
        const one = await server.ask("GET", `/AuditEvent/${id}`, { as });
        expect(one.status).toBe(200);
        expect(one.text).not.toMatch(/AppointmentArrived|AppointmentBooked/);
      }
    }
    const own = await trail(asPatient(patient.id));
    expect(own.text).toMatch(/AppointmentArrived/);
  });

  test("is told of what is open, also to a system that watches the trail alone", async () => {
    const { make, patient, trail } = await aClinic();
    await make(labelled(patient.id, "N", "fulfilled"));
    for (const as of [officer, asClient("system/AuditEvent.rs")])
      expect((await trail(as)).text).toContain("AppointmentFulfilled");
  });
});

describe("whoever acts for a patient", () => {
  test("learns from no trail of what is closed to them", async () => {
    const clinic = await aClinic();
    const { make, patient, friend, relative, trail, log, server } = clinic;
    const open = await make(labelled(patient.id, "N", "fulfilled"));
    const closed = await make(labelled(patient.id, "HIV", "fulfilled"));
    await make(denial(patient.id, relative.id, ["HIV"]));
    const as = asPatient(friend.id);
    const { status, text, events } = await trail(as);
    expect(status).toBe(200);
    expect(text).toContain(open.id);
    expect(text).not.toContain(closed.id);
    expect(events.length).toBeGreaterThan(2);
    const whole = await trail(asPatient(patient.id));
    expect(whole.text).toContain(closed.id);
    const hidden = whole.events.filter((event) =>
      JSON.stringify(event).includes(closed.id),
    );
    for (const { id = "" } of hidden)
      expect(
        (await server.ask("GET", `/AuditEvent/${id}`, { as })).status,
      ).toBe(404);
    expect((await log(as)).body.items).toHaveLength(events.length);
  });

  test("learns from none that the patient asked to be reached elsewhere", async () => {
    const { make, patient, friend, trail, log } = await aClinic();
    await make<Consent>(
      onlyBy(patient.id, { means: "email", address: "safe@example.org" }, at),
    );
    await make<Communication>({
      resourceType: "Communication",
      status: "completed",
      subject: { reference: `Patient/${patient.id}` },
    });
    const told = async (as: Caller) =>
      `${(await trail(as)).text}${(await log(as)).text}`;
    expect(await told(asPatient(patient.id))).toMatch(/Consent\//);
    expect(await told(asPatient(friend.id))).not.toMatch(
      /Consent|Communication|message/i,
    );
  });

  test("is not told of disclosures of what is closed to them", async () => {
    const clinic = await aClinic();
    const { make, patient, friend, relative, account, disclose } = clinic;
    const closed = await make(labelled(patient.id, "HIV", "fulfilled"));
    const open = await make(labelled(patient.id, "N", "fulfilled"));
    const consent = await make(denial(patient.id, relative.id, ["HIV"]));
    const made = [
      { what: "Of what is open", resources: [`Appointment/${open.id}`] },
      { what: "Of what is closed", resources: [`Appointment/${closed.id}`] },
      {
        what: "Of a Part 2 program",
        part2: true,
        consent: `Consent/${consent.id}`,
      },
    ];
    for (const one of made) expect((await disclose(one)).status).toBe(201);
    const told = async (as: Caller) =>
      (await account(as)).body.items.map(({ what }) => what).toSorted();
    expect(await told(asPatient(patient.id))).toEqual(
      made.map(({ what }) => what).toSorted(),
    );
    expect(await told(asPatient(friend.id))).toEqual(["Of what is open"]);
  });

  test("nor of what another system read of it", async () => {
    const clinic = await aClinic();
    const { make, patient, friend, relative, account, server } = clinic;
    const closed = await make(labelled(patient.id, "HIV", "fulfilled"));
    await make(denial(patient.id, relative.id, ["HIV"]));
    const as: Caller = {
      kind: "client",
      id: "lab",
      scopes: ["system/*.rs"],
      token: "t",
    };
    const { status } = await server.ask("GET", `/Appointment/${closed.id}`, {
      as,
    });
    expect(status).toBe(200);
    expect((await account(asPatient(patient.id))).body.items).toHaveLength(1);
    expect((await account(asPatient(friend.id))).body.items).toEqual([]);
  });
});

describe("an accounting of disclosures", () => {
  test("is handed out by the front desk and the privacy officer, and by nobody else", async () => {
    const { account } = await aClinic();
    const status = async (...roles: readonly Role[]) =>
      (await account(staff(...roles))).status;
    expect(await status("front-desk")).toBe(200);
    expect(await status("privacy-officer")).toBe(200);
    for (const role of ["nurse", "clinician", "manager"] as const)
      expect(await status(role)).toBe(403);
  });

  test("not by a front desk to whom the patient closed the record", async () => {
    const { make, patient, account } = await aClinic();
    await make<Consent>({
      ...denial(patient.id, "", []),
      provision: {
        type: "deny",
        actor: [
          {
            role: { coding: [{ code: "IRCP" }] },
            reference: {
              identifier: { system: "urn:sojourn:role", value: "front-desk" },
            },
          },
        ],
      },
    });
    expect((await account(staff("front-desk"))).status).toBe(403);
    expect((await account(officer)).status).toBe(200);
  });

  test("leaves nothing out because it is called authorized, if it was not permitted", async () => {
    const { disclose } = await aClinic();
    const { status } = await disclose({
      basis: "not-permitted",
      authorised: true,
    });
    expect(status).toBe(400);
  });
});
