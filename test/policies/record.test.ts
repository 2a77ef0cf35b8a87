import type { Consent, Observation } from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { aConsent } from "../api/relatives.ts";
import { asPatient, aServer, nurse, type Ask } from "../api/server.ts";
import { aPatient } from "../store/builders.ts";
import { names } from "./policy-files.ts";

const canary = "Zzyzx";
const labelSystem = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

const anObservation = (patient: string, label: string): Observation => ({
  resourceType: "Observation",
  meta: { security: [{ system: labelSystem, code: label }] },
  status: "final",
  code: { text: canary },
  subject: { reference: `Patient/${patient}` },
});

const permission = (patient: string, label: string): Consent =>
  aConsent(patient, {
    type: "permit",
    securityLabel: [{ system: labelSystem, code: label }],
  });

const aClinic = async (label: string) => {
  const server = aServer({ jurisdictions: names });
  const { id } = await server.make(aPatient());
  const labelled = await server.make(anObservation(id, label));
  const path = `/Observation/${labelled.id}`;
  const ways: readonly (readonly [string, string, Ask?])[] = [
    ["GET", path],
    ["GET", `${path}/_history/1`],
    ["GET", `${path}/_history`],
    ["GET", "/Observation", { query: { patient: id } }],
    ["GET", "/Observation", { query: { patient: id, _include: "*" } }],
    [
      "GET",
      "/Patient",
      { query: { _id: id, _revinclude: "Observation:subject" } },
    ],
    ["GET", `/Patient/${id}/$everything`],
    [
      "POST",
      "/",
      {
        body: {
          resourceType: "Bundle",
          type: "batch",
          entry: [{ request: { method: "GET", url: path.slice(1) } }],
        },
      },
    ],
  ];
  const seenBy = async (as: Caller, headers: Ask["headers"] = {}) => {
    const seen: string[] = [];
    for (const [method, where, options = {}] of ways) {
      const { text } = await server.ask(method, where, {
        ...options,
        as,
        headers: { ...headers, ...options.headers },
      });
      if (text.includes(canary)) seen.push(`${method} ${where}`);
    }
    return seen;
  };
  return { ...server, id, seenBy, path };
};

const ehr: Caller = {
  kind: "client",
  id: "ehr",
  scopes: ["system/*.cruds"],
  location: "US-NY",
  token: "t",
};

describe.each([
  ["42CFRPart2", "us-part2-consent", nurse],
  ["PSYTHPN", "us-hipaa-psychotherapy-notes", nurse],
  ["SEX", "us-ca-sensitive-services", ehr],
  ["CONSUMER", "us-wa-sharing", ehr],
] as const)("what is labelled %s", (label, policy, as) => {
  test(`is kept by ${policy} on every way, and told by none`, async () => {
    const { ask, seenBy, path } = await aClinic(label);
    expect(await seenBy(as)).toEqual([]);
    const { status, text } = await ask("GET", path, { as });
    expect([status, text]).toEqual([
      403,
      expect.stringContaining(`(${policy})`),
    ]);
  });

  test("is not laid open by whoever takes the label off", async () => {
    const { ask, seenBy, path } = await aClinic(label);
    const { status, text } = await ask("PATCH", path, {
      as,
      headers: { "content-type": "application/json-patch+json" },
      body: [{ op: "remove", path: "/meta/security" }],
    });
    expect(status).toBe(403);
    expect(text).not.toContain(canary);
    expect(await seenBy(as)).toEqual([]);
  });

  test("opens with a consent that names it, and closes when that ends", async () => {
    const { id, make, ask, seenBy } = await aClinic(label);
    const consent = await make(permission(id, label));
    expect((await seenBy(as)).length).toBeGreaterThan(5);
    await ask("PUT", `/Consent/${consent.id}`, {
      body: { ...consent, status: "inactive" },
    });
    expect(await seenBy(as)).toEqual([]);
  });

  test("is the patient's to read", async () => {
    const { id, ask, path } = await aClinic(label);
    expect((await ask("GET", path, { as: asPatient(id) })).status).toBe(200);
  });
});
