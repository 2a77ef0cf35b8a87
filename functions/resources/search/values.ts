import { Fault } from "../../core/fault.ts";
import { rangeOf } from "../dates.ts";
import type { Parameter } from "./parameter.ts";
import type { Modifier, Prefix, Value } from "./query.ts";

const prefixed = /^(?<prefix>eq|ne|gt|lt|ge|le|sa|eb|ap)?(?<rest>.*)$/su;

/** A search that cannot be understood; names the parameter, never the value. */
export const invalid = (name: string, text: string): Fault =>
  new Fault(
    "InvalidSearch",
    400,
    `search parameter ${printable(name)}: ${text}`,
    { expression: [printable(name)] },
  );

/** A parameter's name as far as it may be repeated in an answer. */
export const printable = (name: string): string =>
  /^_?[A-Za-z][A-Za-z0-9-]{0,39}(?::[A-Za-z-]{1,20})?$/u.test(name)
    ? name
    : "(unprintable)";

/** Cuts at a separator that no backslash precedes; the backslashes stay. */
export const split = (
  text: string,
  separator: "," | "|",
): readonly string[] => {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1)
    if (text[at] === "\\") at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  return [...parts, text.slice(from)];
};

const unescaped = (text: string): string => text.replace(/\\([,|$\\])/gu, "$1");

export const valueOf = (
  parameter: Parameter,
  modifier: Modifier | undefined,
  of: string | undefined,
  text: string,
): Value => {
  if (text === "") throw invalid(parameter.name, "a value is empty");
  if (modifier === "missing") return missing(parameter, text);
  if (modifier === "identifier") return token(parameter, text);
  if (modifier === "text") return { kind: "string", text: unescaped(text) };
  switch (parameter.type) {
    case "string":
      return { kind: "string", text: unescaped(text) };
    case "token":
      return token(parameter, text);
    case "date":
      return date(parameter, text);
    case "number":
    case "quantity":
      return number(parameter, text);
    case "reference":
      return reference(parameter, of, unescaped(text));
    case "uri":
      return { kind: "uri", uri: unescaped(text) };
  }
};

const missing = ({ name }: Parameter, text: string): Value => {
  if (text !== "true" && text !== "false")
    throw invalid(name, ":missing takes true or false");
  return { kind: "missing", missing: text === "true" };
};

const token = ({ name, paths }: Parameter, text: string): Value => {
  const parts = split(text, "|").map(unescaped);
  if (parts.length > 2)
    throw invalid(name, "takes code, system|code, system| or |code");
  const [first = "", second] = parts;
  const value =
    second === undefined
      ? { system: undefined, code: first }
      : { system: first, code: second === "" ? undefined : second };
  if (value.system === "" && value.code === undefined)
    throw invalid(name, "takes code, system|code, system| or |code");
  if (
    paths.every(
      ({ datatype }) => datatype === "boolean" || datatype === "exists",
    ) &&
    value.code !== "true" &&
    value.code !== "false"
  )
    throw invalid(name, "takes true or false");
  return { kind: "token", ...value };
};

const prefixOf = (text: string): readonly [Prefix, string] => {
  const { prefix = "eq", rest = "" } = prefixed.exec(text)?.groups ?? {};
  return [prefix as Prefix, rest];
};

const date = ({ name }: Parameter, text: string): Value => {
  const [prefix, rest] = prefixOf(text);
  // A `+` that was not percent-encoded arrives as a space.
  const range = rangeOf(unescaped(rest).replace(/ (?=\d\d:\d\d$)/u, "+"), true);
  if (!range)
    throw invalid(
      name,
      "takes a date, optionally after one of eq ne gt lt ge le sa eb ap: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss][zone]",
    );
  return { kind: "date", prefix, ...range };
};

/** R4 3.1.1.4.7: a number stands for all that round to it: 100 is 99.5 to 100.5, 1e2 is 95 to 105 (50 to 150 for one digit). */
const number = ({ name, type }: Parameter, text: string): Value => {
  const [head = "", ...unit] = split(text, "|").map(unescaped);
  const [prefix, rest] = prefixOf(head);
  const match =
    /^[+-]?\d{1,20}(?:\.(?<fraction>\d{1,20}))?(?:[eE](?<exponent>[+-]?\d{1,3}))?$/u.exec(
      rest,
    );
  if (
    !match ||
    (type === "number"
      ? unit.length > 0
      : unit.length !== 0 && unit.length !== 2)
  )
    throw invalid(
      name,
      `takes a number${type === "quantity" ? ", or number|system|code" : ""}, optionally after one of eq ne gt lt ge le sa eb ap`,
    );
  const value = Number(rest);
  const half =
    0.5 *
    10 **
      (Number(match.groups?.exponent ?? 0) -
        (match.groups?.fraction?.length ?? 0));
  const [system, code] = unit;
  return {
    kind: "number",
    prefix,
    number: value,
    from: value - half,
    to: value + half,
    ...(code && { unit: { system: system === "" ? undefined : system, code } }),
  };
};

const reference = (
  { name }: Parameter,
  of: string | undefined,
  text: string,
): Value => {
  const { type, id } =
    /^(?:(?<type>[A-Z][A-Za-z]+)\/)?(?<id>[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/u.exec(
      text,
    )?.groups ?? {};
  if (id !== undefined) {
    if (type !== undefined && of !== undefined && type !== of)
      throw invalid(name, "the type in the value is not that of the modifier");
    return { kind: "reference", type: type ?? of, id };
  }
  if (!/^[a-z][a-z0-9+.-]*:\S+$/u.test(text))
    throw invalid(name, "takes an id, Type/id or an absolute URL");
  return { kind: "uri", uri: text };
};
