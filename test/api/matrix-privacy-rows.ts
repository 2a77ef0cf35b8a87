import { audits } from "./matrix-operation-rows.ts";
import type { Outcome, Who } from "./matrix-rules.ts";
import type { Asking, Row, Rows } from "./matrix-rows.ts";

const request = ({ target }: Asking, path = ""): string =>
  `/v1/privacy-requests/${target.request}${path}`;
const patient = (id: string, path: string): string =>
  `/v1/patients/${id}${path}`;

/** Whoever is asked about may say so, and who does it for them; staff for anybody. */
const concerned = (who: Who): Outcome =>
  who.kind === "staff" || who.stands === "own" || who.stands === "acting"
    ? "allowed"
    : "refused";

/** The patient asked. */
const whoAsked = (who: Who): Outcome =>
  who.stands === "own" ? "allowed" : "refused";

const noList = "1999-01";

const end = { reason: "requested" };

const held = (more: Partial<Row> & Pick<Row, "proof">): readonly Row[] => [
  {
    needs: [],
    ask: ({ clinic }) => ({ path: patient(clinic.spare.anybody, "/hold") }),
    ...more,
  },
];

/** Sessions, emergencies, disclosures, reviews, rights, holds, erasure. */
export const privacyRows: Rows = {
  "GET /v1/session": [
    { needs: [], ask: () => ({ path: "/v1/session" }), proof: [200] },
  ],
  "POST /v1/session": [
    { needs: [], ask: () => ({ path: "/v1/session" }), proof: [200] },
  ],
  "DELETE /v1/session": [
    {
      needs: [],
      ask: () => ({ path: "/v1/session" }),
      proof: [204],
      ends: true,
    },
  ],
  "POST /v1/staff/{id}/end-sessions": [
    {
      needs: [],
      ask: () => ({
        path: "/v1/staff/nobody.of.that.name/end-sessions",
        body: end,
      }),
      proof: [200],
    },
  ],
  "POST /v1/patients/{id}/end-sessions": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: patient(clinic.spare.anybody, "/end-sessions"),
        body: end,
      }),
      proof: [200, 409],
    },
  ],
  "POST /v1/emergency-access": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: "/v1/emergency-access",
        body: {
          patient: clinic.spare.anybody,
          reason: "life-threatening",
          text: "Found without consciousness",
        },
      }),
      proof: [201, 409],
    },
  ],
  "GET /v1/emergency-access": [
    { needs: [], ask: () => ({ path: "/v1/emergency-access" }), proof: [200] },
  ],
  "DELETE /v1/emergency-access/{id}": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: `/v1/emergency-access/${clinic.spare.held}`,
      }),
      // None is open.
      proof: [404],
    },
  ],
  "POST /v1/disclosures": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: "/v1/disclosures",
        body: {
          patient: clinic.spare.anybody,
          at: "2026-01-05T10:00:00Z",
          recipient: { name: "The county" },
          what: "A case report",
          purpose: "PUBHLTH",
          basis: "public-health",
        },
      }),
      proof: [201],
    },
  ],
  "GET /v1/patients/{id}/disclosures": [
    {
      needs: [],
      rule: concerned,
      ask: ({ target }) => ({ path: patient(target.patient, "/disclosures") }),
      proof: [200],
    },
  ],
  "GET /v1/patients/{id}/access-log": [
    {
      needs: [],
      rule: audits,
      ask: ({ target }) => ({
        path: patient(target.patient, "/access-log?count=3"),
      }),
      proof: [200],
    },
  ],
  "GET /v1/access-reviews/current": [
    {
      needs: [],
      ask: () => ({ path: "/v1/access-reviews/current?days=1" }),
      proof: [200],
    },
  ],
  "POST /v1/access-reviews": [
    {
      needs: [],
      ask: () => ({
        path: "/v1/access-reviews",
        body: {
          decisions: [{ staff: "nobody.of.that.name", decision: "keep" }],
        },
      }),
      proof: [204],
    },
  ],
  "POST /v1/privacy-requests": [
    {
      needs: [
        ["read", "Patient"],
        ["create", "Task"],
      ],
      operation: "right",
      ask: ({ target }) => ({
        path: "/v1/privacy-requests",
        body: {
          kind: "restriction",
          details: { toward: "operations" },
          patient: target.patient,
          verified: "photo-id",
        },
      }),
      proof: [201],
    },
  ],
  "GET /v1/privacy-requests": [
    {
      needs: [["search", "Task"]],
      ask: ({ target }) => ({
        path: `/v1/privacy-requests?patient=${target.patient}`,
      }),
      proof: [200],
    },
  ],
  "GET /v1/privacy-requests/{id}": [
    {
      needs: [["read", "Task"]],
      ask: (asking) => ({ path: request(asking) }),
      proof: [200],
    },
  ],
  "POST /v1/privacy-requests/{id}/decision": [
    {
      needs: [
        ["read", "Task"],
        ["update", "Task"],
      ],
      operation: "right",
      ask: (asking) => ({
        path: request(asking, "/decision"),
        body: { decision: "extend", reason: "complex" },
      }),
      // No law lets this answer wait.
      proof: [200, 409, 422],
    },
  ],
  "POST /v1/privacy-requests/{id}/statement": [
    {
      needs: [["read", "Task"]],
      operation: "right",
      rule: concerned,
      ask: (asking) => ({
        path: request(asking, "/statement"),
        body: { text: "I disagree" },
      }),
      // Nothing was denied.
      proof: [409, 422],
    },
  ],
  "POST /v1/privacy-requests/{id}/withdrawal": [
    {
      needs: [
        ["read", "Task"],
        ["update", "Task"],
      ],
      operation: "right",
      ask: (asking) => ({
        path: request(asking, "/withdrawal"),
        body: { verified: "photo-id" },
      }),
      proof: [200],
    },
  ],
  "POST /v1/privacy-requests/{id}/review": [
    {
      needs: [["read", "Task"]],
      operation: "right",
      rule: concerned,
      ask: (asking) => ({
        path: request(asking, "/review"),
        body: { verified: "photo-id" },
      }),
      // Nothing was denied.
      proof: [409],
    },
  ],
  "GET /v1/privacy-requests/{id}/result": [
    {
      needs: [["read", "Task"]],
      ask: (asking) => ({ path: request(asking, "/result") }),
      rule: whoAsked,
      proof: [404],
    },
  ],
  "GET /v1/privacy-requests/{id}/result/{file}": [
    {
      needs: [["read", "Task"]],
      ask: (asking) => ({ path: request(asking, "/result/record.html") }),
      rule: whoAsked,
      proof: [404],
    },
  ],
  "PUT /v1/patients/{id}/hold": held({
    ask: ({ clinic }) => ({
      path: patient(clinic.spare.anybody, "/hold"),
      body: { reason: "audit", text: "A matter" },
    }),
    proof: [200, 409],
  }),
  "GET /v1/patients/{id}/hold": held({ proof: [200, 404] }),
  "DELETE /v1/patients/{id}/hold": held({ proof: [204, 404, 409] }),
  "POST /v1/patients/{id}/erasure": [
    {
      needs: [],
      ask: ({ clinic }) => ({ path: patient(clinic.spare.held, "/erasure") }),
      // A hold is on the record.
      proof: [409],
    },
  ],
  "GET /v1/patients/{id}/erasure": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: patient(clinic.spare.anybody, "/erasure"),
      }),
      proof: [404],
    },
  ],
  "GET /v1/patients/{id}/erasure/certificate": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: patient(clinic.spare.anybody, "/erasure/certificate"),
      }),
      proof: [404],
    },
  ],
  "GET /v1/disposals/{id}": [
    {
      needs: [],
      ask: () => ({ path: `/v1/disposals/${noList}` }),
      proof: [404],
    },
  ],
  "POST /v1/disposals/{id}/confirmation": [
    {
      needs: [],
      ask: ({ clinic }) => ({
        path: `/v1/disposals/${noList}/confirmation`,
        body: { patients: [clinic.spare.anybody] },
      }),
      proof: [404],
    },
  ],
  "GET /v1/vendors": [
    { needs: [], ask: () => ({ path: "/v1/vendors" }), proof: [200] },
  ],
};
