import type { Binary, Identifier, Resource } from "@medplum/fhirtypes";
import { createHash } from "node:crypto";
import type { KnownType } from "../resources/declaration.ts";

/** R4 gives these none, or only one, which is the source's: their names at the source are remembered beside the record. */
export const withoutIdentifiers: ReadonlySet<KnownType> = new Set<KnownType>([
  "Binary",
  "Provenance",
  "QuestionnaireResponse",
  "Subscription",
]);

export const sourceSystem = (source: string): string =>
  `urn:sojourn:source:${source}`;

const importOf = (id: string): string => `urn:sojourn:import:${id}`;

/** The resource as it is kept: with our id, with the name that it has at its source, and with the import that brought it. */
export const taken = <T extends Resource>(
  resource: T,
  {
    id,
    name,
    source,
    job,
  }: {
    readonly id: string;
    readonly name: string;
    readonly source: string;
    readonly job: string;
  },
): T & { id: string } => {
  const {
    versionId: _version,
    lastUpdated: _time,
    ...meta
  } = resource.meta ?? {};
  const system = sourceSystem(source);
  const kept = { ...resource, id, meta: { ...meta, source: importOf(job) } };
  if (withoutIdentifiers.has(resource.resourceType as KnownType)) return kept;
  const { identifier = [] } = resource as { identifier?: Identifier[] };
  return {
    ...kept,
    identifier: [
      ...identifier.filter((one) => one.system !== system),
      { system, value: name },
    ],
  } as T & { id: string };
};

/** Whether this import wrote the resource as it now stands. */
export const isBroughtBy = ({ meta }: Resource, job: string): boolean =>
  meta?.source === importOf(job);

/** What of a resource is compared: all but what each write and each import set anew. */
export const content = (resource: Resource): unknown => {
  const {
    versionId: _version,
    lastUpdated: _time,
    source: _source,
    ...meta
  } = resource.meta ?? {};
  return { ...withoutBytes(resource), meta };
};

/** A Binary's bytes lie elsewhere; the record keeps their hash. */
const withoutBytes = (resource: Resource): object => {
  if (resource.resourceType !== "Binary") return resource;
  const { data, _data, ...rest } = resource as Binary & { _data?: unknown };
  return {
    ...rest,
    hash:
      data === undefined
        ? /"sha256","valueString":"([0-9a-f]{64})"/u.exec(
            JSON.stringify(_data),
          )?.[1]
        : createHash("sha256")
            .update(Buffer.from(data, "base64"))
            .digest("hex"),
  };
};
