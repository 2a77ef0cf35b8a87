import type {
  Appointment,
  Binary,
  Consent,
  Observation,
} from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { routes } from "../../functions/api/routes.ts";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { names } from "../policies/policy-files.ts";
import { aPatient } from "../store/builders.ts";
import {
  canaries,
  canary,
  codeSystem,
  idSystem,
  ways,
  type Twin,
  type Way,
} from "./labelled-ways.ts";
import { aSubscriber, aSubscription } from "../events/subscriber.ts";
import { exportClinic } from "./export-clinic.ts";
import { aConsent } from "./relatives.ts";
import { asPatient, aServer, nurse, type Server } from "./server.ts";

const at = Date.parse("2026-03-02T15:00:00.000Z");

const staff = (role: "front-desk" | "nurse"): Caller => ({
  kind: "staff",
  id: `${role}-1`,
  roles: [role],
  token: "t",
  signedIn: { session: role, at },
});
const ehr: Caller = {
  kind: "client",
  id: "ehr",
  scopes: ["system/*.cruds"],
  location: "US-NY",
  token: "t",
};

/** What its patient says otherwise than the twin. */
const secrets = [canary, "Otherwise"] as const;

const settle = async (
  { records }: Pick<Server, "records">,
  label: string,
  secret: string,
  ask: Server["ask"],
): Promise<Twin> => {
  const meta = { security: [{ code: label }] };
  const twin = await records.change(bySystem, async (work) => {
    const { id: patient } = await work.create(aPatient());
    const subject = { reference: `Patient/${patient}` };
    const observation = await work.create<Observation>({
      resourceType: "Observation",
      meta,
      identifier: [{ system: idSystem, value: secret }],
      status: secret === canary ? "final" : "preliminary",
      code: { text: secret, coding: [{ system: codeSystem, code: secret }] },
      subject,
      valueString: secret,
    });
    const appointment = await work.create<Appointment>({
      resourceType: "Appointment",
      meta,
      status: secret === canary ? "booked" : "fulfilled",
      description: secret,
      start: "2026-02-02T15:00:00Z",
      end: "2026-02-02T15:30:00Z",
      participant: [{ actor: subject, status: "accepted" }],
    });
    const open = await work.create<Observation>({
      resourceType: "Observation",
      status: "final",
      code: { text: "Panel" },
      subject,
      hasMember: [{ reference: `Observation/${observation.id}` }],
    });
    return {
      patient,
      observation: observation.id,
      appointment: appointment.id,
      open: open.id,
    };
  });
  const { body } = await ask<Binary>("POST", "/Binary", {
    headers: { "content-type": "application/fhir+json" },
    body: {
      resourceType: "Binary",
      meta,
      contentType: "text/plain",
      data: Buffer.from(secret).toString("base64"),
      securityContext: { reference: `Patient/${twin.patient}` },
    },
  });
  return { ...twin, binary: body.id ?? "" };
};

const permission = (patient: string, label: string): Consent =>
  aConsent(patient, { type: "permit", securityLabel: [{ code: label }] });

const isTold = (text: string): boolean =>
  canaries.some((one) => text.includes(one));

/** What the caller itself said is no news. */
const isNews = (told: string, [, path, ask]: Way): boolean =>
  isTold(told) && !isTold(JSON.stringify([path, ask]));

/** An answer in which ids and what is sealed are the same for both twins. */
const alike = (text: string): string => {
  const known = new Map<string, string>();
  return text
    .replaceAll(/_cursor=[^"&]+/g, "_cursor")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid")
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, (id) => {
      const name = known.get(id) ?? `id${String(known.size)}`;
      known.set(id, name);
      return name;
    });
};

const all = (twin: Twin): readonly Way[] =>
  Object.values(ways).flatMap((some) => some(twin));

const aClinic = async (label: string) => {
  const server = aServer({ jurisdictions: names, now: () => new Date(at) });
  const [twin, other] = [
    await settle(server, label, secrets[0], server.ask),
    await settle(server, label, secrets[1], server.ask),
  ];
  const answered = async (way: Way, as: Caller, headers: object = {}) => {
    const [method, path, options = {}] = way;
    const {
      status,
      text,
      bytes,
      headers: told,
    } = await server.ask(method, path, {
      ...options,
      as,
      headers: { ...options.headers, ...headers },
    });
    return {
      told: [text, bytes.toString(), JSON.stringify(told)].join("\n"),
      text: alike([String(status), text, JSON.stringify(told)].join("\n")),
    };
  };
  /** The ways that tell it. */
  const told = async (
    as: Caller,
    headers: object = {},
  ): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const way of all(twin).filter(([method]) => reads(method)))
      if (isNews((await answered(way, as, headers)).told, way))
        found.push(`${way[0]} ${way[1]}`);
    return found;
  };
  return { ...server, twin, other, answered, told };
};

const reads = (method: string): boolean =>
  method === "GET" || method === "POST" || method === "HEAD";

const hidden = [
  ["42CFRPart2", "a nurse", nurse],
  ["PSYTHPN", "a nurse", nurse],
  ["V", "a nurse", nurse],
  ["R", "the front desk", staff("front-desk")],
  ["SEX", "a clinic's system elsewhere", ehr],
] as const;

describe.each(hidden)("what is labelled %s, to %s,", (label, _, as) => {
  test("is told in no byte, and answers do not depend on it", async () => {
    const { twin, other, answered } = await aClinic(label);
    const others = all(other);
    const [told, differing]: [string[], string[]] = [[], []];
    for (const [index, way] of all(twin).entries()) {
      const mine = await answered(way, as);
      const theirs = await answered(others[index] ?? way, as);
      if (isNews(mine.told, way)) told.push(JSON.stringify(way));
      if (!isOfBoth(way) && mine.text !== theirs.text)
        differing.push(`${JSON.stringify(way)} ${mine.text} ${theirs.text}`);
    }
    expect(told).toEqual([]);
    expect(differing).toEqual([]);
  });

  test.skipIf(label === "R")(
    "opens with a consent, and closes with its end at once",
    async () => {
      const { twin, told, make, ask } = await aClinic(label);
      expect(await told(as)).toEqual([]);
      const consent = await make(permission(twin.patient, label));
      expect((await told(as)).length).toBeGreaterThan(20);
      await ask("PUT", `/Consent/${consent.id}`, {
        body: { ...consent, status: "inactive" },
      });
      expect(await told(as)).toEqual([]);
    },
  );
});

/** Both twins come in one answer; or it tells what was done, by the names of changes, to those who oversee it. */
const isOfBoth = ([, path]: Way): boolean =>
  /^\/(?:(?:\w+\/)?_history$|Patient\/\$match$|AuditEvent)|access-log$/.test(
    path,
  );

test("what is labelled R opens to a nurse", async () => {
  const { told } = await aClinic("R");
  expect(await told(staff("front-desk"))).toEqual([]);
  expect((await told(staff("nurse"))).length).toBeGreaterThan(20);
});

test("emergency access opens it, until it ends", async () => {
  const { twin, told, ask } = await aClinic("42CFRPart2");
  const as = staff("nurse");
  const emergency = { "x-purpose-of-use": "ETREAT" };
  expect(await told(as, emergency)).toEqual([]);
  const { status } = await ask("POST", "/v1/emergency-access", {
    as,
    body: {
      patient: twin.patient,
      reason: "life-threatening",
      text: "Unconscious in room two",
    },
  });
  expect(status).toBe(201);
  expect((await told(as, emergency)).length).toBeGreaterThan(20);
  expect(await told(as)).toEqual([]);
  await ask("DELETE", `/v1/emergency-access/${twin.patient}`, { as });
  expect(await told(as, emergency)).toEqual([]);
});

test("an export holds nothing of it, until the patient consents", async () => {
  const clinic = exportClinic();
  const { patient } = await settle(clinic, "V", canary, clinic.ask);
  const exported = async () => {
    const { output } = await clinic.exported("/Patient/$export");
    return JSON.stringify(await clinic.fetched(output));
  };
  expect(await exported()).toContain(patient);
  expect(isTold(await exported())).toBe(false);
  await clinic.records.change(bySystem, (work) =>
    work.create(permission(patient, "V")),
  );
  expect(isTold(await exported())).toBe(true);
});

test("a subscriber is notified of nothing that it may not see", async () => {
  const { make, settle: deliver, heard, server } = aSubscriber();
  await make(
    aSubscription({ criteria: `Observation?code=${codeSystem}|${canary}` }),
  );
  await deliver();
  heard.splice(0);
  const code = { text: canary, coding: [{ system: codeSystem, code: canary }] };
  const observed = async (label: string): Promise<void> => {
    await server.records.change(bySystem, async (work) => {
      const { id } = await work.create(aPatient());
      await work.create<Observation>({
        resourceType: "Observation",
        meta: { security: [{ code: label }] },
        status: "final",
        code,
        subject: { reference: `Patient/${id}` },
      });
    });
    await deliver();
  };
  await observed("PSYTHPN");
  expect(heard).toEqual([]);
  await observed("N");
  expect(heard).toHaveLength(1);
});

test.each(hidden)(
  "what is labelled %s cannot be deleted by %s",
  async (label, _, as) => {
    const { twin, ask } = await aClinic(label);
    const { observation: id } = twin;
    expect((await ask("DELETE", `/Observation/${id}`, { as })).status).toBe(
      403,
    );
    const own = { as: asPatient(twin.patient) };
    expect((await ask("GET", `/Observation/${id}`, own)).status).toBe(200);
  },
);

test("whether a closed type was found is told in no answer", async () => {
  const { ask, make } = aServer({ jurisdictions: ["us-tx"] });
  const abroad: Caller = { ...ehr, location: "IE" };
  const identifier = [{ system: idSystem, value: canary }];
  const told = async (query: Record<string, string>) => {
    const { status, text } = await ask("GET", "/Patient", {
      as: abroad,
      query,
    });
    return [status, text];
  };
  const queries = [{}, { identifier: `${idSystem}|${canary}` }];
  const before = await Promise.all(queries.map(told));
  await make({ ...aPatient(), identifier });
  expect(await Promise.all(queries.map(told))).toEqual(before);
  expect(before.map(([status]) => status)).toEqual([403, 403]);
});

test("of every route it is known whether it tells of the record", () => {
  const known = [...Object.keys(ways), ...toldElsewhere, ...tellingNothing];
  expect(Object.keys(routes).toSorted()).toEqual(known.toSorted());
});

/** Exports, above; the bytes of one entry of the trail; files for the patient alone. */
const toldElsewhere = [
  ...["", "Patient/", "Group/{id}/"].flatMap((of) =>
    ["GET", "POST"].map((method) => `${method} /fhir/R4/${of}$export`),
  ),
  "GET /fhir/R4/$export-status/{id}",
  "GET /fhir/R4/AuditEvent/{id}",
  "GET /v1/privacy-requests/{id}/result",
  "GET /v1/privacy-requests/{id}/result/{file}",
];

/** They show only what their caller sent, or the directory. */
const tellingNothing: readonly string[] = [
  "GET /fhir/R4/metadata",
  "GET /fhir/R4/.well-known/smart-configuration",
  "GET /fhir/R4/Appointment/$find",
  "POST /fhir/R4/Appointment/$find",
  "POST /fhir/R4/Appointment/$book",
  "POST /fhir/R4/Binary",
  "PUT /fhir/R4/Binary/{id}",
  "POST /fhir/R4/Patient/$merge",
  "POST /fhir/R4/Patient/$unmerge",
  "POST /fhir/R4/Subscription",
  "PUT /fhir/R4/Subscription/{id}",
  "GET /fhir/R4/Subscription/{id}/$signing-secret",
  "DELETE /fhir/R4/$export-status/{id}",
  // Of the person and the organization: nothing that a label closes.
  ...Object.keys(routes).filter(
    (name) =>
      name.includes(" /v1/") &&
      !toldElsewhere.includes(name) &&
      !(name in ways),
  ),
];
