import type { Identifier, Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import type { Declaration, Entry } from "../resources/declaration.ts";
import { identifierValue, type CountryCode } from "../resources/normalise.ts";
import { indexKey, shard, uniqueKey, type Key } from "./keys.ts";
import type { Vault } from "./vault.ts";

const mostEntries = 40;

/** The index entries of a resource as keys of the table: declared look-ups, its identifiers, and the list of all patients. */
export const indexEntries = async (
  vault: Vault,
  resource: Resource & { id: string },
  declaration: Declaration,
  country: CountryCode,
): Promise<readonly Key[]> => {
  const version = await vault.indexVersion();
  const { type } = declaration;
  const entries = [
    ...(declaration.index?.(resource, country) ?? []),
    ...identifiersOf(resource).flatMap(({ system = "", value }) =>
      identifierEntries(system, identifierValue(value)),
    ),
    ...(type === "Patient"
      ? [{ list: "all", key: [String(shard(resource.id))], hashed: false }]
      : []),
  ];
  const distinct = [
    ...new Map(
      entries.map((entry) => [
        JSON.stringify([entry.list, entry.key, entry.sort]),
        entry,
      ]),
    ).values(),
  ];
  if (distinct.length > mostEntries) {
    throw new Fault(
      "TooManyEntries",
      422,
      `${type} has more names, contacts and identifiers than can be looked up (${mostEntries} entries).`,
      {
        code: "too-costly",
        expression: [type],
      },
    );
  }
  return Promise.all(
    distinct.map(async (entry) => ({
      pk: await partitionOf(vault, version, declaration, entry),
      sk: `${entry.sort ?? ""}#${resource.id}`,
    })),
  );
};

/** The partition that lists the resources of one look-up value. */
export const partitionOf = async (
  vault: Vault,
  version: number,
  { type }: Pick<Declaration, "type">,
  { list, key, hashed }: Entry,
): Promise<string> =>
  indexKey(
    version,
    type as never,
    list,
    hashed ? await vault.hash(type, list, key) : key.join("|"),
  );

const identifierEntries = (system: string, value: string): readonly Entry[] => [
  { list: "identifier", key: [system, value], hashed: true },
  ...(system === ""
    ? []
    : [{ list: "identifier", key: ["*", value], hashed: true }]),
];

/** Keys of which one exists per value, for the identifier systems that the organization, or Sojourn itself, declares unique. */
export const uniqueKeys = async (
  vault: Vault,
  resource: Resource,
  declaration: Declaration,
  systems: ReadonlySet<string>,
): Promise<readonly Key[]> => {
  const version = await vault.indexVersion();
  return Promise.all(
    identifiersOf(resource)
      .filter(
        ({ system = "" }) =>
          systems.has(system) ||
          (system.startsWith("urn:sojourn:") && system !== account),
      )
      .map(async ({ system = "", value }) =>
        uniqueKey(
          version,
          declaration.type as never,
          await vault.hash("unique", system, [identifierValue(value)]),
        ),
      ),
  );
};

/** Of a portal user, who may act for several patients. */
const account = "urn:sojourn:user";

const identifiersOf = (
  resource: Resource,
): readonly (Identifier & { value: string })[] => {
  const { identifier } = resource as { identifier?: Identifier | Identifier[] };
  return [identifier ?? []]
    .flat()
    .filter(
      (one): one is Identifier & { value: string } => one.value !== undefined,
    );
};
