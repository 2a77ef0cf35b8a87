import type { Definition, TypeDefinition } from "../definition.ts";
import { primitives, type Check } from "./primitives.ts";
import { rule, type Rule } from "./rules.ts";

/** A type as the walk uses it. */
export interface Shape {
  readonly name: string;
  /** By property: `deceasedBoolean`, not `deceased[x]`. */
  readonly fields: ReadonlyMap<string, Field>;
  readonly required: readonly {
    readonly name: string;
    readonly properties: readonly string[];
  }[];
  readonly rules: readonly Rule[];
}

export interface Field {
  readonly property: string;
  readonly type: string;
  readonly many: boolean;
  /** Present for a primitive datatype. */
  readonly check: Check | undefined;
  readonly codes: Codes | undefined;
  /** The resource types that a reference may point to; undefined for any. */
  readonly targets: ReadonlySet<string> | undefined;
  /** The element of which this property is one choice. */
  readonly choice: string | undefined;
}

/** A required value set: of codes, or of concepts as `system|code`. */
export interface Codes {
  has(code: string): boolean;
}

/** All types of a definition; those they build on are looked up in `known`. */
export const shapes = (
  definition: Definition,
  known: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, Shape> => {
  const codes = new Map(
    Object.entries(definition.codes).map(([name, text]) => [
      name,
      codesOf(text),
    ]),
  );
  const made = new Map<string, Shape>();
  const make = (name: string): Shape | undefined => {
    const type = definition.types[name];
    const existing = made.get(name) ?? known.get(name);
    if (existing || !type) return existing;
    const shape = shapeOf(
      name,
      type,
      type.base === undefined ? undefined : make(type.base),
      codes,
    );
    made.set(name, shape);
    return shape;
  };
  Object.keys(definition.types).forEach(make);
  return made;
};

const codesOf = (text: string): Codes => {
  const pattern = /^\/(.*)\/$/u.exec(text)?.[1];
  if (pattern === undefined) return new Set(text.split(" "));
  const expression = new RegExp(pattern, "u");
  return { has: (code) => expression.test(code) };
};

const shapeOf = (
  name: string,
  type: TypeDefinition,
  base: Shape | undefined,
  codes: ReadonlyMap<string, Codes>,
): Shape => {
  const elements = Object.entries(type.elements).map(([element, text]) =>
    fieldsOf(element, text, codes),
  );
  const fields = elements.flatMap((element) => element.fields);
  const choices = new Map(
    elements.map((element) => [
      element.name,
      element.fields.map(({ property }) => property),
    ]),
  );
  return {
    name,
    fields: new Map([
      ...(base?.fields ?? []),
      ...fields.map((field) => [field.property, field] as const),
    ]),
    required: [
      ...(base?.required ?? []),
      ...elements
        .filter(({ required }) => required)
        .map((element) => ({
          name: element.name,
          properties: choices.get(element.name) ?? [],
        })),
    ],
    rules: [
      ...(base?.rules ?? []),
      ...Object.entries(type.rules ?? {}).map(([key, texts]) =>
        rule(key, texts, { type: name, choices }),
      ),
    ],
  };
};

const fieldsOf = (
  element: string,
  text: string,
  codes: ReadonlyMap<string, Codes>,
) => {
  const {
    types = "",
    cardinality = "",
    set,
    targets,
  } = /^(?<types>[^!*+#>]+)(?<cardinality>[!*+]?)(?:#(?<set>[^>]+))?(?:>(?<targets>.+))?$/u.exec(
    text,
  )?.groups ?? {};
  const choice = element.endsWith("[x]") ? element.slice(0, -3) : undefined;
  return {
    name: choice ?? element,
    required: cardinality === "!" || cardinality === "+",
    fields: types.split("|").map((type): Field => ({
      property:
        choice === undefined
          ? element
          : choice + type.charAt(0).toUpperCase() + type.slice(1),
      type,
      many: cardinality === "*" || cardinality === "+",
      check: primitives.get(type),
      codes: set === undefined ? undefined : codes.get(set),
      targets:
        targets === undefined || type !== "Reference"
          ? undefined
          : new Set(targets.split(",")),
      choice,
    })),
  };
};
