import type { ElementDefinition } from "@medplum/fhirtypes";
import {
  elementsOf,
  structures,
} from "../../functions/resources/definitions/r4.ts";
import { isObject, type Json } from "./exact.ts";

/** A property of an object of a resource, or one item of it, with what R4 says of it. */
export interface Place {
  readonly owner: Json;
  readonly key: string;
  /** Undefined for the property as a whole. */
  readonly index?: number;
  /** FHIRPath, as a finding names it. */
  readonly path: string;
  readonly ownerPath: string;
  readonly element: ElementDefinition;
  readonly type: string;
}

export const valueAt = ({ owner, key, index }: Place): unknown =>
  index === undefined ? owner[key] : (owner[key] as unknown[])[index];

export const put = ({ owner, key, index }: Place, value: unknown): void => {
  if (index === undefined) owner[key] = value;
  else (owner[key] as unknown[])[index] = value;
};

const children = new Map<string, ReadonlyMap<string, Child>>();

interface Child {
  readonly element: ElementDefinition;
  readonly type: string;
  /** The structure of what is below it. */
  readonly below: string;
}

/** By property, what R4 defines right below a type or a backbone element of it. */
export const childrenOf = (structure: string): ReadonlyMap<string, Child> => {
  const known = children.get(structure);
  if (known) return known;
  const [root = ""] = structure.split(".");
  const all = structures.has(root) ? elementsOf(root) : [];
  const made = new Map(
    all
      .filter(
        ({ path }) =>
          path.startsWith(`${structure}.`) &&
          !path.slice(structure.length + 1).includes("."),
      )
      .flatMap((element) => propertiesOf(element, all)),
  );
  children.set(structure, made);
  return made;
};

export const isElement = (structure: string, property: string): boolean =>
  childrenOf(structure).has(property);

const propertiesOf = (
  element: ElementDefinition,
  all: readonly ElementDefinition[],
): readonly [string, Child][] => {
  const name = element.path.slice(element.path.lastIndexOf(".") + 1);
  const reused = element.contentReference?.replace(/^.*#/u, "");
  const isInner = all.some(({ path }) => path.startsWith(`${element.path}.`));
  return (element.type ?? [{ code: "BackboneElement" }]).map((given) => {
    const type = given.code.startsWith("http")
      ? (given.extension?.find(({ url }) => url.endsWith("fhir-type"))
          ?.valueUrl ?? "string")
      : given.code;
    return [
      name.endsWith("[x]")
        ? `${name.slice(0, -3)}${type.charAt(0).toUpperCase()}${type.slice(1)}`
        : name,
      { element, type, below: reused ?? (isInner ? element.path : type) },
    ];
  });
};

/** Every place of a resource, its whole properties and their single values. */
export const placesIn = (
  owner: Json,
  structure: string,
  ownerPath: string,
): readonly Place[] =>
  Object.entries(owner).flatMap(([key, value]) => {
    const child = childrenOf(structure).get(key);
    if (!child) return [];
    const { element, type, below } = child;
    const whole = {
      ...{ owner, key, ownerPath, element, type },
      path: `${ownerPath}.${key}`,
    };
    const deeper = (inner: unknown, path: string): readonly Place[] => {
      if (!isObject(inner)) return [];
      const { resourceType } = inner;
      return placesIn(
        inner,
        type === "Resource" && typeof resourceType === "string"
          ? resourceType
          : below,
        path,
      );
    };
    if (!Array.isArray(value)) return [whole, ...deeper(value, whole.path)];
    return [
      whole,
      ...value.flatMap((inner: unknown, index) => {
        const path = `${whole.path}[${String(index)}]`;
        return [{ ...whole, index, path }, ...deeper(inner, path)];
      }),
    ];
  });
