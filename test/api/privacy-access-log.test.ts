import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { languageOf } from "../../functions/core/access-words.ts";
import { declarations } from "../../functions/resources/all.ts";
import { accessRow } from "../../functions/core/access-log.ts";
import { aPatient } from "../store/builders.ts";
import { asClient, asPatient, aServer, nurse, type Server } from "./server.ts";

interface Log {
  readonly items: readonly {
    readonly at: string;
    readonly who: { kind: string; id: string; name: string; role?: string };
    readonly did: string;
    readonly what: readonly string[];
    readonly why: string;
    readonly emergency: boolean;
  }[];
  readonly next?: string;
}

const officer: Caller = {
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
};
const doctor: Caller = {
  kind: "staff",
  id: "a.okafor",
  roles: ["clinician"],
  token: "t",
};

const clinic = async () => {
  const clock = { now: Date.parse("2026-03-02T15:00:00.000Z") };
  const server = aServer({ now: () => new Date(clock.now) });
  const patient = await server.make(aPatient());
  const later = (): void => {
    clock.now += 60_000;
  };
  const log = (
    as: Caller,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) =>
    server.ask<Log>("GET", `/v1/patients/${patient.id}/access-log`, {
      as,
      query,
      headers,
    });
  const look = async (as: Caller, headers = {}) => {
    later();
    return server.ask("GET", `/Patient/${patient.id}`, { as, headers });
  };
  return { clock, server, patient, later, log, look };
};

const introduce = async (server: Server): Promise<void> => {
  const { id } = await server.make({
    resourceType: "Practitioner",
    identifier: [{ system: "urn:sojourn:staff", value: "a.okafor" }],
    name: [{ prefix: ["Dr."], given: ["Ada"], family: "Okafor" }],
  });
  await server.make({
    resourceType: "PractitionerRole",
    practitioner: { reference: `Practitioner/${id}` },
    code: [{ text: "Cardiologist" }],
  });
};

describe("the access log", () => {
  it("tells the patient who saw what and why, newest first, in plain words", async () => {
    const { server, patient, log, look } = await clinic();
    await introduce(server);
    await look(doctor);
    await look(asClient("system/*.rs"));
    await look(asPatient(patient.id));
    const { status, body } = await log(asPatient(patient.id));
    expect(status).toBe(200);
    expect(body.items.map(({ who, did, why }) => [who.name, did, why])).toEqual(
      [
        ["You", "saw", "because you asked"],
        ["A connected system", "saw", "for your care"],
        ["Dr. Ada Okafor", "saw", "for your care"],
        ["A member of staff", "changed", "for your care"],
      ],
    );
    expect(body.items[2]).toMatchObject({
      at: "2026-03-02T15:01:00.000Z",
      who: { kind: "staff", id: "a.okafor", role: "Cardiologist" },
      what: ["name, address and contact details"],
      emergency: false,
    });
  });

  it("marks what was done in an emergency", async () => {
    const { log, look } = await clinic();
    await look(doctor, { "X-Purpose-Of-Use": "ETREAT" });
    const { body } = await log(officer);
    expect(body.items[0]).toMatchObject({
      emergency: true,
      why: "for your care in an emergency",
    });
  });

  it("comes page by page, each entry once, and does not grow by being read", async () => {
    const { log, look, patient } = await clinic();
    for (let times = 0; times < 7; times += 1) await look(nurse);
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { body } = await log(asPatient(patient.id), {
        count: "3",
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...body.items.map(({ at }) => at));
      cursor = body.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });

  it("speaks Spanish to who asks for it", async () => {
    const { log, patient } = await clinic();
    const answer = await log(
      asPatient(patient.id),
      {},
      { "Accept-Language": "es-MX" },
    );
    expect(answer.headers["content-language"]).toBe("es");
    expect(answer.body.items[0]).toMatchObject({
      who: { name: "Una persona del personal" },
      did: "cambió",
    });
  });

  it("is for the patient, whoever acts for them and the privacy officer only", async () => {
    const { clock, server, patient, log } = await clinic();
    const parent = await server.make(aPatient());
    const child = await server.make(aPatient({ birthDate: "2020-01-01" }));
    await server.make({
      resourceType: "RelatedPerson",
      patient: { reference: `Patient/${child.id}` },
      active: true,
      identifier: [{ system: "urn:sojourn:user", value: parent.id }],
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
    const ofChild = (as: Caller) =>
      server.ask<Log>("GET", `/v1/patients/${child.id}/access-log`, { as });
    expect((await ofChild(asPatient(parent.id))).status).toBe(200);
    // From then on some of a minor's care stays between them and the clinic.
    clock.now = Date.parse("2034-01-02T15:00:00Z");
    const closed = await ofChild(asPatient(parent.id));
    expect(closed.status).toBe(403);
    expect(closed.text).toContain("teen-private");
    expect((await ofChild(asPatient(child.id))).status).toBe(200);
    expect((await ofChild(asPatient(patient.id))).status).toBe(403);
    expect((await log(asPatient(parent.id))).status).toBe(403);
    expect((await log(officer)).status).toBe(200);
    expect((await log(doctor)).status).toBe(403);
    expect((await log({ ...doctor, roles: ["front-desk"] })).status).toBe(403);
  });

  it.each([
    { count: "0" },
    { count: "101" },
    { count: "many" },
    { cursor: "forged" },
  ])("asked with %j is refused", async (query) => {
    const { log } = await clinic();
    expect((await log(officer, query)).status).toBe(400);
  });
});

describe("the words", () => {
  it("name every type that a patient's record holds, in both languages", () => {
    const types = Object.entries(declarations)
      .filter(([, { home }]) => home === "self" || Array.isArray(home))
      .map(([type]) => type)
      .concat(["Disclosure", "EmergencyAccess", "Erasure", "Export"])
      .concat(["LegalHold", "Session", "Slot"]);
    const wordsFor = (type: string, language: "en" | "es") =>
      accessRow(
        {
          at: "",
          by: "system:x",
          kind: "read",
          outcome: "done",
          purpose: "TREAT",
          changes: [{ type, what: "" }],
        },
        { language, people: [], isSelf: true, staff: new Map() },
      ).what;
    const unnamed = types.filter(
      (type) =>
        wordsFor(type, "en").includes("other parts of the record") ||
        wordsFor(type, "es").includes("otras partes del expediente"),
    );
    expect(unnamed).toEqual([]);
  });

  it.each([
    [undefined, "en"],
    ["", "en"],
    ["de", "en"],
    ["es", "es"],
    ["en;q=0.4, ES-us;q=0.8", "es"],
    ["es;q=0, en", "en"],
    ["*", "en"],
  ])("for Accept-Language %j are %s", (header, language) => {
    expect(languageOf(header)).toBe(language);
  });

  it("survive any header", () => {
    fc.assert(
      fc.property(fc.string(), (header) =>
        ["en", "es"].includes(languageOf(header)),
      ),
    );
  });
});
