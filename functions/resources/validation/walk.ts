import type { OperationOutcomeIssue } from "@medplum/fhirtypes";
import { referenceFinding } from "./reference.ts";
import type { Rule, Subject } from "./rules.ts";
import type { Field, Shape } from "./shape.ts";

export type Node = Readonly<Record<string, unknown>>;

/** Where the walk is; becomes text only when there is something to say. */
export interface At {
  readonly up?: At;
  readonly name: string;
  readonly index?: number;
}

export interface Walk {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly keeps: (type: string) => boolean;
  readonly issues: OperationOutcomeIssue[];
  readonly invariants: {
    readonly rule: Rule;
    readonly subject: Subject;
    readonly at: At;
  }[];
  /** Contained resources by id, and the local references to them: what refers, and to which. */
  readonly contained: Map<string, At>;
  readonly local: {
    readonly from: Node;
    readonly to: string;
    readonly at: At;
  }[];
  readonly root: Node;
}

const maxDepth = 100;
const maxIssues = 50;

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const pathOf = ({ up, name, index }: At): string =>
  `${up ? `${pathOf(up)}.` : ""}${name}${index === undefined ? "" : `[${index}]`}`;

export const report = (
  walk: Walk,
  at: At,
  code: OperationOutcomeIssue["code"],
  text: string,
): void => {
  if (walk.issues.length < maxIssues)
    walk.issues.push({
      severity: "error",
      code,
      details: { text },
      expression: [pathOf(at)],
    });
};

const full = ({ issues }: Walk): boolean => issues.length >= maxIssues;

/** Structure of one object; its invariants are noted for later, because they presume structure. */
export const walkObject = (
  walk: Walk,
  value: unknown,
  shape: Shape,
  at: At,
  resource: Node,
  depth = 0,
): void => {
  if (!isNode(value)) {
    report(walk, at, "structure", "must be an object");
    return;
  }
  if (depth > maxDepth) {
    report(walk, at, "structure", `is nested deeper than ${maxDepth} levels`);
    return;
  }
  const content = walkProperties(walk, value, shape, at, resource, depth);
  if (content === 0 && value !== resource)
    report(walk, at, "structure", "must have a value or children");
  for (const { name, properties } of shape.required)
    if (
      !properties.some(
        (property) =>
          value[property] !== undefined || value[`_${property}`] !== undefined,
      )
    )
      report(walk, { up: at, name }, "required", "is required");
  if (shape.name === "Extension") walkExtension(walk, value, at);
  for (const rule of shape.rules)
    walk.invariants.push({
      rule,
      subject: { type: shape.name, value, resource },
      at,
    });
};

/** How many properties other than `id` have content. */
const walkProperties = (
  walk: Walk,
  value: Node,
  shape: Shape,
  at: At,
  resource: Node,
  depth: number,
): number => {
  let content = 0;
  let chosen: Map<string, string> | undefined;
  for (const property of Object.keys(value)) {
    if (full(walk)) break;
    if (
      value[property] === undefined ||
      (property === "resourceType" && value === resource)
    )
      continue;
    const extra = property.startsWith("_");
    const name = extra ? property.slice(1) : property;
    const field = shape.fields.get(name);
    if (!field || (extra && !field.check)) {
      unknownField(walk, property, at);
      continue;
    }
    if (name !== "id") content += 1;
    if (field.choice !== undefined) {
      chosen ??= new Map();
      const other = chosen.get(field.choice);
      if (other !== undefined && other !== name)
        report(
          walk,
          { up: at, name: field.choice },
          "structure",
          "must have one type only",
        );
      chosen.set(field.choice, name);
    }
    if (!extra)
      walkField(
        walk,
        value[name],
        value[`_${name}`],
        field,
        at,
        resource,
        depth,
      );
    else if (value[name] === undefined)
      walkField(walk, undefined, value[property], field, at, resource, depth);
  }
  return content;
};

/** A name may be anything, a value included, so only what looks like a FHIR name is repeated. */
const unknownField = (walk: Walk, property: string, at: At): void => {
  if (/^_?[A-Za-z][A-Za-z0-9]{0,39}$/u.test(property))
    report(
      walk,
      { up: at, name: property },
      "structure",
      "is not an element of R4 here",
    );
  else
    report(
      walk,
      at,
      "structure",
      "has a property whose name is not an element's",
    );
};

const walkField = (
  walk: Walk,
  value: unknown,
  extra: unknown,
  field: Field,
  at: At,
  resource: Node,
  depth: number,
): void => {
  if (!field.many) {
    if (Array.isArray(value) || Array.isArray(extra))
      report(
        walk,
        { up: at, name: field.property },
        "structure",
        "must not be an array",
      );
    else walkValue(walk, value, extra, field, at, undefined, resource, depth);
    return;
  }
  if (
    (value !== undefined && !Array.isArray(value)) ||
    (extra !== undefined && !Array.isArray(extra))
  ) {
    report(
      walk,
      { up: at, name: field.property },
      "structure",
      "must be an array",
    );
    return;
  }
  const [values, extras]: readonly (readonly unknown[])[] = [
    value ?? [],
    field.check ? (extra ?? []) : [],
  ];
  const length = Math.max(values?.length ?? 0, extras?.length ?? 0);
  if (length === 0)
    report(
      walk,
      { up: at, name: field.property },
      "structure",
      "must not be an empty array",
    );
  for (let index = 0; index < length && !full(walk); index += 1)
    // In an array of primitives, null holds the place of what only the other array has.
    walkValue(
      walk,
      held(values?.[index], extras?.[index]),
      held(extras?.[index], values?.[index]),
      field,
      at,
      index,
      resource,
      depth,
    );
};

const held = (value: unknown, other: unknown): unknown =>
  value === null && other !== undefined && other !== null
    ? undefined
    : (value ?? undefined);

const walkValue = (
  walk: Walk,
  value: unknown,
  extra: unknown,
  field: Field,
  up: At,
  index: number | undefined,
  resource: Node,
  depth: number,
): void => {
  const at = (name = field.property): At =>
    index === undefined ? { up, name } : { up, name, index };
  if (
    value === null ||
    (value === undefined && (extra === undefined || extra === null))
  ) {
    report(walk, at(), "structure", "must not be null");
    return;
  }
  if (!field.check) {
    walkComplex(walk, value, field, at(), resource, depth);
    return;
  }
  if (value !== undefined) walkPrimitive(walk, value, field, at, resource);
  if (extra === undefined || extra === null) return;
  const element = walk.shapes.get("Element");
  if (element)
    walkObject(
      walk,
      extra,
      element,
      at(`_${field.property}`),
      resource,
      depth + 1,
    );
};

const walkPrimitive = (
  walk: Walk,
  value: unknown,
  field: Field,
  at: () => At,
  resource: Node,
): void => {
  const finding = field.check?.(value);
  if (finding) report(walk, at(), finding.code, finding.text);
  else if (field.codes && !field.codes.has(value as string))
    report(
      walk,
      at(),
      "code-invalid",
      "is not a code of the required value set",
    );
  else if (
    typeof value === "string" &&
    value.startsWith("#") &&
    (field.type === "uri" || field.type === "canonical" || field.type === "url")
  )
    walk.local.push({ from: resource, to: value.slice(1), at: at() });
};

const walkComplex = (
  walk: Walk,
  value: unknown,
  field: Field,
  at: At,
  resource: Node,
  depth: number,
): void => {
  if (field.type === "Resource") {
    walkContained(walk, value, at, depth);
    return;
  }
  const shape = walk.shapes.get(field.type);
  if (!shape) throw new Error(`no definition of ${field.type}`);
  walkObject(walk, value, shape, at, resource, depth + 1);
  if (field.type !== "Reference" || !isNode(value)) return;
  const finding = referenceFinding(value, field.targets);
  if (finding)
    report(walk, { up: at, name: finding.element }, "value", finding.text);
  if (
    typeof value["reference"] === "string" &&
    value["reference"].startsWith("#")
  )
    walk.local.push({
      from: resource,
      to: value["reference"].slice(1),
      at: { up: at, name: "reference" },
    });
};

const walkContained = (
  walk: Walk,
  value: unknown,
  at: At,
  depth: number,
): void => {
  if (!isNode(value)) {
    report(walk, at, "structure", "must be an object");
    return;
  }
  const { resourceType: type, id, meta } = value;
  const shape =
    typeof type === "string" && walk.keeps(type)
      ? walk.shapes.get(type)
      : undefined;
  if (!shape) {
    report(
      walk,
      { up: at, name: "resourceType" },
      typeof type === "string" ? "not-supported" : "required",
      "must name a resource type that is kept here",
    );
    return;
  }
  if (typeof id !== "string")
    report(
      walk,
      { up: at, name: "id" },
      "required",
      "is required of a contained resource",
    );
  else if (walk.contained.has(id))
    report(
      walk,
      { up: at, name: "id" },
      "structure",
      "must be unique among contained resources",
    );
  else walk.contained.set(id, at);
  if (value["contained"] !== undefined)
    report(
      walk,
      { up: at, name: "contained" },
      "invariant",
      "dom-2: a contained resource contains none",
    );
  for (const element of ["versionId", "lastUpdated", "security"])
    if (isNode(meta) && meta[element] !== undefined)
      report(
        walk,
        { up: { up: at, name: "meta" }, name: element },
        "invariant",
        `${element === "security" ? "dom-5" : "dom-4"}: not in a contained resource`,
      );
  walkObject(walk, value, shape, at, value, depth + 1);
};

const walkExtension = (walk: Walk, value: Node, at: At): void => {
  const hasValue = Object.keys(value).some((property) =>
    /^_?value[A-Z]/u.test(property),
  );
  if (hasValue === (value["extension"] !== undefined))
    report(
      walk,
      at,
      "invariant",
      "ext-1: must have either a value or extensions",
    );
};
