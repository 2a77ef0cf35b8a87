import { containedShape } from "./contained.ts";
import { referenceFinding } from "./reference.ts";
import type { Codes, Field, Shape } from "./shape.ts";
import {
  isFull,
  isNode,
  report,
  type At,
  type Node,
  type Place,
  type Walk,
} from "./state.ts";

const maxDepth = 100;

/** Structure of one object and all below it. */
export const walkObject = (
  walk: Walk,
  value: unknown,
  shape: Shape,
  place: Place,
): void => {
  const { at, resource, depth } = place;
  if (!isNode(value)) {
    report(walk, at, ["structure", "must be an object"]);
    return;
  }
  if (depth > maxDepth) {
    report(walk, at, [
      "structure",
      `is nested deeper than ${String(maxDepth)} levels`,
    ]);
    return;
  }
  const isEmpty = walkProperties(walk, value, shape, place) === 0;
  if (isEmpty && value !== resource)
    report(walk, at, ["structure", "must have a value or children"]);
  for (const { name, properties } of shape.required)
    if (
      !properties.some(
        (property) =>
          value[property] !== undefined || value[`_${property}`] !== undefined,
      )
    )
      report(walk, { up: at, name }, ["required", "is required"]);
  if (shape.name === "Extension") walkExtension(walk, value, at);
  for (const rule of shape.rules) walk.invariants.push({ rule, value, at });
};

/** How many properties other than `id` have content. */
const walkProperties = (
  walk: Walk,
  value: Node,
  shape: Shape,
  place: Place,
): number => {
  const { at, resource } = place;
  let content = 0;
  const chosen = new Map<string, string>();
  for (const property of Object.keys(value)) {
    if (isFull(walk)) break;
    if (
      value[property] === undefined ||
      (property === "resourceType" && value === resource)
    )
      continue;
    const isExtra = property.startsWith("_");
    const name = isExtra ? property.slice(1) : property;
    if (name !== "id") content += 1;
    const field = shape.fields.get(name);
    if (!field || (isExtra && !field.check)) {
      unknownField(walk, property, at);
      continue;
    }
    if (field.choice !== undefined) {
      if ((chosen.get(field.choice) ?? name) !== name)
        report(walk, { up: at, name: field.choice }, [
          "structure",
          "must have one type only",
        ]);
      chosen.set(field.choice, name);
    }
    if (!isExtra)
      walkField(
        walk,
        { value: value[name], extra: value[`_${name}`] },
        field,
        place,
      );
    else if (value[name] === undefined)
      walkField(
        walk,
        { value: undefined, extra: value[property] },
        field,
        place,
      );
  }
  return content;
};

/** A name may be anything, a value included, so only what looks like a FHIR name is repeated. */
const unknownField = (walk: Walk, property: string, at: At): void => {
  if (/^_?[A-Za-z][A-Za-z0-9]{0,39}$/u.test(property))
    report(walk, { up: at, name: property }, [
      "structure",
      "is not an element of R4 here",
    ]);
  else
    report(walk, at, [
      "structure",
      "has a property whose name is not an element's",
    ]);
};

/** A property and what stands beside it under its name with `_`: the id and extensions of a primitive. */
interface Pair {
  readonly value: unknown;
  readonly extra: unknown;
}

const walkField = (
  walk: Walk,
  { value, extra }: Pair,
  field: Field,
  place: Place,
): void => {
  const at = { up: place.at, name: field.property };
  if (!field.many) {
    if (Array.isArray(value) || Array.isArray(extra))
      report(walk, at, ["structure", "must not be an array"]);
    else walkValue(walk, { value, extra }, field, place);
    return;
  }
  const extras = field.check ? extra : undefined;
  if (!isList(value) || !isList(extras)) {
    report(walk, at, ["structure", "must be an array"]);
    return;
  }
  const length = Math.max(value?.length ?? 0, extras?.length ?? 0);
  if (length === 0)
    report(walk, at, ["structure", "must not be an empty array"]);
  for (let index = 0; index < length && !isFull(walk); index += 1) {
    const pair = { value: value?.[index], extra: extras?.[index] };
    walkValue(walk, withoutPlaceholders(pair), field, place, index);
  }
};

const isList = (value: unknown): value is readonly unknown[] | undefined =>
  value === undefined || Array.isArray(value);

/** In arrays of primitives, null holds the place of what only the other array has. */
const withoutPlaceholders = ({ value, extra }: Pair): Pair =>
  (value === null || value === undefined) &&
  (extra === null || extra === undefined)
    ? { value: null, extra: undefined }
    : { value: value ?? undefined, extra: extra ?? undefined };

const walkValue = (
  walk: Walk,
  { value, extra }: Pair,
  field: Field,
  place: Place,
  index?: number,
): void => {
  const at = (name = field.property): At =>
    index === undefined
      ? { up: place.at, name }
      : { up: place.at, name, index };
  if (value === null || extra === null)
    report(walk, at(), ["structure", "must not be null"]);
  else if (!field.check)
    walkComplex(walk, value, field, {
      ...place,
      at: at(),
      depth: place.depth + 1,
    });
  else {
    if (value !== undefined)
      walkPrimitive(walk, value, field, { at, resource: place.resource });
    const element = walk.shapes.get("Element");
    if (extra !== undefined && element)
      walkObject(walk, extra, element, {
        ...place,
        at: at(`_${field.property}`),
        depth: place.depth + 1,
      });
  }
};

const links = new Set(["uri", "url", "canonical"]);

const walkPrimitive = (
  walk: Walk,
  value: unknown,
  { check, codes, type }: Field,
  { at, resource }: { readonly at: () => At; readonly resource: Node },
): void => {
  const finding = check?.(value);
  if (finding) {
    report(walk, at(), [finding.code, finding.text]);
    return;
  }
  if (typeof value !== "string") return;
  if (codes && !codes.has(value))
    report(walk, at(), [
      "code-invalid",
      "is not a code of the required value set",
    ]);
  if (value.startsWith("#") && links.has(type))
    walk.local.push({ from: resource, to: value.slice(1), at: at() });
};

const walkComplex = (
  walk: Walk,
  value: unknown,
  { type, targets, codes }: Field,
  place: Place,
): void => {
  if (type === "Resource") {
    walkContained(walk, value, place);
    return;
  }
  const shape = walk.shapes.get(type);
  if (!shape) throw new Error(`no definition of ${type}`);
  walkObject(walk, value, shape, place);
  if (codes && isNode(value) && !isCodedBy(codes, value))
    report(walk, place.at, [
      "code-invalid",
      "must have a coding of the required value set",
    ]);
  if (type !== "Reference" || !isNode(value)) return;
  const finding = referenceFinding(value, targets);
  if (finding)
    report(walk, { up: place.at, name: finding.element }, [
      "value",
      finding.text,
    ]);
  const { reference } = value;
  if (typeof reference === "string" && reference.startsWith("#"))
    walk.local.push({
      from: place.resource,
      to: reference.slice(1),
      at: { up: place.at, name: "reference" },
    });
};

/** Of a concept's codings, one is of the value set; others translate it. */
const isCodedBy = (codes: Codes, { coding }: Node): boolean =>
  Array.isArray(coding) &&
  coding.some(
    (each) =>
      isNode(each) &&
      typeof each.code === "string" &&
      codes.has(`${String(each.system)}|${each.code}`),
  );

const walkContained = (walk: Walk, value: unknown, place: Place): void => {
  if (!isNode(value)) {
    report(walk, place.at, ["structure", "must be an object"]);
    return;
  }
  const shape = containedShape(walk, value, place.at);
  if (shape) walkObject(walk, value, shape, { ...place, resource: value });
};

const walkExtension = (walk: Walk, value: Node, at: At): void => {
  const hasValue = Object.keys(value).some((property) =>
    /^_?value[A-Z]/u.test(property),
  );
  if (hasValue === (value.extension !== undefined))
    report(walk, at, [
      "invariant",
      "ext-1: must have either a value or extensions",
    ]);
};
