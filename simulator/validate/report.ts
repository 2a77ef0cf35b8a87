import { isObject } from "../json.ts";
import type { Diagnostic } from "../faults.ts";

export type Raw = Record<string, unknown>;

/** What has been found out about a definition so far; locations are written as Step Functions writes them (`/States/X/Retry[0]`). */
export interface Report {
  readonly problems: Diagnostic[];
  readonly unsupported: {
    readonly feature: string;
    readonly location: string;
  }[];
  problem(message: string, location: string, code?: string): void;
  unsupport(feature: string, location: string): void;
}

export const report = (): Report => {
  const problems: Diagnostic[] = [];
  const unsupported: { feature: string; location: string }[] = [];
  return {
    problems,
    unsupported,
    problem: (message, location, code = "SCHEMA_VALIDATION_FAILED") =>
      void problems.push({ code, message, location: location || "/" }),
    unsupport: (feature, location) =>
      void unsupported.push({ feature, location }),
  };
};

export const missingTarget = "MISSING_TRANSITION_TARGET";

/** The value as an object; anything else is a problem. */
export const objectAt = (
  value: unknown,
  location: string,
  into: Report,
): Raw | undefined => {
  if (isObject(value)) return value;
  into.problem("Expected value of type Object", location);
  return undefined;
};

/** The value as a list of objects with at least so many members. */
export const objectsAt = (
  value: unknown,
  location: string,
  into: Report,
): (readonly [Raw, string])[] => {
  if (!Array.isArray(value) || value.length === 0) {
    into.problem(
      "Expected value of type Array with at least one item",
      location,
    );
    return [];
  }
  return value.flatMap((item, i) => {
    const object = objectAt(item, `${location}[${i}]`, into);
    return object ? [[object, `${location}[${i}]`] as const] : [];
  });
};

export const fieldsAt = (
  raw: Raw,
  fields: { required?: readonly string[]; optional?: readonly string[] },
  place: { location: string; into: Report },
): void => {
  const { required = [], optional = [] } = fields;
  const missing = required.filter((name) => !(name in raw));
  if (missing.length > 0)
    place.into.problem(
      `These fields are required: [${missing.join(", ")}]`,
      place.location,
    );
  for (const name of Object.keys(raw)) {
    if (!required.includes(name) && !optional.includes(name))
      place.into.problem(
        `Field '${name}' is not supported`,
        `${place.location}/${name}`,
      );
  }
};

export const textAt = (
  value: unknown,
  location: string,
  into: Report,
): string | undefined => {
  if (typeof value === "string") return value;
  into.problem("Expected value of type String", location);
  return undefined;
};

export interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

export const numberAt = (
  value: unknown,
  { least, most, whole = true }: Range,
  place: { location: string; into: Report },
): void => {
  const { location, into } = place;
  if (typeof value !== "number" || (whole && !Number.isInteger(value)))
    into.problem(
      `Expected value of type ${whole ? "Integer" : "Number"}`,
      location,
    );
  else if (value < least) into.problem(`Minimum value is ${least}`, location);
  else if (value > most) into.problem(`Maximum value is ${most}`, location);
};
