import fc from "fast-check";
import { callers, people, type Clinic, type Person } from "./facts-clinic.ts";
import type { Ask } from "./server.ts";

export interface Request {
  readonly name: string;
  readonly caller: keyof typeof callers;
  readonly purpose: string | undefined;
  readonly person: Person;
  readonly second: Person;
}

type Way = (clinic: Clinic, request: Request) => Built;
export type Built = readonly [
  method: string,
  path: string,
  ask?: Omit<Ask, "as">,
];

const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { accept: "application/fhir+json" };

const found = (
  type: string,
  query: (clinic: Clinic, request: Request) => Record<string, string>,
) => ({
  [`search ${type} ${query.toString()}`]: (
    clinic: Clinic,
    request: Request,
  ): Built => ["GET", `/${type}`, { query: query(clinic, request) }],
  [`post search ${type} ${query.toString()}`]: (
    clinic: Clinic,
    request: Request,
  ): Built => [
    "POST",
    `/${type}/_search`,
    {
      headers: form,
      body: new URLSearchParams(query(clinic, request)).toString(),
    },
  ],
});

const parts = (clinic: Clinic, { person, second }: Request) => ({
  kept: clinic.kept[person],
  other: clinic.kept[second],
});

/** Ways of asking, each about one or two of the people. */
export const requests: Readonly<Record<string, Way>> = {
  "read a patient": (clinic, { person }) => [
    "GET",
    `/Patient/${clinic.ids[person]}`,
  ],
  ...Object.fromEntries<Way>(
    (["observation", "restricted", "appointment"] as const).flatMap((name) => {
      const type = name === "appointment" ? "Appointment" : "Observation";
      const at = (clinic: Clinic, { person }: Request): string =>
        `/${type}/${clinic.kept[person][name]}`;
      return [
        [`read ${name}`, (clinic, request) => ["GET", at(clinic, request)]],
        [`head ${name}`, (clinic, request) => ["HEAD", at(clinic, request)]],
        [
          `vread ${name}`,
          (clinic, request) => ["GET", `${at(clinic, request)}/_history/1`],
        ],
        [
          `history ${name}`,
          (clinic, request) => ["GET", `${at(clinic, request)}/_history`],
        ],
        [
          `patch ${name}`,
          (clinic, request) => [
            "PATCH",
            at(clinic, request),
            {
              headers: { "content-type": "application/json-patch+json" },
              body: [{ op: "add", path: "/language", value: "en" }],
            },
          ],
        ],
        [
          `delete ${name}`,
          (clinic, request) => ["DELETE", at(clinic, request)],
        ],
      ] satisfies (readonly [string, Way])[];
    }),
  ),
  "unchanged since": (clinic, request) => [
    "GET",
    `/Observation/${parts(clinic, request).kept.observation}`,
    { headers: { "if-none-match": 'W/"1"' } },
  ],
  "binary as bytes": (clinic, request) => [
    "GET",
    `/Binary/${parts(clinic, request).kept.binary}`,
  ],
  "binary as a resource": (clinic, request) => [
    "GET",
    `/Binary/${parts(clinic, request).kept.binary}`,
    { headers: json },
  ],
  "history of a type": () => ["GET", "/Observation/_history"],
  "history of all, a page": () => [
    "GET",
    "/_history",
    { query: { _count: "3" } },
  ],
  ...found("Observation", ({ ids }, { person }) => ({ patient: ids[person] })),
  ...found("Observation", ({ ids }, { person, second }) => ({
    patient: `${ids[person]},${ids[second]}`,
  })),
  ...found("Observation", ({ ids }, { person }) => ({
    patient: ids[person],
    _summary: "count",
  })),
  ...found("Observation", ({ ids }, { person }) => ({
    patient: ids[person],
    _elements: "status",
    _sort: "-_lastUpdated",
    _count: "1",
    _total: "accurate",
  })),
  ...found("Observation", (_, { person }) => ({
    identifier: `urn:example:lab|${person}`,
  })),
  ...found("Observation", (_, { person }) => ({
    "patient.identifier": `urn:example:chart|${person}`,
    "performer:Practitioner.family": "Doe",
  })),
  ...found("Observation", (clinic, request) => ({
    _id: `${parts(clinic, request).kept.observation},${parts(clinic, request).other.restricted}`,
    _include: "Observation:has-member",
  })),
  ...found("Observation", (clinic, request) => ({
    _id: parts(clinic, request).kept.restricted,
    _include: "Observation:subject",
    _revinclude: "Observation:has-member",
  })),
  ...found("Appointment", ({ ids }, { person }) => ({ patient: ids[person] })),
  ...found("Appointment", ({ ids }, { person }) => ({
    patient: ids[person],
    _include: "Appointment:patient",
    _count: "2",
  })),
  ...found("Communication", ({ ids }, { person }) => ({
    recipient: `Patient/${ids[person]}`,
    _include: "Communication:subject",
  })),
  ...found("Communication", ({ ids }, { person }) => ({
    subject: `Patient/${ids[person]}`,
    _include: "Communication:recipient",
  })),
  ...found("Patient", ({ ids }, { person, second }) => ({
    _id: `${ids[person]},${ids[second]}`,
    _revinclude: "Observation:subject",
  })),
  ...found("Patient", (_, { person }) => ({
    identifier: `urn:example:chart|${person}`,
    _revinclude: "Appointment:patient",
  })),
  ...found("Patient", ({ ids }, { person }) => ({
    _id: ids[person],
    "_has:Observation:subject:status": "final",
  })),
  ...found("Patient", (_, { person }) => ({
    "_has:Observation:subject:identifier": `urn:example:lab|${person}`,
  })),
  ...found("Patient", () => ({ _count: "2" })),
  ...found("Patient", () => ({ family: "Zqo" })),
  ...found("Practitioner", () => ({ family: "Doe" })),
  "compartment search": ({ ids }, { person }) => [
    "GET",
    `/Patient/${ids[person]}/Observation`,
    { query: { status: "final" } },
  ],
  everything: ({ ids }, { person }) => [
    "GET",
    `/Patient/${ids[person]}/$everything`,
  ],
  "everything, a page": ({ ids }, { person }) => [
    "GET",
    `/Patient/${ids[person]}/$everything`,
    { query: { _count: "2" } },
  ],
  summary: ({ ids }, { person }) => ["GET", `/Patient/${ids[person]}/$summary`],
  match: (_, { person }) => [
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
              identifier: [{ system: "urn:example:chart", value: person }],
              birthDate: "1980-02-29",
            },
          },
        ],
      },
    },
  ],
  ...Object.fromEntries(
    ["batch", "transaction"].map((type) => [
      type,
      ({ ids, kept }: Clinic, { person, second }: Request): Built => [
        "POST",
        "/",
        {
          body: {
            resourceType: "Bundle",
            type,
            entry: [
              `Observation/${kept[person].observation}`,
              `Observation/${kept[second].restricted}`,
              `Observation?patient=${ids[second]}`,
            ].map((url) => ({ request: { method: "GET", url } })),
          },
        },
      ],
    ]),
  ),
  "transaction that writes": ({ ids, kept }, { person, second }) => [
    "POST",
    "/",
    {
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          {
            resource: anObservation(ids[person]),
            request: { method: "POST", url: "Observation" },
          },
          {
            request: {
              method: "GET",
              url: `Observation/${kept[second].observation}`,
            },
          },
        ],
      },
    },
  ],
  create: ({ ids }, { person }) => [
    "POST",
    "/Observation",
    { body: anObservation(ids[person]) },
  ],
  "create unless there": ({ ids }, { person, second }) => [
    "POST",
    "/Observation",
    {
      headers: { "if-none-exist": `patient=${ids[second]}&status=preliminary` },
      body: anObservation(ids[person]),
    },
  ],
  "update by criteria": ({ ids }, { person }) => [
    "PUT",
    "/Observation",
    {
      query: { identifier: `urn:example:lab|${person}` },
      body: anObservation(ids[person]),
    },
  ],
  validate: ({ ids, kept }, { person }) => [
    "POST",
    `/Observation/${kept[person].observation}/$validate`,
    {
      body: { ...anObservation(ids[person]), id: kept[person].observation },
    },
  ],
  "privacy requests": ({ ids }, { person }) => [
    "GET",
    "/v1/privacy-requests",
    { query: { patient: ids[person] } },
  ],
  disclosures: ({ ids }, { person }) => [
    "GET",
    `/v1/patients/${ids[person]}/disclosures`,
  ],
  "audit trail": ({ ids }, { person }) => [
    "GET",
    "/AuditEvent",
    { query: { patient: ids[person] } },
  ],
  "access log": ({ ids }, { person }) => [
    "GET",
    `/v1/patients/${ids[person]}/access-log`,
  ],
  "open emergency access": ({ ids }, { person }) => [
    "POST",
    "/v1/emergency-access",
    {
      body: {
        patient: ids[person],
        reason: "life-threatening",
        text: "Unconscious in room two",
      },
    },
  ],
};

const anObservation = (patient: string): object => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "Written" },
  subject: { reference: `Patient/${patient}` },
});

export const aRequest: fc.Arbitrary<Request> = fc.record({
  name: fc.constantFrom(...Object.keys(requests)),
  caller: fc.constantFrom(
    ...(Object.keys(callers) as (keyof typeof callers)[]),
  ),
  purpose: fc.constantFrom(undefined, undefined, undefined, "ETREAT", "HPAYMT"),
  person: fc.constantFrom(...people),
  second: fc.constantFrom(...people),
});
