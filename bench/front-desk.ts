import { randomUUID } from "node:crypto";
import { fhir } from "../functions/api/fhir.ts";
import type { Context } from "../functions/core/caller.ts";
import { ulids } from "../functions/core/ids.ts";
import { createPolicies } from "../functions/policy/engine.ts";
import { countryOf } from "../functions/resources/normalise.ts";
import { cognitoAuthenticate } from "../functions/runtime/authenticate.ts";
import type { HttpAnswer, HttpEvent } from "../functions/runtime/http.ts";
import { powertoolsLog } from "../functions/runtime/log.ts";
import { createGate } from "../functions/store/gate.ts";
import { createExportJobs } from "../functions/store/export-jobs.ts";
import { createRecords } from "../functions/store/repository.ts";
import { createSessions } from "../functions/store/sessions.ts";
import type { Table } from "../functions/store/table.ts";
import { createVault, type KeyProvider } from "../functions/store/vault.ts";
import { demo } from "../organizations/demo.ts";
import { signIn, noJourneys } from "../test/record.ts";
import type { SignIn } from "./sign-in.ts";

/** A clinic system that may do everything. */
export const byClinic: Context = {
  by: {
    kind: "client",
    id: "bench",
    scopes: ["system/*.cruds"],
    token: "bench",
  },
  purpose: "TREAT",
  requestId: "bench",
};

const decide = createPolicies(demo.jurisdictions);

export type Handler = (event: HttpEvent) => Promise<HttpAnswer>;

/** The record on a table, as functions have it. */
export const recordOf = (table: Table, provider: KeyProvider) => {
  const now = (): Date => new Date();
  const newId = ulids(Date.now);
  const { settings } = demo;
  const store = {
    table,
    vault: createVault(table, provider),
    now,
    newId,
    decide,
    states: [],
    zone: "UTC",
    unique: new Set(settings.uniqueIdentifiers),
    country: countryOf(settings.phone) ?? ("US" as const),
  };
  return {
    records: createRecords(store),
    exportJobs: createExportJobs(store),
    log: powertoolsLog(),
    now,
    newId,
  };
};

/** Warm environments of the FHIR function: one vault, and each call makes an environment that has seen no patient yet. */
export const environments = (
  table: Table,
  { provider, cognito }: { provider: KeyProvider; cognito: SignIn },
): (() => Handler) => {
  const { settings: organization } = demo;
  const vault = createVault(table, provider);
  const { endpoint, pools } = cognito;
  const authenticate = cognitoAuthenticate({
    patients: { userPoolId: pools.patients, clientIds: [pools.client] },
    staff: { userPoolId: pools.staff, clientIds: [pools.client] },
    clinics: {},
    endpoint,
  });
  const now = (): Date => new Date();
  return () => {
    const store = {
      table,
      vault,
      now,
      newId: ulids(Date.now),
      decide,
      states: [],
      zone: "UTC",
      unique: new Set(organization.uniqueIdentifiers),
      country: countryOf(organization.phone) ?? ("US" as const),
    };
    const handler = fhir({
      gate: createGate(store),
      records: createRecords(store),
      sessions: createSessions(store, organization.sessions),
      exportJobs: () => Promise.resolve(createExportJobs(store)),
      journeys: noJourneys,
      vault,
      signIn,
      organization,
      now,
      log: powertoolsLog(),
      authenticate,
    });
    return (event) => handler(event, {});
  };
};

/** Requests of one member of staff, as API Gateway hands them over. */
export const requestsWith =
  (token: string) =>
  (
    method: string,
    path: string,
    body?: object | string,
    contentType = "application/fhir+json",
  ): HttpEvent => ({
    httpMethod: method,
    path: `/fhir/R4${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      host: "api.example.com",
      "x-forwarded-proto": "https",
      ...(body !== undefined && { "content-type": contentType }),
    },
    body: typeof body === "object" ? JSON.stringify(body) : (body ?? null),
    requestContext: { requestId: randomUUID(), path: `/v1/fhir/R4${path}` },
  });

/** The answer's body, once the status is the one expected. */
export const expected = (
  { statusCode, body }: HttpAnswer,
  status: number,
): Answered => {
  if (statusCode !== status)
    throw new Error(`answered ${statusCode} instead of ${status}: ${body}`);
  return JSON.parse(body) as Answered;
};

export interface Answered {
  readonly id: string;
  readonly total?: number;
}
