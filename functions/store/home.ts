import type { Reference, Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { isUlid } from "../core/ids.ts";
import type { Declaration } from "../resources/declaration.ts";

/** The patient in whose compartment a new resource is filed; undefined for the directory. Throws 422 when it needs one. */
export const homeOf = (
  resource: Resource,
  { type, home, homeOptional }: Declaration,
): string | undefined => {
  if (!Array.isArray(home)) return undefined;
  const patients = patientsAt(resource, home as readonly string[]);
  if (patients[0] === undefined && homeOptional !== true) {
    throw new Fault(
      "WithoutPatient",
      422,
      `${type} needs a reference to a patient of this server at ${home.join(" or ")}.`,
      {
        code: "required",
        expression: home.map((path: string) => `${type}.${path}`),
      },
    );
  }
  return patients[0];
};

/** Ids of the patients that the elements at these paths refer to, in order, each once. */
export const patientsAt = (
  resource: Resource,
  paths: readonly string[],
): readonly string[] => [
  ...new Set(
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
        .flatMap((value) => patientIn(value as Reference | undefined) ?? []),
    ),
  ),
];

const patientIn = (reference: Reference | undefined): string | undefined => {
  const id = /^Patient\/(\w{26})(\/_history\/\d+)?$/.exec(
    reference?.reference ?? "",
  )?.[1];
  return id !== undefined && isUlid(id) ? id : undefined;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
