import type {
  Appointment,
  AuditEvent,
  Bundle,
  OperationOutcome,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { auditEvent } from "../../functions/api/fhir/audit-event.ts";
import { factKinds, type Fact } from "../../functions/store/facts.ts";
import { wrongWith } from "./audit-definition.ts";
import { asClient, asPatient, aServer, nurse, type Server } from "./server.ts";

const officer: Caller = {
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
};
const day = 86_400_000;

/** A server whose clock is moved by hand. */
const aClinic = (start = "2026-03-02T15:00:00Z") => {
  const clock = { now: Date.parse(start) };
  const server = aServer({ now: () => new Date(clock.now) });
  return { ...server, clock };
};

const trail = async (
  { ask }: Pick<Server, "ask">,
  query: Record<string, string | string[]>,
  as: Caller = officer,
): Promise<readonly AuditEvent[]> => {
  const { status, body, text } = await ask<Bundle<AuditEvent>>(
    "GET",
    "/AuditEvent",
    { query, as },
  );
  if (status !== 200) throw new Error(text);
  return body.entry?.flatMap(({ resource }) => resource ?? []) ?? [];
};

const shown = ({ action, subtype = [] }: AuditEvent): string =>
  `${action ?? ""} ${subtype.map(({ code }) => code ?? "").join(" ")}`.trim();

describe("the trail of a patient", () => {
  test("tells what was done, newest first, by whom and to what", async () => {
    const clinic = aClinic();
    const patient = await clinic.make<Patient>({ resourceType: "Patient" });
    const relative = await clinic.make<RelatedPerson>({
      resourceType: "RelatedPerson",
      patient: { reference: `Patient/${patient.id}` },
    });
    await clinic.ask("GET", `/Patient/${patient.id}`, {
      as: asPatient(patient.id),
    });
    await clinic.ask("PUT", `/Patient/${patient.id}`, {
      body: { ...patient, gender: "other" },
    });
    await clinic.ask("DELETE", `/RelatedPerson/${relative.id}`);

    const events = await trail(clinic, { patient: patient.id });
    expect(events.map(shown)).toEqual([
      "D delete RelatedPersonDeleted",
      "U update PatientUpdated",
      "R read PatientRead",
      "C create RelatedPersonCreated",
      "C create PatientCreated",
    ]);
    expect(events.flatMap(wrongWith)).toEqual([]);
    expect(events[2]?.agent[0]).toMatchObject({
      who: { reference: `Patient/${patient.id}` },
      requestor: true,
      purposeOfUse: [{ coding: [{ code: "PATRQT" }] }],
    });
    expect(events[3]).toMatchObject({
      outcome: "0",
      agent: [
        {
          who: { identifier: { system: "urn:sojourn:staff", value: nurse.id } },
          requestor: true,
        },
        { requestor: false },
      ],
      entity: [
        { what: { reference: `Patient/${patient.id}` }, role: { code: "1" } },
        {
          what: { reference: `RelatedPerson/${relative.id}/_history/1` },
          role: { code: "4" },
        },
        { type: { code: "XrequestId" } },
      ],
    });
  });

  test("is narrowed by agent, action, entity and date", async () => {
    const clinic = aClinic();
    const patient = await clinic.make<Patient>({ resourceType: "Patient" });
    const about = { patient: `Patient/${patient.id}` };
    clinic.clock.now += day;
    await clinic.ask("GET", `/Patient/${patient.id}`, {
      as: asPatient(patient.id),
    });
    const relative = await clinic.make<RelatedPerson>({
      resourceType: "RelatedPerson",
      patient: { reference: `Patient/${patient.id}` },
    });
    const asked = async (query: Record<string, string | string[]>) =>
      (await trail(clinic, { ...about, ...query })).map(shown);
    const [read, created] = ["R read PatientRead", "C create PatientCreated"];
    const related = "C create RelatedPersonCreated";
    expect(await asked({ action: "R" })).toEqual([read]);
    expect(await asked({ action: "R,C" })).toEqual([related, read, created]);
    expect(await asked({ agent: `Patient/${patient.id}` })).toEqual([read]);
    expect(
      await asked({ "agent:identifier": `urn:sojourn:staff|${nurse.id}` }),
    ).toEqual([related, created]);
    expect(await asked({ entity: `RelatedPerson/${relative.id}` })).toEqual([
      related,
    ]);
    expect(await asked({ date: "2026-03-02" })).toEqual([created]);
    expect(await asked({ date: ["ge2026-03-03", "lt2026-03-04"] })).toEqual([
      related,
      read,
    ]);
  });

  test("goes on page by page, each entry once", async () => {
    const clinic = aClinic();
    const patient = await clinic.make<Patient>({ resourceType: "Patient" });
    for (let reads = 0; reads < 7; reads += 1) {
      clinic.clock.now += 1000;
      await clinic.ask("GET", `/Patient/${patient.id}`);
    }
    const seen: string[] = [];
    let query: Record<string, string> = { patient: patient.id, _count: "3" };
    for (let pages = 0; pages < 4; pages += 1) {
      const { body } = await clinic.ask<Bundle<AuditEvent>>(
        "POST",
        "/AuditEvent/_search",
        {
          as: officer,
          body: new URLSearchParams(query).toString(),
          headers: { "content-type": "application/x-www-form-urlencoded" },
        },
      );
      seen.push(
        ...(body.entry ?? []).map(({ resource }) => resource?.id ?? ""),
      );
      const next = body.link?.find(({ relation }) => relation === "next")?.url;
      if (next === undefined) break;
      expect(next).not.toContain(patient.id);
      query = {
        ...query,
        _cursor: new URL(next).searchParams.get("_cursor") ?? "",
      };
    }
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  test("does not grow by being read; the reading is a fact of the day", async () => {
    const clinic = aClinic();
    const patient = await clinic.make<Patient>({ resourceType: "Patient" });
    const first = await trail(clinic, { patient: patient.id });
    expect(await trail(clinic, { patient: patient.id })).toEqual(first);
    const [read] = await trail(clinic, { date: "2026-03-02", action: "R" });
    expect(read).toMatchObject({
      type: { display: "Audit Log Used" },
      agent: [{ who: { identifier: { value: "officer-1" } } }, {}],
      entity: [{ what: { reference: `Patient/${patient.id}` } }, {}],
    });
    expect([read].flatMap((one) => one ?? []).flatMap(wrongWith)).toEqual([]);
  });
});

describe("the trail of days", () => {
  test("tells changes of patients, of the directory, and refusals, over days and pages", async () => {
    const clinic = aClinic();
    const expected: string[] = [];
    for (let days = 0; days < 3; days += 1) {
      const patient = await clinic.make<Patient>({ resourceType: "Patient" });
      clinic.clock.now += 1000;
      await clinic.make({ resourceType: "Location", name: "House" });
      clinic.clock.now += 1000;
      await clinic.ask("GET", `/Patient/${patient.id}`, {
        as: asPatient("01JD0000000000000000000009"),
      });
      expected.unshift(
        "E",
        "C create LocationCreated",
        "C create PatientCreated",
      );
      clinic.clock.now += day;
    }
    const query = { date: ["ge2026-03-01", "lt2026-03-10"] };
    expect((await trail(clinic, query)).map(shown)).toEqual(expected);
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await clinic.ask<Bundle<AuditEvent>>(
        "GET",
        "/AuditEvent",
        {
          as: officer,
          query: {
            ...query,
            date: ["ge2026-03-01", "lt2026-03-05"],
            _count: "2",
            ...(cursor !== undefined && { _cursor: cursor }),
          },
        },
      );
      pages.push(
        ...(body.entry ?? []).flatMap(({ resource }) =>
          resource === undefined ? [] : [shown(resource)],
        ),
      );
      const next = body.link?.find(({ relation }) => relation === "next")?.url;
      cursor =
        next === undefined
          ? undefined
          : (new URL(next).searchParams.get("_cursor") ?? "");
    } while (cursor !== undefined);
    expect(pages).toEqual(expected);
    const [refused] = await trail(clinic, { ...query, action: "E" });
    expect(refused).toMatchObject({
      outcome: "8",
      type: { display: "Security Alert" },
    });
    expect([refused].flatMap((one) => one ?? []).flatMap(wrongWith)).toEqual(
      [],
    );
  });

  test.each<[string, Record<string, string>]>([
    ["no dates", {}],
    ["no beginning", { date: "lt2026-03-10" }],
    ["a quarter", { date: "2026" }],
  ])("needs dates that span a month at most: %s", async (_, query) => {
    const answer = await aClinic().ask<OperationOutcome>("GET", "/AuditEvent", {
      query,
      as: officer,
    });
    expect([answer.status, answer.body.issue[0]?.code]).toEqual([
      400,
      "too-costly",
    ]);
  });
});

describe("one entry", () => {
  test("is read by its id", async () => {
    const clinic = aClinic();
    const { id } = await clinic.make<Patient>({ resourceType: "Patient" });
    await clinic.make({ resourceType: "Location", name: "House" });
    const [ofPatient] = await trail(clinic, { patient: id });
    const [, ofDay] = await trail(clinic, { date: "2026-03-02" });
    for (const event of [ofPatient, ofDay]) {
      const { status, body } = await clinic.ask(
        "GET",
        `/AuditEvent/${event?.id ?? ""}`,
        { as: officer },
      );
      expect([status, body]).toEqual([200, event]);
    }
  });

  test.each([
    "01JD0000000000000000000009",
    "01JD0000000000000000000009-01JD0000000000000000000009",
    "nothing",
  ])("that is none is 404: %s", async (id) => {
    const { status } = await aClinic().ask("GET", `/AuditEvent/${id}`, {
      as: officer,
    });
    expect(status).toBe(404);
  });

  test("is neither written nor deleted, and has no versions", async () => {
    const { ask } = aClinic();
    for (const [method, path, allow] of [
      ["POST", "/AuditEvent", "GET"],
      ["PUT", "/AuditEvent/1", "GET"],
      ["PATCH", "/AuditEvent/1", "GET"],
      ["DELETE", "/AuditEvent/1", "GET"],
    ] as const) {
      const { status, headers } = await ask(method, path, {
        as: officer,
        body: { resourceType: "AuditEvent" },
      });
      expect([method, status, headers.allow]).toEqual([method, 405, allow]);
    }
  });
});

describe("who may", () => {
  test("privacy officers, managers, patients about themselves", async () => {
    const clinic = aClinic();
    const { id } = await clinic.make<Patient>({ resourceType: "Patient" });
    const other = await clinic.make<Patient>({ resourceType: "Patient" });
    const status = async (as: Caller, query: Record<string, string>) =>
      (await clinic.ask("GET", "/AuditEvent", { as, query })).status;
    const ofPatient = { patient: id };
    const ofDay = { date: "2026-03-02" };
    const plain: Caller = { ...officer, roles: ["nurse", "front-desk"] };
    const manager: Caller = { ...officer, roles: ["manager"] };
    expect(await status(officer, ofDay)).toBe(200);
    expect(await status(manager, ofPatient)).toBe(200);
    expect(await status(plain, ofPatient)).toBe(403);
    expect(await status(plain, ofDay)).toBe(403);
    expect(await status(asPatient(id), ofPatient)).toBe(200);
    expect(await status(asPatient(other.id), ofPatient)).toBe(403);
    expect(await status(asPatient(id), ofDay)).toBe(403);
    expect(await status(asClient("system/*.rs"), ofPatient)).toBe(200);
    expect(await status(asClient("system/AuditEvent.rs"), ofPatient)).toBe(200);
    expect(await status(asClient("system/Patient.rs"), ofPatient)).toBe(403);
    expect(await status(asClient("system/*.cud"), ofPatient)).toBe(403);
  });
});

describe("what is not understood is refused", () => {
  test.each<[string, Record<string, string>]>([
    ["an unknown parameter", { name: "x" }],
    ["a date that is none", { date: "yesterday" }],
    ["an action that is none", { action: "X" }],
    ["an agent without its kind", { agent: "r.diaz" }],
    ["a forged cursor", { _cursor: "AAAA" }],
    ["a count that is none", { _count: "-1" }],
  ])("%s", async (_, query) => {
    const clinic = aClinic();
    const { id } = await clinic.make<Patient>({ resourceType: "Patient" });
    const { status, text } = await clinic.ask("GET", "/AuditEvent", {
      as: officer,
      query: { patient: id, ...query },
    });
    expect(status).toBe(400);
    expect(text).not.toContain("yesterday");
  });
});

const id = "01JD0000000000000000000009";
const aFact = fc.record<Fact>({
  v: fc.constant(1),
  id: fc.constant(id),
  kind: fc.constantFrom(...factKinds),
  at: fc.constant("2026-03-02T15:00:00.000Z"),
  by: fc.constantFrom(
    `patient:${id}`,
    "staff:a:b",
    "client:ehr",
    "system:tasks/send-message",
  ),
  purpose: fc.constantFrom("TREAT", "PATRQT"),
  outcome: fc.constantFrom("done", "refused"),
  requestId: fc.uuid(),
  patient: fc.option(fc.constant(id), { nil: undefined }),
  changes: fc.array(
    fc.record({
      type: fc.constantFrom<Appointment["resourceType"] | "Patient">(
        "Appointment",
        "Patient",
      ),
      id: fc.constant(`${id}-${id}`),
      version: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom("PatientCreated", "AppointmentBooked", "XDeleted"),
    }),
    { maxLength: 4 },
  ),
});

test("every fact is a valid AuditEvent with at most one patient", () => {
  fc.assert(
    fc.property(aFact, (fact) => {
      const event = auditEvent(fact, "demo");
      expect(wrongWith(event)).toEqual([]);
      expect(
        event.entity?.filter(({ role }) => role?.code === "1"),
      ).toHaveLength(fact.patient === undefined ? 0 : 1);
      expect(event.agent.filter(({ requestor }) => requestor)).toHaveLength(1);
    }),
  );
});
