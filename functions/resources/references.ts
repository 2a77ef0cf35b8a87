import type { Reference, Resource } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The values at an element path, through arrays. */
const valuesAt = (node: unknown, path: string): readonly unknown[] =>
  path
    .split(".")
    .reduce<readonly unknown[]>(
      (nodes, name) =>
        nodes.flatMap((each) =>
          isRecord(each) && Object.hasOwn(each, name) ? each[name] : [],
        ),
      [node],
    );

/** The literal references at an element path: `Type/id`, without a version. */
export const referencesAt = (
  resource: Resource,
  path: string,
): readonly string[] =>
  valuesAt(resource, path).flatMap((value) => {
    const reference = isRecord(value)
      ? (value as Reference).reference
      : undefined;
    return typeof reference === "string"
      ? [reference.replace(/\/_history\/[^/]*$/u, "")]
      : [];
  });

const patientsAt = (
  resource: Resource,
  paths: readonly string[],
): readonly string[] =>
  paths
    .flatMap((path) => referencesAt(resource, path))
    .filter((reference) => reference.startsWith("Patient/"));

/** The `Patient/id` in whose compartment the resource lives; undefined for the directory, a Slot or a Patient itself. */
export const homeOf = (
  { home, homeByResource }: Declaration,
  resource: Resource,
): string | undefined => {
  if (typeof home === "string") return undefined;
  return homeByResource === true
    ? home
        .flatMap((path) => referencesAt(resource, path))
        .flatMap((reference) => patientOf(reference) ?? [])[0]
    : patientsAt(resource, home)[0];
};

/** Ids are addresses: that of a compartment's resource begins with the patient's. */
const patientOf = (reference: string): string | undefined => {
  const [type, id = ""] = reference.split("/");
  if (type === "Patient") return reference;
  const patient = /^(?<patient>[0-9A-Z]{26})-[0-9A-Z]{26}$/u.exec(id)?.groups
    ?.patient;
  return patient && `Patient/${patient}`;
};

/** Every other patient whose compartment the resource belongs to, each once. */
export const linksOf = (
  declaration: Declaration,
  resource: Resource,
): readonly string[] => {
  const home =
    declaration.home === "self"
      ? `Patient/${resource.id ?? ""}`
      : homeOf(declaration, resource);
  return [...new Set(patientsAt(resource, declaration.links))].filter(
    (patient) => patient !== home,
  );
};
