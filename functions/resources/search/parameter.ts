import type { KnownType } from "../declaration.ts";
import { searchTable } from "../definitions/search.generated.ts";

export type ParameterType =
  "string" | "token" | "date" | "reference" | "uri" | "number" | "quantity";

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly paths: readonly Path[];
  /** What a reference may point to; undefined for any. */
  readonly targets: ReadonlySet<string> | undefined;
}

export interface Path {
  readonly steps: readonly string[];
  readonly datatype: string;
  /** The type that a reference points to, the system of a contact point. */
  readonly only: string | undefined;
}

const parsed = new Map<KnownType, ReadonlyMap<string, Parameter>>();

/** The search parameters of a type by name, those of every type included. */
export const parametersOf = (
  type: KnownType,
): ReadonlyMap<string, Parameter> => {
  const known =
    parsed.get(type) ??
    parse({ ...searchTable.common, ...searchTable.types[type].parameters });
  parsed.set(type, known);
  return known;
};

const parse = (
  texts: Readonly<Record<string, string>>,
): ReadonlyMap<string, Parameter> =>
  new Map(
    Object.entries(texts).map(([name, text]) => [name, parameter(name, text)]),
  );

const parameter = (name: string, text: string): Parameter => {
  const [type, ...rest] = text.split(" ");
  const targets = rest.find((part) => part.startsWith(">"));
  return {
    name,
    type: type as ParameterType,
    paths: rest.filter((part) => part !== targets).map(path),
    targets:
      targets === undefined ? undefined : new Set(targets.slice(1).split(",")),
  };
};

const path = (text: string): Path => {
  const {
    steps = "",
    datatype = "",
    only,
  } = /^(?<steps>[^:]+):(?<datatype>\w+)(?:\[(?<only>\w+)\])?$/u.exec(text)
    ?.groups ?? {};
  return { steps: steps.split("."), datatype, only };
};
