import type {
  CapabilityStatement,
  CapabilityStatementRest,
  CapabilityStatementRestResource,
} from "@medplum/fhirtypes";
import { declarations } from "./all.ts";
import type { KnownType } from "./declaration.ts";
import { security, type SignIn } from "./smart.ts";
import { usCoreProfiles } from "./us-core.ts";
import { parametersOf, type Parameter } from "./search/parameter.ts";
import { loadTables } from "./search/tables.ts";

interface Server {
  readonly base: string;
  /** Of the software. */
  readonly version: string;
  /** When this version came about: an instant or a date. */
  readonly date: string;
  /** Every route as `METHOD /fhir/R4/…`: what is routed is what is claimed. */
  readonly routes: readonly string[];
  readonly signIn: SignIn;
}

const known = Object.keys(declarations) as readonly KnownType[];

/** What the server can do, from the declarations and the routes that it works by. */
export const capabilityStatement = async (
  server: Server,
): Promise<CapabilityStatement> => {
  await loadTables(known);
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: server.date,
    kind: "instance",
    instantiates: instantiates(server.routes),
    software: { name: "Sojourn", version: server.version },
    implementation: {
      description: "Patient engagement platform",
      url: server.base,
    },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    rest: [rest(server)],
  };
};

const instantiates = (routes: Server["routes"]): string[] => [
  "http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server",
  ...(routes.some((route) => route.endsWith("/$export"))
    ? ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"]
    : []),
];

const rest = ({ base, signIn, routes }: Server): CapabilityStatementRest => ({
  mode: "server",
  security: security(signIn),
  ...(routes.includes("POST /fhir/R4") && {
    interaction: [
      { code: "transaction" },
      { code: "batch" },
      ...(routes.includes("GET /fhir/R4/_history")
        ? [{ code: "history-system" as const }]
        : []),
    ],
  }),
  resource: [
    ...known.map((type) => resource(type, base, routes)),
    ...(routes.includes("GET /fhir/R4/AuditEvent") ? [auditEvents] : []),
  ],
  ...(routes.includes("GET /fhir/R4/$export") && {
    operation: [{ name: "export", definition: bulkOperation("export") }],
  }),
});

const definedElsewhere: Readonly<Record<string, string>> = {
  "Patient-everything":
    "http://hl7.org/fhir/OperationDefinition/Patient-everything",
  "Patient-match": "http://hl7.org/fhir/OperationDefinition/Patient-match",
  "Resource-validate":
    "http://hl7.org/fhir/OperationDefinition/Resource-validate",
  "Patient-summary": "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
};

/** As the Bulk Data Access IG defines it. */
const bulkOperation = (name: string): string =>
  `http://hl7.org/fhir/uv/bulkdata/OperationDefinition/${name}`;

/** Told from the facts, neither kept nor written. */
const auditEvents: CapabilityStatementRestResource = {
  type: "AuditEvent",
  profile: "http://hl7.org/fhir/StructureDefinition/AuditEvent",
  documentation:
    "Who did what, in the shape of IHE BALP, newest first. A search names a patient, or dates that span at most 31 days: it then tells all but reads of patients.",
  interaction: [{ code: "read" }, { code: "search-type" }],
  versioning: "no-version",
  searchParam: (
    [
      ["patient", "reference"],
      ["date", "date"],
      ["agent", "reference"],
      ["action", "token"],
      ["entity", "reference"],
    ] as const
  ).map(([name, type]) => ({
    name,
    type,
    definition: `http://hl7.org/fhir/SearchParameter/AuditEvent-${name}`,
  })),
};

const interactions = {
  read: "GET /fhir/R4/{type}/{id}",
  vread: "GET /fhir/R4/{type}/{id}/_history/{version}",
  update: "PUT /fhir/R4/{type}/{id}",
  patch: "PATCH /fhir/R4/{type}/{id}",
  delete: "DELETE /fhir/R4/{type}/{id}",
  "history-instance": "GET /fhir/R4/{type}/{id}/_history",
  "history-type": "GET /fhir/R4/{type}/_history",
  create: "POST /fhir/R4/{type}",
  "search-type": "GET /fhir/R4/{type}",
} as const;

const resource = (
  type: KnownType,
  base: string,
  routes: readonly string[],
): CapabilityStatementRestResource => {
  const parameters = [...parametersOf(type).values()];
  const operation = operations(type, base, routes);
  const supportedProfile = usCoreProfiles(type);
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(supportedProfile.length > 0 && { supportedProfile }),
    interaction: (Object.keys(interactions) as (keyof typeof interactions)[])
      .filter((code) => routes.includes(interactions[code]))
      .map((code) => ({ code })),
    versioning: "versioned-update",
    readHistory: true,
    updateCreate: false,
    conditionalCreate: true,
    conditionalRead: "full-support",
    conditionalUpdate: routes.includes("PUT /fhir/R4/{type}"),
    conditionalDelete: routes.includes("DELETE /fhir/R4/{type}")
      ? "single"
      : "not-supported",
    referencePolicy: ["literal", "logical"],
    searchInclude: parameters
      .filter(isReference)
      .map(({ name }) => `${type}:${name}`),
    searchRevInclude: referrers(type),
    searchParam: parameters.map(({ name, type: kind, definition }) => ({
      name,
      type: kind,
      definition,
    })),
    ...(operation.length > 0 && { operation }),
  };
};

const isReference = ({ type }: Parameter): boolean => type === "reference";

/** `Type:parameter` of every reference parameter that may point to the type. */
const referrers = (target: KnownType): string[] =>
  known.flatMap((type) =>
    [...parametersOf(type).values()]
      .filter(
        (parameter) =>
          isReference(parameter) && (parameter.targets?.has(target) ?? true),
      )
      .map(({ name }) => `${type}:${name}`),
  );

const operations = (
  type: KnownType,
  base: string,
  routes: readonly string[],
) => {
  const names = routes.flatMap(
    (route) =>
      new RegExp(
        String.raw` /fhir/R4/(?:${type}|\{type\})/(?:\{id\}/)?\$([\w-]+)$`,
        "u",
      ).exec(route)?.[1] ?? [],
  );
  return [...new Set(names)].map((name) => ({
    name,
    definition:
      name === "export"
        ? bulkOperation(`${type.toLowerCase()}-export`)
        : (definedElsewhere[`${type}-${name}`] ??
          definedElsewhere[`Resource-${name}`] ??
          `${base}/OperationDefinition/${type}-${name}`),
  }));
};
