import { anImport, asynchronous, aWish } from "./matrix-clinic.ts";
import { at, missed } from "./matrix-fhir-rows.ts";
import { holds, type Outcome, type Who } from "./matrix-rules.ts";
import type { Row, Rows } from "./matrix-rows.ts";

const when = (isAllowed: boolean, otherwise: Outcome = "refused"): Outcome =>
  isAllowed ? "allowed" : otherwise;

const describing = (path: string): readonly Row[] => [
  { needs: [], ask: () => ({ path }), proof: [200] },
];

/** What takes several types of the directory takes a token for all of them. */
const wide = ({ scopes }: Who): Outcome =>
  when(
    (scopes ?? [["*", "cruds"]]).some(
      ([type, verbs]) => type === "*" && verbs === "cruds",
    ),
  );

const times = "start=2030-01-07T00:00:00Z&end=2030-01-08T00:00:00Z";

/** Patients export themselves, a system what its token reaches; which staff may is the office's to say. */
const exports =
  (level: "system" | "patient" | "group") =>
  (who: Who): Outcome =>
    when(
      who.scopes === undefined &&
        (who.kind !== "patient" || level === "patient"),
    );

const exporting = (path: string, level: "system" | "patient"): Row => ({
  needs: [],
  rule: exports(level),
  ask: () => ({ path: `${path}?_type=Appointment`, headers: asynchronous }),
  // So many exports at once are too many.
  proof: [202, 429],
});
const exportingGroup: Row = {
  needs: [["read", "Group"]],
  rule: exports("group"),
  ask: (asking) => ({
    path: `${at("Group", asking)}/$export?_type=Appointment`,
    headers: asynchronous,
  }),
  proof: [202, 429],
};
const withParameters = (row: Row): Row => ({
  ...row,
  ask: (asking) => ({
    ...row.ask(asking),
    body: { resourceType: "Parameters", parameter: [] },
  }),
});

/** A job belongs to the system that asked for it, as far as its token reaches, and to managers. */
const follows = (who: Who): Outcome =>
  when(
    who.scopes === undefined &&
      (who.kind === "client" || holds(who, ["manager"])),
    "hidden",
  );

/** Who did what: told to patients of themselves, to who answers for it, and to systems with a scope for it. */
export const audits = (who: Who): Outcome =>
  who.kind === "patient"
    ? when(
        who.scopes === undefined &&
          (who.stands === "own" || who.stands === "acting"),
      )
    : when(
        who.scopes === undefined &&
          (who.kind === "client" || holds(who, ["manager", "privacy-officer"])),
      );

const parameters = (...parameter: readonly object[]): object => ({
  resourceType: "Parameters",
  parameter,
});
const reference = (name: string, text: string): object => ({
  name,
  valueReference: { reference: text },
});

/** Operations, exports, imports, the trail, and what is open to all. */
export const operationRows: Rows = {
  "GET /fhir/R4/metadata": describing("/fhir/R4/metadata"),
  "GET /fhir/R4/.well-known/smart-configuration": describing(
    "/fhir/R4/.well-known/smart-configuration",
  ),
  "GET /v1/openapi.json": describing("/v1/openapi.json"),
  "GET /fhir/R4/Appointment/$find": [
    {
      needs: [],
      rule: wide,
      ask: () => ({ path: `/fhir/R4/Appointment/$find?${times}` }),
      proof: [200],
    },
  ],
  "POST /fhir/R4/Appointment/$find": [
    {
      needs: [],
      rule: wide,
      ask: () => ({
        path: "/fhir/R4/Appointment/$find",
        body: parameters(
          ...times.split("&").map((pair) => {
            const [name = "", valueDateTime = ""] = pair.split("=");
            return { name, valueDateTime };
          }),
        ),
      }),
      proof: [200],
    },
  ],
  "POST /fhir/R4/Appointment/$book": [
    {
      needs: [
        ["read", "Patient"],
        ["create", "Appointment"],
      ],
      operation: "booking",
      ask: ({ target, take }) => ({
        path: "/fhir/R4/Appointment/$book",
        body: aWish(target.patient, take.slot()),
      }),
      proof: [201],
    },
  ],
  "POST /fhir/R4/Appointment/{id}/$cancel": [
    {
      needs: [
        ["read", "Appointment"],
        ["update", "Appointment"],
      ],
      operation: "booking",
      ask: ({ target }) => ({
        path: `/fhir/R4/Appointment/${target.visit}/$cancel`,
        headers: { "if-match": 'W/"999"' },
        body: parameters(),
      }),
      proof: missed,
    },
  ],
  "POST /fhir/R4/Appointment/{id}/$reschedule": [
    {
      needs: [
        ["read", "Appointment"],
        ["update", "Appointment"],
      ],
      operation: "booking",
      ask: ({ target, clinic }) => ({
        path: `/fhir/R4/Appointment/${target.visit}/$reschedule`,
        headers: { "if-match": 'W/"999"' },
        body: parameters(reference("slot", `Slot/${clinic.untouched.slot()}`)),
      }),
      proof: missed,
    },
  ],
  "GET /fhir/R4/Patient/{id}/$everything": [whole("$everything")],
  "POST /fhir/R4/Patient/{id}/$everything": [
    withParameters(whole("$everything")),
  ],
  "GET /fhir/R4/Patient/{id}/$summary": [whole("$summary")],
  "POST /fhir/R4/Patient/{id}/$summary": [withParameters(whole("$summary"))],
  "POST /fhir/R4/Patient/$merge": [
    {
      needs: [
        ["read", "Patient"],
        ["update", "Patient"],
      ],
      ask: ({ take }) => {
        const [source = "", target = ""] = take.pair().split(" ");
        return {
          path: "/fhir/R4/Patient/$merge",
          body: parameters(
            reference("source-patient", `Patient/${source}`),
            reference("target-patient", `Patient/${target}`),
          ),
        };
      },
      proof: [200],
    },
  ],
  "POST /fhir/R4/Patient/$unmerge": [
    {
      needs: [["read", "Patient"]],
      ask: ({ target }) => ({
        path: "/fhir/R4/Patient/$unmerge",
        body: parameters(
          reference("source-patient", `Patient/${target.patient}`),
        ),
      }),
      // It is not merged.
      proof: [422],
    },
  ],
  "POST /fhir/R4/Patient/$match": [
    {
      needs: [["search", "Patient"]],
      ask: () => ({
        path: "/fhir/R4/Patient/$match",
        body: {
          resourceType: "Patient",
          name: [{ family: "Unknowing", given: ["Nobody"] }],
          birthDate: "1931-01-31",
        },
      }),
      proof: [200],
    },
  ],
  "GET /fhir/R4/$export": [exporting("/fhir/R4/$export", "system")],
  "POST /fhir/R4/$export": [
    withParameters(exporting("/fhir/R4/$export", "system")),
  ],
  "GET /fhir/R4/Patient/$export": [
    exporting("/fhir/R4/Patient/$export", "patient"),
  ],
  "POST /fhir/R4/Patient/$export": [
    withParameters(exporting("/fhir/R4/Patient/$export", "patient")),
  ],
  "GET /fhir/R4/Group/{id}/$export": [exportingGroup],
  "POST /fhir/R4/Group/{id}/$export": [withParameters(exportingGroup)],
  "GET /fhir/R4/$export-status/{id}": [
    {
      needs: [],
      rule: follows,
      ask: ({ clinic }) => ({
        path: `/fhir/R4/$export-status/${clinic.exported}`,
      }),
      proof: [200, 202],
    },
  ],
  "DELETE /fhir/R4/$export-status/{id}": [
    {
      needs: [],
      rule: follows,
      ask: ({ clinic }) => ({
        path: `/fhir/R4/$export-status/${clinic.exported}`,
      }),
      // The first takes it away.
      proof: [202, 404],
      last: true,
    },
  ],
  "POST /v1/imports": [
    {
      needs: [],
      rule: (who) => when(who.scopes === undefined),
      ask: () => ({ path: "/v1/imports", body: anImport }),
      proof: [201],
    },
  ],
  "POST /v1/imports/{id}/start": [
    {
      needs: [],
      rule: follows,
      ask: ({ clinic }) => ({ path: `/v1/imports/${clinic.imported}/start` }),
      // Nothing was uploaded.
      proof: [409],
    },
  ],
  "GET /v1/imports/{id}": [
    {
      needs: [],
      rule: follows,
      ask: ({ clinic }) => ({ path: `/v1/imports/${clinic.imported}` }),
      proof: [200],
    },
  ],
  "DELETE /v1/imports/{id}": [
    {
      needs: [],
      rule: follows,
      ask: ({ clinic }) => ({ path: `/v1/imports/${clinic.imported}` }),
      proof: [204, 404],
      last: true,
    },
  ],
  "GET /fhir/R4/AuditEvent": [
    {
      needs: [],
      rule: audits,
      ask: ({ target }) => ({
        path: `/fhir/R4/AuditEvent?patient=${target.patient}&_count=3`,
      }),
      proof: [200],
    },
  ],
  "POST /fhir/R4/AuditEvent/_search": [
    {
      needs: [],
      rule: audits,
      ask: ({ target }) => ({
        path: "/fhir/R4/AuditEvent/_search",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `patient=${target.patient}&_count=3`,
      }),
      proof: [200],
    },
  ],
  "GET /fhir/R4/AuditEvent/{id}": [
    {
      needs: [],
      rule: audits,
      ask: ({ target }) => ({ path: `/fhir/R4/AuditEvent/${target.audit}` }),
      proof: [200],
    },
  ],
  "POST /v1/devices": [
    {
      needs: [
        ["read", "Patient"],
        ["update", "Patient"],
      ],
      self: true,
      operation: "device",
      ask: () => ({
        path: "/v1/devices",
        body: { token: "0123456789abcdef0123", platform: "APNS" },
      }),
      proof: [204],
    },
  ],
};

function whole(operation: string): Row {
  return {
    needs: [["read", "Patient"]],
    ask: (asking) => ({ path: `${at("Patient", asking)}/${operation}` }),
    proof: [200],
    shows: "Patient",
  };
}
