import { isObject } from "../json.ts";
import { expression, expressionSource } from "../jsonata/expression.ts";
import { limits } from "../limits.ts";
import { instant } from "../timestamp.ts";
import { numberAt, type Raw, type Range, type Report } from "./report.ts";

/** The members of `$states` that an expression may read. */
export type Readable = readonly (
  "input" | "context" | "result" | "errorOutput"
)[];

export const onEntry: Readable = ["input", "context"];
export const onResult: Readable = ["input", "context", "result"];
export const onError: Readable = ["input", "context", "errorOutput"];

interface Place {
  readonly location: string;
  readonly into: Report;
  readonly readable: Readable;
}

const checkSource = (
  source: string,
  { location, into, readable }: Place,
): void => {
  try {
    for (const { name, fields } of expression(source).references) {
      const [member] = fields;
      if (
        name !== "states" ||
        member === undefined ||
        (readable as readonly string[]).includes(member)
      )
        continue;
      into.problem(`Field '$states.${member}' does not exist.`, location);
    }
  } catch (error) {
    into.problem(
      `Invalid JSONata expression: ${(error as Error).message}`,
      location,
    );
  }
};

/** Checks every `{% … %}` in a value. */
export const checkTemplate = (value: unknown, place: Place): void => {
  if (typeof value === "string") {
    const source = expressionSource(value);
    if (source !== undefined) checkSource(source, place);
  } else if (Array.isArray(value)) {
    value.forEach((item, i) =>
      checkTemplate(item, { ...place, location: `${place.location}[${i}]` }),
    );
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value))
      checkTemplate(item, { ...place, location: `${place.location}/${key}` });
  }
};

/** Checks a field that is an expression or a literal of its own kind. */
export const checkField = (
  raw: Raw,
  name: string,
  place: Place & { literal: (value: unknown, location: string) => void },
): void => {
  if (!(name in raw)) return;
  const value = raw[name];
  const location = `${place.location}/${name}`;
  const source =
    typeof value === "string" ? expressionSource(value) : undefined;
  if (source === undefined) place.literal(value, location);
  else checkSource(source, { ...place, location });
};

export const aNumber =
  (range: Range, into: Report) => (value: unknown, location: string) =>
    numberAt(value, range, { location, into });

export const aBoolean =
  (into: Report) => (value: unknown, location: string) => {
    if (typeof value !== "boolean")
      into.problem(
        "Expected value of type Boolean or a JSONata expression",
        location,
      );
  };

export const aString = (into: Report) => (value: unknown, location: string) => {
  if (typeof value !== "string")
    into.problem("Expected value of type String", location);
};

export const aTimestamp =
  (into: Report) => (value: unknown, location: string) => {
    if (typeof value !== "string" || instant(value) === undefined)
      into.problem(
        "Expected an RFC3339 timestamp or a JSONata expression",
        location,
      );
  };

const variableName = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/** Checks an Assign field; its names are left to the scopes. */
export const checkAssign = (raw: Raw, place: Place): void => {
  if (!("Assign" in raw)) return;
  const location = `${place.location}/Assign`;
  if (!isObject(raw.Assign)) {
    place.into.problem("Expected value of type Object", location);
    return;
  }
  for (const name of Object.keys(raw.Assign)) {
    const at = `${location}/${name}`;
    if (name === "states")
      place.into.problem("The variable name 'states' is reserved.", at);
    else if (!variableName.test(name) || name.length > limits.nameLength)
      place.into.problem(`The variable name '${name}' is not valid.`, at);
  }
  checkTemplate(raw.Assign, { ...place, location });
};
