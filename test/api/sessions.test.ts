import type { AuditEvent, Bundle } from "@medplum/fhirtypes";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fhir } from "../../functions/api/fhir.ts";
import type { Caller } from "../../functions/core/caller.ts";
import { endReasons } from "../../functions/core/session.ts";
import { wrongWith } from "./audit-definition.ts";
import { aPatient } from "../store/builders.ts";
import {
  aRequest,
  asClient,
  asPatient,
  aServer,
  codesOf,
  type Server,
} from "./server.ts";

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.parse("2026-03-02T15:00:00.000Z");

let server: Server;
let time = begin;

beforeEach(() => {
  time = begin;
  server = aServer({ now: () => new Date(time) });
});

type StaffCaller = Extract<Caller, { kind: "staff" }>;
const signedIn = <C extends Caller>(
  caller: C,
  session = "one",
  at = begin,
): C => ({ ...caller, signedIn: { session, at } });
const staff = (
  role: StaffCaller["roles"][number],
  id = `${role}-1`,
): StaffCaller => ({ kind: "staff", id, roles: [role], token: "t" });
const nurse = signedIn(staff("nurse"));
const officer = () => signedIn(staff("privacy-officer"), "officer", time);

const asks = (as: Caller, path = "/Practitioner") =>
  server.ask("GET", path, { as });
const statusOf = async (...asked: Parameters<typeof asks>) =>
  (await asks(...asked)).status;

interface Told {
  readonly signedIn: string;
  readonly endsAt: string;
  readonly endsAtLatest: string;
}
const told = (as: Caller, method = "GET") =>
  server.ask<Told>(method, "/v1/session", { as });

const kept = () =>
  (server.table.dump?.() ?? [])
    .filter(({ sk }) => sk.startsWith("F#"))
    .flatMap(({ pk, kind, by, changes }) =>
      (changes as { what: string }[]).map(({ what }) => ({
        pk: pk.split("#")[0],
        kind,
        by,
        what,
      })),
    );
const noted = (what: string) => kept().filter((fact) => fact.what === what);

describe("a session", () => {
  test("that nobody uses for fifteen minutes ends at the API, in FHIR and beside it", async () => {
    expect(await statusOf(nurse)).toBe(200);
    time += 15 * minute;
    const refused = await asks(nurse);
    expect(refused.status).toBe(401);
    expect(codesOf(refused)).toEqual(["expired"]);
    expect(refused.text).toContain("(session-idle)");
    expect(refused.headers["www-authenticate"]).toBe("Bearer");
    expect(await told(nurse)).toMatchObject({
      status: 401,
      body: { title: "SessionIdle", status: 401 },
    });
    expect(noted("SessionIdle")).toEqual(
      Array.from({ length: 2 }, () => ({
        pk: "FACTS",
        kind: "refusal",
        by: "staff:nurse-1",
        what: "SessionIdle",
      })),
    );
  });

  test("that was refused is told as an AuditEvent with the sign-in's name", async () => {
    time += 15 * minute;
    await asks(nurse);
    const { body } = await server.ask<Bundle<AuditEvent>>(
      "GET",
      "/AuditEvent",
      {
        as: officer(),
        query: { date: "2026-03-02" },
      },
    );
    const [told] = (body.entry ?? []).flatMap(({ resource }) => resource ?? []);
    expect(told).toMatchObject({
      type: { code: "110113" },
      subtype: [{ code: "SessionIdle" }],
      outcome: "8",
      entity: [
        {
          what: { identifier: { system: "urn:sojourn:Session", value: "one" } },
        },
        {},
      ],
    });
    expect(told && wrongWith(told)).toEqual([]);
  });

  test("writes nothing once it has ended", async () => {
    const body = aPatient();
    time += 15 * minute;
    const before = server.table.dump?.().length ?? 0;
    const { status } = await server.ask("POST", "/Patient", {
      as: nurse,
      body,
    });
    expect(status).toBe(401);
    expect(server.table.dump?.()).toHaveLength(before + 1);
    expect(kept().map(({ what }) => what)).toEqual(["SessionIdle"]);
  });

  test("ends after twelve hours of work, and a refreshed token does not renew it", async () => {
    for (; time < begin + 12 * hour; time += 10 * minute)
      expect(await statusOf(nurse)).toBe(200);
    const refreshed = { ...nurse, token: "another" };
    const { status, text } = await asks(refreshed);
    expect(status).toBe(401);
    expect(text).toContain("(session-expired)");
    expect(await statusOf(signedIn(staff("nurse"), "two", time))).toBe(200);
  });

  test("tells when it ends without living longer for it", async () => {
    await asks(nurse);
    time += 10 * minute;
    const { body } = await told(nurse);
    expect(body).toEqual({
      signedIn: new Date(begin).toISOString(),
      endsAt: new Date(begin + 15 * minute).toISOString(),
      endsAtLatest: new Date(begin + 12 * hour).toISOString(),
    });
    time += 5 * minute - 1;
    expect((await told(nurse)).body.endsAt).toBe(body.endsAt);
    time += 1;
    expect(await statusOf(nurse)).toBe(401);
  });

  test("goes on when the person says so", async () => {
    await asks(nurse);
    time += 13 * minute;
    expect((await told(nurse, "POST")).body.endsAt).toBe(
      new Date(time + 15 * minute).toISOString(),
    );
    time += 14 * minute;
    expect(await statusOf(nurse)).toBe(200);
  });

  test("that was left takes no token of it any more, replayed ones included", async () => {
    await asks(nurse);
    const { status } = await server.ask("DELETE", "/v1/session", { as: nurse });
    expect(status).toBe(204);
    for (const path of ["/Practitioner", "/v1/session"])
      expect(await asks(nurse, path)).toMatchObject({ status: 401 });
    expect((await asks({ ...nurse, token: "refreshed" })).text).toContain(
      "(session-ended)",
    );
    expect(noted("SignedOut")).toMatchObject([
      { pk: "FACTS", kind: "admin", by: "staff:nurse-1" },
    ]);
    expect(await statusOf(signedIn(staff("nurse"), "two"))).toBe(200);
  });

  test("is of people: a clinic system has none", async () => {
    const system = asClient("system/*.rs");
    expect(await statusOf(system)).toBe(200);
    time += 24 * hour;
    expect(await statusOf(system)).toBe(200);
    expect((await told(system)).status).toBe(403);
    expect(
      server.table.dump?.().filter(({ pk }) => pk.startsWith("SESSIONS#")),
    ).toEqual([]);
  });

  test("is needed where somebody signed in, whatever an area forgot", async () => {
    const { sessions: _sessions, ...forgetful } = server;
    const failures: unknown[] = [];
    const log = Object.assign(() => undefined, {
      error: (_fact: string, _ids: object, cause: unknown) =>
        failures.push(cause),
    });
    const handler = fhir({
      ...forgetful,
      log,
      authenticate: () => Promise.resolve(nurse),
    });
    const { statusCode } = await handler(aRequest("GET", "/Practitioner"), {});
    expect(statusCode).toBe(500);
    expect(failures).toHaveLength(1);
  });
});

describe("ending the sessions of somebody else", () => {
  const end = (
    path: string,
    { as = officer(), reason = "left" }: { as?: Caller; reason?: string } = {},
  ) =>
    server.ask<{ ended: number }>("POST", `/v1/${path}/end-sessions`, {
      as,
      body: { reason },
    });

  test("shuts an employee out at once, on every device, and nobody else", async () => {
    await asks(nurse);
    await asks(signedIn(staff("nurse"), "two"));
    const other = signedIn(staff("nurse", "nurse-2"));
    await asks(other);
    time += minute;
    const { status, body } = await end("staff/nurse-1");
    expect({ status, body }).toEqual({ status: 200, body: { ended: 2 } });
    for (const session of ["one", "two", "not seen yet"])
      expect((await asks(signedIn(staff("nurse"), session))).text).toContain(
        "(session-ended)",
      );
    expect(await statusOf(other)).toBe(200);
    expect(noted("SessionsEndedOnLeaving")).toMatchObject([
      { pk: "FACTS", kind: "admin", by: "staff:privacy-officer-1" },
    ]);
    time += 1000;
    expect(await statusOf(signedIn(staff("nurse"), "new", time))).toBe(200);
  });

  test("shuts a patient's sessions too, and the patient's record tells it", async () => {
    const { id } = await server.make(aPatient());
    const patient = signedIn(asPatient(id));
    expect(await statusOf(patient, `/Patient/${id}`)).toBe(200);
    time += minute;
    const { body } = await end(`patients/${id}`, { reason: "lost-device" });
    expect(body).toEqual({ ended: 1 });
    expect(await statusOf(patient, `/Patient/${id}`)).toBe(401);
    expect(noted("SessionsEndedOnLoss")).toMatchObject([
      { pk: "PATIENT", kind: "admin" },
    ]);
  });

  test("shuts out whoever acts for a patient and is none", async () => {
    const proxy = signedIn(asPatient("parent@example.org"));
    expect(await statusOf(proxy)).toBe(200);
    time += minute;
    const { body } = await end("patients/parent%40example.org");
    expect(body).toEqual({ ended: 1 });
    expect(await statusOf(proxy)).toBe(401);
    expect(noted("SessionsEndedOnLeaving")).toMatchObject([
      { pk: "FACTS", kind: "admin" },
    ]);
  });

  test.each(Object.entries(endReasons))(
    "for the reason %s is told as %s",
    async (reason, what) => {
      expect((await end("staff/nurse-1", { reason })).body).toEqual({
        ended: 0,
      });
      expect(noted(what)).toHaveLength(1);
    },
  );

  test.each([
    ["a nurse", 403, () => nurse],
    ["a patient", 403, () => signedIn(asPatient("01J00000000000000000000000"))],
    ["a clinic system", 403, () => asClient("system/*.cruds")],
    ["a manager", 200, () => signedIn(staff("manager"), "m")],
  ])("by %s is answered %i", async (_name, status, as) => {
    expect((await end("staff/nurse-2", { as: as() })).status).toBe(status);
  });

  test.each([
    ["without a reason", "staff/nurse-1", "", 400],
    ["for a reason of its own", "staff/nurse-1", "because of Zachary", 400],
    ["of no portal account", "patients/zachary%20x", "left", 404],
    [
      "of an unknown patient",
      "patients/01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "left",
      404,
    ],
    ["of no user name", "staff/zachary%20x", "left", 404],
  ])(
    "%s is refused and writes nothing",
    async (_name, path, reason, status) => {
      await asks(officer());
      const before = kept().length;
      const answer = await end(path, { reason });
      expect(answer.status).toBe(status);
      expect(answer.text).not.toMatch(/zachary/i);
      expect(kept()).toHaveLength(before);
    },
  );
});

describe("step-up", () => {
  let patient = "";
  beforeEach(async () => {
    patient = (await server.make(aPatient())).id;
  });
  const breaks = (as: Caller) =>
    server.ask("POST", "/v1/emergency-access", {
      as,
      body: { patient, reason: "covering", text: "On call for the ward." },
    });

  test("a sign-in of the last five minutes opens what asks for one, an older one does not", async () => {
    time += 5 * minute;
    expect((await breaks(nurse)).status).toBe(201);
    time += 1;
    const refused = await breaks(nurse);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("step-up-required");
    expect((await breaks(signedIn(staff("nurse"), "two", time))).status).toBe(
      201,
    );
  });

  test("neither activity nor a refreshed token makes a sign-in fresh", async () => {
    await asks(nurse);
    time += 6 * minute;
    await told(nurse, "POST");
    expect((await breaks(signedIn(staff("nurse"), "one", time))).status).toBe(
      403,
    );
  });
});

afterEach(() => {
  expect(server.logged.filter(({ fact }) => fact === "RequestFailed")).toEqual(
    [],
  );
});
