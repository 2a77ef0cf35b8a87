import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceOperation,
} from "@medplum/fhirtypes";
import { declarations } from "./all.ts";
import type { Declaration, KnownType } from "./declaration.ts";
import { parametersOf } from "./search/parameter.ts";

interface Server {
  readonly base: string;
  /** Of the software. */
  readonly version: string;
  /** When this version came about: an instant or a date. */
  readonly date: string;
}

const operation = (
  name: string,
  definition: string,
): CapabilityStatementRestResourceOperation => ({ name, definition });

/** Argonaut Scheduling's operations in their R4 form, and two that it lacks. */
const operations = (
  base: string,
): Partial<Record<KnownType, CapabilityStatementRestResourceOperation[]>> => ({
  Appointment: ["find", "hold", "book", "cancel", "reschedule"].map((name) =>
    operation(name, `${base}/OperationDefinition/Appointment-${name}`),
  ),
  Patient: [
    operation(
      "everything",
      "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    ),
    operation("match", "http://hl7.org/fhir/OperationDefinition/Patient-match"),
  ],
});

const interactions = [
  "read",
  "vread",
  "update",
  "patch",
  "delete",
  "history-instance",
  "create",
  "search-type",
] as const;

/** What the server can do, from the declarations that it works by. */
export const capabilityStatement = (server: Server): CapabilityStatement => ({
  resourceType: "CapabilityStatement",
  status: "active",
  date: server.date,
  kind: "instance",
  software: { name: "Sojourn", version: server.version },
  implementation: {
    description: "Patient engagement platform",
    url: server.base,
  },
  fhirVersion: "4.0.1",
  format: ["application/fhir+json", "json"],
  patchFormat: ["application/json-patch+json"],
  rest: [
    {
      mode: "server",
      security: {
        cors: true,
        service: [
          {
            coding: [
              {
                system:
                  "http://terminology.hl7.org/CodeSystem/restful-security-service",
                code: "OAuth",
              },
            ],
          },
        ],
      },
      interaction: [{ code: "transaction" }, { code: "batch" }],
      resource: Object.values(declarations).map((declaration) =>
        resource(declaration, server),
      ),
    },
  ],
});

const resource = (
  { type }: Declaration,
  { base }: Server,
): CapabilityStatementRestResource => {
  const parameters = [...parametersOf(type as KnownType).values()];
  const offered = operations(base)[type as KnownType];
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: interactions.map((code) => ({ code })),
    versioning: "versioned-update",
    readHistory: true,
    updateCreate: false,
    conditionalCreate: true,
    conditionalRead: "full-support",
    conditionalUpdate: true,
    conditionalDelete: "single",
    referencePolicy: ["literal", "logical"],
    searchInclude: parameters
      .filter((parameter) => parameter.type === "reference")
      .map(({ name }) => `${type}:${name}`),
    searchRevInclude: includers(type as KnownType),
    searchParam: parameters.map(({ name, type: kind }) => ({
      name,
      type: kind,
      definition: definitionOf(type, name),
    })),
    ...(offered && { operation: offered }),
  };
};

/** `Type:parameter` of every reference parameter that may point to the type. */
const includers = (target: KnownType): string[] =>
  Object.values(declarations).flatMap(({ type }) =>
    [...parametersOf(type as KnownType).values()]
      .filter(
        (parameter) =>
          parameter.type === "reference" &&
          (parameter.targets?.has(target) ?? true),
      )
      .map(({ name }) => `${type}:${name}`),
  );

const definitionOf = (type: string, name: string): string =>
  `http://hl7.org/fhir/SearchParameter/${name.startsWith("_") ? `Resource-${name.slice(1)}` : `${type}-${name}`}`;
