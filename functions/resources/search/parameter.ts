import type { KnownType } from "../declaration.ts";
import { common } from "../definitions/common.generated.ts";
import type { Parameters } from "./table.ts";
import { tableOf } from "./tables.ts";

export type ParameterType =
  "string" | "token" | "date" | "reference" | "uri" | "number" | "quantity";

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly paths: readonly Path[];
  /** What a reference may point to; undefined for any. */
  readonly targets: ReadonlySet<string> | undefined;
  /** The canonical URL of R4's definition. */
  readonly definition: string;
}

export interface Path {
  readonly steps: readonly string[];
  readonly datatype: string;
  /** The type that a reference points to, the system of a contact point. */
  readonly only: string | undefined;
  /** The `type` of the element that has the last property. */
  readonly kind: string | undefined;
}

const parsed = new Map<KnownType, ReadonlyMap<string, Parameter>>();

/** The search parameters of a type whose table is loaded, by name, those of every type included. */
export const parametersOf = (
  type: KnownType,
): ReadonlyMap<string, Parameter> => {
  const known = parsed.get(type) ?? parse(type);
  parsed.set(type, known);
  return known;
};

const parse = (type: KnownType): ReadonlyMap<string, Parameter> =>
  new Map([
    ...parameters("Resource", common),
    ...parameters(type, tableOf(type).parameters),
  ]);

const parameters = (
  base: string,
  texts: Parameters,
): readonly (readonly [string, Parameter])[] =>
  Object.entries(texts).map(([name, text]) => [
    name,
    parameter(base, name, text),
  ]);

const parameter = (base: string, name: string, text: string): Parameter => {
  const [type, ...rest] = text.split(" ");
  const marked = (mark: string): string | undefined =>
    rest.find((part) => part.startsWith(mark))?.slice(1);
  const targets = marked(">")?.split(",");
  return {
    name,
    type: type as ParameterType,
    paths: rest.filter((part) => !/^[>=]/u.test(part)).map(path),
    targets: targets && new Set(targets),
    definition: `http://hl7.org/fhir/SearchParameter/${marked("=") ?? `${base}-${name.replace(/^_/u, "")}`}`,
  };
};

const path = (text: string): Path => {
  const {
    steps = "",
    datatype = "",
    only,
    kind,
  } = /^(?<steps>[^:]+):(?<datatype>\w+)(?:\[(?:(?<only>\w+)|type=(?<kind>[\w-]+))\])?$/u.exec(
    text,
  )?.groups ?? {};
  return { steps: steps.split("."), datatype, only, kind };
};
