import type { Resource } from "@medplum/fhirtypes";
import { targetOf } from "./target.ts";
import type { Parameter, Path } from "./parameter.ts";

/** A value that a parameter finds in a resource, with the datatype that says how to read it. */
export interface Found {
  readonly datatype: string;
  readonly value: unknown;
}

const collect = (
  node: unknown,
  path: Path,
  step: number,
  found: Found[],
): void => {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, path, step, found);
    return;
  }
  if (node === undefined || node === null) return;
  const { steps, datatype, only, kind } = path;
  const name = steps[step];
  if (name === undefined) {
    if (only === undefined || isOnly(node, only))
      found.push({ datatype, value: node });
  } else if (typeof node === "object") {
    const properties = node as Readonly<Record<string, unknown>>;
    const isLast = step === steps.length - 1;
    if (!isLast || kind === undefined || properties.type === kind)
      collect(properties[name], path, step + 1, found);
  }
};

const isOnly = (node: unknown, only: string): boolean => {
  const { system, reference, type } = node as {
    system?: unknown;
    reference?: unknown;
    type?: unknown;
  };
  if (system === only) return true;
  return typeof reference === "string"
    ? (targetOf(reference).type ?? type) === only
    : reference === undefined && type === only;
};

/** All values of a parameter in a resource. */
export const valuesOf = (
  resource: Resource,
  { paths }: Parameter,
): readonly Found[] => {
  const found: Found[] = [];
  for (const path of paths) collect(resource, path, 0, found);
  // R4's expression for `deceased` has a value for everybody.
  return found.length === 0 &&
    paths.some(({ datatype }) => datatype === "exists")
    ? [{ datatype: "boolean", value: false }]
    : found;
};
