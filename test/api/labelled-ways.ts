import type { RouteName } from "../../functions/api/routes.ts";
import type { Ask } from "./server.ts";

/** A patient with what is hidden, and what refers to it openly. */
export interface Twin {
  readonly patient: string;
  readonly observation: string;
  readonly appointment: string;
  readonly binary: string;
  /** Unlabelled; it has the hidden Observation as a member. */
  readonly open: string;
}

/** What only hidden resources of one of the twins say. */
export const canary = "Zzyzx";
export const canaries = [canary, Buffer.from(canary).toString("base64")];
export const codeSystem = "urn:example:codes";
export const idSystem = "urn:example:ids";

export type Way = readonly [method: string, path: string, ask?: Ask];
type Ways = (twin: Twin) => readonly Way[];

const form = { "content-type": "application/x-www-form-urlencoded" };
const patched = { "content-type": "application/json-patch+json" };
const never = { "if-match": 'W/"99"' };

const get = (
  path: string,
  query: NonNullable<Ask["query"]> = {},
  headers: NonNullable<Ask["headers"]> = {},
): Way => ["GET", path, { query, headers }];

const hiddenOf = ({ observation, appointment, binary }: Twin) => [
  `/Observation/${observation}`,
  `/Appointment/${appointment}`,
  `/Binary/${binary}`,
];

/** Searches that lead to what is hidden: by its values, past it, through it. */
const searches = ({
  patient,
  open,
  observation,
}: Twin): readonly (readonly [string, Readonly<Record<string, string>>])[] => {
  const code = `${codeSystem}|${canary}`;
  const of = { patient };
  const criteria = [
    {},
    { code },
    { "code:text": canary },
    { identifier: `${idSystem}|${canary}` },
    { "value-string": canary },
    { status: "final" },
    { "code:not": code },
    { _security: "R" },
    { "has-member:Observation.code": code },
    { "_has:Observation:has-member:code": code },
    { _id: observation },
    { _id: observation, code },
    { _lastUpdated: "gt2020" },
  ];
  const forms = [
    {},
    { _summary: "count" },
    { _total: "accurate", _count: "1" },
    { _sort: "code" },
    { _sort: "-status", _count: "1" },
    { _include: "Observation:has-member" },
    { _elements: "code" },
  ];
  return [
    ...criteria.flatMap((one) =>
      forms.map(
        (other) => ["Observation", { ...of, ...one, ...other }] as const,
      ),
    ),
    ...criteria.map((one) => ["Observation", one] as const),
    ["Observation", { _id: open, _include: "Observation:has-member" }] as const,
    [
      "Observation",
      {
        _id: open,
        _revinclude: "Observation:derived-from",
        "_include:iterate": "Observation:has-member",
      },
    ] as const,
    ["Appointment", { patient, status: "booked", _summary: "count" }] as const,
    ["Appointment", { patient, _sort: "date" }] as const,
    ...forms.flatMap((other) =>
      [
        { _id: patient, _revinclude: "Observation:subject" },
        { _id: patient, _revinclude: "Appointment:patient" },
        { _id: patient, "_has:Observation:subject:code": code },
        { _id: patient, "_has:Observation:patient:value-string": canary },
        { "_has:Observation:patient:identifier": `${idSystem}|${canary}` },
      ].map((one) => ["Patient", { ...one, ...other }] as const),
    ),
  ];
};

const bundle = (type: string, entry: readonly object[]): Ask => ({
  body: { resourceType: "Bundle", type, entry },
});
const asked = (method: string, url: string, more: object = {}) => ({
  ...more,
  request: { method, url },
});

const anObservation = (patient: string, more: object = {}) => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "Guess" },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

/** All ways on which something of the record is told, by route. */
export const ways: Partial<Record<RouteName, Ways>> = {
  "GET /fhir/R4/{type}/{id}": (twin) => hiddenOf(twin).map((path) => get(path)),
  "HEAD /fhir/R4/{type}/{id}": (twin) =>
    hiddenOf(twin).map((path) => ["HEAD", path] as const),
  "GET /fhir/R4/{type}/{id}/_history/{version}": (twin) =>
    hiddenOf(twin).flatMap((path) => [
      get(`${path}/_history/1`),
      get(`${path}/_history/2`),
    ]),
  "GET /fhir/R4/{type}/{id}/_history": (twin) =>
    hiddenOf(twin).map((path) => get(`${path}/_history`)),
  "GET /fhir/R4/{type}/_history": () => [
    get("/Observation/_history"),
    get("/Binary/_history"),
  ],
  "GET /fhir/R4/_history": () => [get("/_history", { _count: "200" })],
  "GET /fhir/R4/{type}": (twin) =>
    searches(twin).map(([type, query]) => get(`/${type}`, query)),
  "POST /fhir/R4/{type}/_search": (twin) =>
    searches(twin).map(([type, query]) => [
      "POST",
      `/${type}/_search`,
      { headers: form, body: new URLSearchParams(query).toString() },
    ]),
  "GET /fhir/R4/Patient/{id}/{type}": (twin) =>
    searches(twin)
      .filter(([type]) => type === "Observation")
      .map(([type, { patient: _patient, ...query }]) =>
        get(`/Patient/${twin.patient}/${type}`, query),
      ),
  "POST /fhir/R4/Patient/{id}/{type}/_search": ({ patient }) => [
    [
      "POST",
      `/Patient/${patient}/Observation/_search`,
      { headers: form, body: `code:text=${canary}` },
    ],
  ],
  "GET /fhir/R4/Patient/{id}/$everything": ({ patient }) => [
    get(`/Patient/${patient}/$everything`),
    get(`/Patient/${patient}/$everything`, { _type: "Observation,Binary" }),
    get(`/Patient/${patient}/$everything`, { _count: "1" }),
  ],
  "POST /fhir/R4/Patient/{id}/$everything": ({ patient }) => [
    [
      "POST",
      `/Patient/${patient}/$everything`,
      { body: { resourceType: "Parameters" } },
    ],
  ],
  "GET /fhir/R4/Patient/{id}/$summary": ({ patient }) => [
    get(`/Patient/${patient}/$summary`),
  ],
  "POST /fhir/R4/Patient/{id}/$summary": ({ patient }) => [
    [
      "POST",
      `/Patient/${patient}/$summary`,
      { body: { resourceType: "Parameters" } },
    ],
  ],
  "GET /fhir/R4/Binary/{id}": ({ binary }) => [
    get(`/Binary/${binary}`),
    get(`/Binary/${binary}`, {}, { accept: "text/plain" }),
    get(`/Binary/${binary}`, {}, { accept: "application/fhir+json" }),
    get(`/Binary/${binary}`, {}, { "if-none-match": 'W/"2"' }),
  ],
  "POST /fhir/R4": (twin) => [
    ...["batch", "transaction"].map((type): Way => [
      "POST",
      "/",
      bundle(type, [
        asked("GET", `Observation/${twin.observation}`),
        asked("GET", `Observation?patient=${twin.patient}&code:text=${canary}`),
        asked("GET", `Patient/${twin.patient}/$everything`),
      ]),
    ]),
    [
      "POST",
      "/",
      bundle("transaction", [
        asked("GET", `Observation?patient=${twin.patient}&code:text=${canary}`),
      ]),
    ],
  ],
  "POST /fhir/R4/{type}": ({ patient }) => [
    [
      "POST",
      "/Observation",
      {
        headers: {
          "if-none-exist": `patient=${patient}&code=${codeSystem}|${canary}`,
        },
        body: anObservation(patient),
      },
    ],
    [
      "POST",
      "/Observation",
      {
        headers: {
          "if-none-exist": `patient=${patient}&value-string=${canary}`,
        },
        body: anObservation(patient),
      },
    ],
  ],
  "PUT /fhir/R4/{type}": ({ patient }) => [
    [
      "PUT",
      "/Observation",
      {
        query: { patient, "value-string": canary },
        body: anObservation(patient),
      },
    ],
  ],
  "PUT /fhir/R4/{type}/{id}": ({ patient, observation, appointment }) => [
    [
      "PUT",
      `/Observation/${observation}`,
      {
        body: {
          ...anObservation(patient, { id: observation }),
          meta: { security: [{ code: "V" }] },
          identifier: [{ system: idSystem, value: canary }],
          code: {
            text: canary,
            coding: [{ system: codeSystem, code: canary }],
          },
          valueString: canary,
        },
      },
    ],
    [
      "PUT",
      `/Appointment/${appointment}`,
      {
        body: {
          resourceType: "Appointment",
          id: appointment,
          status: "arrived",
          start: "2026-02-02T15:00:00Z",
          end: "2026-02-02T15:30:00Z",
          participant: [
            { actor: { reference: `Patient/${patient}` }, status: "accepted" },
          ],
        },
      },
    ],
  ],
  "PATCH /fhir/R4/{type}": ({ patient }) => [
    [
      "PATCH",
      "/Observation",
      {
        query: { patient, "value-string": canary },
        headers: patched,
        body: [{ op: "test", path: "/valueString", value: canary }],
      },
    ],
  ],
  "PATCH /fhir/R4/{type}/{id}": ({ observation, appointment }) => [
    ...[canary, "Otherwise"].map((value): Way => [
      "PATCH",
      `/Observation/${observation}`,
      {
        headers: patched,
        body: [{ op: "test", path: "/valueString", value }],
      },
    ]),
    [
      "PATCH",
      `/Appointment/${appointment}`,
      {
        headers: patched,
        body: [{ op: "test", path: "/status", value: "booked" }],
      },
    ],
  ],
  "DELETE /fhir/R4/{type}": ({ patient }) => [
    ["DELETE", "/Observation", { query: { patient, "value-string": canary } }],
  ],
  "DELETE /fhir/R4/{type}/{id}": ({ observation }) => [
    ["DELETE", `/Observation/${observation}`, { headers: never }],
  ],
  "POST /fhir/R4/{type}/$validate": ({ patient }) => [
    ["POST", "/Observation/$validate", { body: anObservation(patient) }],
  ],
  "POST /fhir/R4/{type}/{id}/$validate": ({
    patient,
    appointment,
    observation,
  }) => [
    [
      "POST",
      `/Observation/${observation}/$validate`,
      { body: anObservation(patient, { id: observation }) },
    ],
    [
      "POST",
      `/Appointment/${appointment}/$validate`,
      {
        body: {
          resourceType: "Appointment",
          id: appointment,
          status: "arrived",
          participant: [
            {
              actor: { reference: `Patient/${patient}` },
              status: "accepted",
            },
          ],
        },
      },
    ],
  ],
  "POST /fhir/R4/Appointment/{id}/$cancel": ({ appointment }) => [
    [
      "POST",
      `/Appointment/${appointment}/$cancel`,
      { body: { resourceType: "Parameters" } },
    ],
  ],
  "POST /fhir/R4/Appointment/{id}/$reschedule": ({ appointment }) => [
    [
      "POST",
      `/Appointment/${appointment}/$reschedule`,
      { body: { resourceType: "Parameters" } },
    ],
  ],
  "POST /fhir/R4/Patient/$match": () => [
    [
      "POST",
      "/Patient/$match",
      {
        body: {
          resourceType: "Parameters",
          parameter: [
            {
              name: "resource",
              resource: {
                resourceType: "Patient",
                name: [{ family: "Johnson", given: ["Maria"] }],
                birthDate: "1980-02-29",
              },
            },
          ],
        },
      },
    ],
  ],
  "GET /fhir/R4/AuditEvent": ({ patient }) => [get("/AuditEvent", { patient })],
  "POST /fhir/R4/AuditEvent/_search": ({ patient }) => [
    [
      "POST",
      "/AuditEvent/_search",
      { headers: form, body: `patient=${patient}` },
    ],
  ],
  "GET /v1/patients/{id}/access-log": ({ patient }) => [
    get(`/v1/patients/${patient}/access-log`),
  ],
  "GET /v1/patients/{id}/disclosures": ({ patient }) => [
    get(`/v1/patients/${patient}/disclosures`),
  ],
};
