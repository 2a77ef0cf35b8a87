import { writeFileSync } from "node:fs";
import type { Appointment } from "@medplum/fhirtypes";
import { engagement } from "../../functions/api/engagement.ts";
import { fhir } from "../../functions/api/fhir.ts";
import type { Caller } from "../../functions/core/caller.ts";
import type { HttpEvent } from "../../functions/runtime/http.ts";
import { powertoolsLog } from "../../functions/runtime/log.ts";
import { clinic } from "../../simulator/pre-visit-clinic.ts";
import {
  aRequest,
  asClient,
  asPatient,
  nurse,
  type Ask,
} from "../api/server.ts";
import { signIn } from "../record.ts";
import { aPatient, aSlot, aWish, mrn } from "../store/builders.ts";
import { aCanary, canary } from "./patient.ts";

/** Takes the canary patient through everything, with logs and metrics on; file descriptor 3 gets what was written beside them. */
const stage = await clinic({
  start: "2026-03-02T15:00:00.000Z",
  provider: (message, attempt) => {
    if (attempt === 2) throw new Error(`no way to ${JSON.stringify(message)}`);
    return attempt === 4
      ? { outcome: "refused", reason: "invalid-address", permanent: true }
      : undefined;
  },
});
const log = powertoolsLog();
const authenticate = (authorization: string | undefined) =>
  Promise.resolve(JSON.parse(authorization ?? "") as Caller);
const area = fhir({ ...stage.deps, signIn, log, authenticate });
const devices = engagement({ ...stage.deps, log, authenticate });
const broken = fhir({
  ...stage.deps,
  records: {
    ...stage.records,
    read: () => Promise.reject(new TypeError(`cannot read ${canary.family}`)),
  },
  signIn,
  log,
  authenticate,
});

const refusals: unknown[] = [];
const statuses: number[] = [];
const sent = async (handler: typeof area, event: HttpEvent) => {
  const answer = await handler(event, {});
  await stage.settle();
  statuses.push(answer.statusCode);
  if (answer.statusCode >= 400) refusals.push(answer);
  return JSON.parse(answer.body === "" ? "{}" : answer.body) as { id?: string };
};
const ask = (method: string, path: string, more: Ask = {}) =>
  sent(area, aRequest(method, path, more));

const { id: patient = "" } = await ask("POST", "/Patient", { body: aCanary() });
const { id: other = "" } = await ask("POST", "/Patient", { body: aPatient() });
const own = asPatient(patient);
await ask("PUT", `/Patient/${patient}`, {
  body: { ...aCanary({ active: true }), id: patient },
});
await sent(devices, {
  ...aRequest("POST", "", {
    as: own,
    body: { token: canary.device, platform: "GCM" },
  }),
  path: "/v1/devices",
});

for (const query of [
  { name: canary.family },
  { phone: canary.phone },
  { email: canary.email },
  { identifier: `${mrn}|${canary.mrn}` },
  { birthdate: canary.birthDate, "family:exact": canary.family },
  { address: canary.street },
  { unheardOf: canary.given },
  { "name:foo": canary.family },
  { _sort: canary.spoiled },
  { _cursor: canary.spoiled, name: canary.family },
]) {
  await ask("GET", "/Patient", {
    query,
    headers: { Prefer: "handling=strict" },
  });
  await ask("POST", "/Patient/_search", {
    body: new URLSearchParams(query).toString(),
  });
}

const spoiled = canary.spoiled;
const wrong: readonly (readonly [string, string, Ask])[] = [
  ["POST", "/Patient", { body: aCanary() }],
  [
    "POST",
    "/Patient",
    { body: `{"resourceType":"Patient","x":"${canary.family}` },
  ],
  [
    "POST",
    "/Patient",
    {
      body: {
        ...aCanary(),
        unheardOf: canary.text,
        gender: spoiled,
        birthDate: spoiled,
        active: spoiled,
      },
    },
  ],
  [
    "POST",
    "/Patient",
    {
      body: aCanary({
        text: { status: "generated", div: `<script>${canary.text}</script>` },
      }),
    },
  ],
  ["POST", "/Patient", { body: aCanary(), as: own }],
  ["POST", "/Patient", { body: aCanary(), as: asClient("system/Patient.r") }],
  [
    "POST",
    "/Patient",
    { body: aCanary(), headers: { "If-None-Exist": `name=${canary.family}` } },
  ],
  [
    "PUT",
    `/Patient/${patient}`,
    { body: { ...aCanary(), id: patient }, headers: { "If-Match": 'W/"1"' } },
  ],
  [
    "PUT",
    `/Patient/${patient}`,
    {
      body: { ...aCanary(), id: patient },
      headers: { "If-Match": canary.mrn },
    },
  ],
  [
    "PUT",
    `/Patient/${canary.family}`,
    { body: { ...aCanary(), id: canary.family } },
  ],
  ["GET", `/Patient/${canary.phone}`, {}],
  ["GET", `/${canary.family}/${canary.given}`, {}],
  ["GET", `/Patient/${patient}`, { as: asPatient(other) }],
  ["GET", `/Patient/${patient}/_history/${canary.mrn}`, {}],
  ["GET", `/Patient/${patient}/_history`, { query: { _cursor: canary.email } }],
  ["PATCH", `/Patient/${canary.email}`, { body: canary.text }],
  ["POST", `/Patient/${canary.email}`, { body: canary.text }],
  [
    "GET",
    "/Appointment/$find",
    { query: { start: canary.text, end: canary.text, service: canary.family } },
  ],
  [
    "POST",
    "",
    {
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          {
            fullUrl: canary.email,
            resource: { ...aCanary(), gender: spoiled },
            request: { method: "POST", url: "Patient" },
          },
        ],
      },
    },
  ],
  [
    "POST",
    "",
    {
      body: {
        resourceType: "Bundle",
        type: "batch",
        entry: [{ request: { method: canary.family, url: canary.email } }],
      },
    },
  ],
];
for (const [method, path, more] of wrong) await ask(method, path, more);
await sent(broken, aRequest("GET", `/Patient/${patient}`));

const slots: string[] = [];
for (const start of ["2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z"])
  slots.push(
    (
      await ask("POST", "/Slot", {
        body: aSlot(stage.places.schedule.id, start, 20),
      })
    ).id ?? "",
  );
const wish: Appointment = {
  ...aWish(patient, slots.slice(0, 1)),
  comment: canary.wish,
  description: canary.wish,
};
const { id: appointment = "" } = await ask("POST", "/Appointment/$book", {
  as: own,
  body: wish,
});
await ask("POST", "/Appointment/$book", { as: own, body: wish });
await ask("POST", "/Appointment/$book", {
  as: own,
  body: { ...wish, slot: [{ reference: canary.text }] },
});
await ask("POST", `/Appointment/${appointment}/$reschedule`, {
  as: own,
  body: {
    resourceType: "Parameters",
    parameter: [
      { name: "slot", valueReference: { reference: `Slot/${slots[1] ?? ""}` } },
    ],
  },
});

await stage.until("2026-03-03T16:30:00Z");
await stage.text(canary.phone, canary.text);
await stage.text("+12025559999", canary.text);
await stage.receipt({
  eventType: "TEXT_DELIVERED",
  messageId: canary.email,
  destinationPhoneNumber: canary.phone,
});
await stage.text(canary.phone, "C");
await stage.text(canary.phone, "STOP");
await stage.until("2026-03-05T20:00:00Z");
await ask("POST", `/Appointment/${appointment}/$cancel`, {
  body: {
    resourceType: "Parameters",
    parameter: [
      { name: "reason", valueCodeableConcept: { text: canary.wish } },
    ],
  },
});
await stage.end();
await ask("DELETE", `/Appointment/${appointment}`, { as: nurse });

writeFileSync(
  3,
  JSON.stringify({
    patient,
    statuses,
    refusals,
    logged: stage.logged,
    events: stage.events,
    inputs: stage.inputs,
    outputs: stage.outputs,
    executions: stage.executions(),
    handed: stage.handed.length,
  }),
);
writeFileSync(
  4,
  (stage.table.dump?.() ?? [])
    .map((item) =>
      Object.entries(item)
        .map(
          ([name, value]) =>
            `${name}=${value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : JSON.stringify(value)}`,
        )
        .join("\n"),
    )
    .join("\n"),
);
