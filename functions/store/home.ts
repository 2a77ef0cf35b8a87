import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { isUlid } from "../core/ids.ts";
import type { Declaration } from "../resources/declaration.ts";

/** The patient in whose compartment a new resource is filed; undefined for the directory. Throws 422 when it needs one. */
export const homeOf = (
  resource: Resource,
  { type, home, homeOptional, homeByResource }: Declaration,
): string | undefined => {
  if (!Array.isArray(home)) return undefined;
  const paths = home as readonly string[];
  const references = referencesAt(resource, paths);
  const [patient] = references.flatMap(
    (reference) =>
      (homeByResource === true ? ownerIn(reference) : patientIn(reference)) ??
      [],
  );
  // The home of what a transaction has yet to make is not known.
  const isOpen =
    homeByResource === true &&
    references.some((reference) => reference.startsWith("urn:"));
  if (patient === undefined && (homeOptional !== true || isOpen)) {
    throw new Fault(
      "WithoutPatient",
      422,
      `${type} needs a reference to ${homeByResource === true ? "what is there or made before it" : "a patient of this server"} at ${paths.join(" or ")}.`,
      {
        code: "required",
        expression: paths.map((path) => `${type}.${path}`),
      },
    );
  }
  return patient;
};

/** Ids of the patients that the elements at these paths refer to, in order, each once. */
export const patientsAt = (
  resource: Resource,
  paths: readonly string[],
): readonly string[] => [
  ...new Set(
    referencesAt(resource, paths).flatMap(
      (reference) => patientIn(reference) ?? [],
    ),
  ),
];

const referencesAt = (
  resource: Resource,
  paths: readonly string[],
): readonly string[] =>
  paths.flatMap((path) =>
    path
      .split(".")
      .reduce<unknown[]>(
        (values, name) =>
          values.flatMap((value) =>
            isRecord(value) ? (value[name] ?? []) : [],
          ),
        [resource],
      )
      .flatMap((value) => {
        const reference = isRecord(value) ? value.reference : undefined;
        return typeof reference === "string" ? reference : [];
      }),
  );

const patientIn = (reference: string): string | undefined => {
  const id = /^Patient\/(\w{26})(\/_history\/\d+)?$/.exec(reference)?.[1];
  return id !== undefined && isUlid(id) ? id : undefined;
};

/** The patient in whose compartment the named resource is: ids are addresses. */
const ownerIn = (reference: string): string | undefined => {
  const [, id = "", local = ""] =
    /^[A-Z]\w+\/(\w{26})-(\w{26})(?:\/_history\/\d+)?$/.exec(reference) ?? [];
  return isUlid(id) && isUlid(local) ? id : patientIn(reference);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
