import type { OperationOutcomeIssue } from "@medplum/fhirtypes";
import { isKnown } from "./all.ts";
import type { Declaration, KnownType } from "./declaration.ts";
import { loaders } from "./definitions/loaders.generated.ts";
import { shapes, type Shape } from "./validation/shape.ts";
import {
  isNode,
  report,
  walkObject,
  type Node,
  type Walk,
} from "./validation/walk.ts";

const known = new Map<string, Shape>();
const loading = new Map<string, Promise<void>>();

const load = async (name: keyof typeof loaders): Promise<void> => {
  if (name !== "datatypes") await once("datatypes");
  const { definition } = await loaders[name]();
  for (const [type, shape] of shapes(definition, known)) known.set(type, shape);
};

const once = (name: keyof typeof loaders): Promise<void> => {
  const started = loading.get(name) ?? load(name);
  loading.set(name, started);
  return started;
};

/** Loads the definitions of the types; afterwards `findings` may be asked of them. */
export const loaded = async (...types: readonly KnownType[]): Promise<void> => {
  await Promise.all(types.map(once));
};

/** The types whose definitions a resource needs: its own and those it contains. */
const typesIn = (
  resource: unknown,
  declaration: Pick<Declaration, "type">,
): readonly KnownType[] => {
  const contained: unknown = isNode(resource)
    ? resource["contained"]
    : undefined;
  const types = (Array.isArray(contained) ? contained : []).map(
    (each: unknown) => (isNode(each) ? each["resourceType"] : undefined),
  );
  return [...new Set([declaration.type, ...types])].filter(
    (type): type is KnownType => typeof type === "string" && isKnown(type),
  );
};

/** Everything that R4 finds wrong with the resource, at most 50 findings, none of which holds a value. */
export const validate = async (
  resource: unknown,
  declaration: Pick<Declaration, "type">,
): Promise<OperationOutcomeIssue[]> => {
  await loaded(...typesIn(resource, declaration));
  return findings(resource, declaration);
};

/** As `validate`, once the definitions of the type and of all contained types are `loaded`. */
export const findings = (
  resource: unknown,
  { type }: Pick<Declaration, "type">,
): OperationOutcomeIssue[] => {
  const shape = known.get(type);
  if (!shape) throw new Error(`the definition of ${type} is not loaded`);
  const root: Node = isNode(resource) ? resource : {};
  const walk: Walk = {
    shapes: known,
    keeps: isKnown,
    issues: [],
    invariants: [],
    contained: new Map(),
    local: [],
    root,
  };
  const at = { name: type };
  if (!isNode(resource)) report(walk, at, "structure", "must be an object");
  else if (resource["resourceType"] !== type)
    report(
      walk,
      { up: at, name: "resourceType" },
      "structure",
      `must be ${type}`,
    );
  else walkObject(walk, resource, shape, at, resource);
  if (walk.issues.length === 0) checkInvariants(walk);
  return walk.issues;
};

const checkInvariants = (walk: Walk): void => {
  const { contained, local, root, invariants } = walk;
  for (const { from, to, at } of local)
    if (
      to === "" ? from === root : !contained.has(to) && at.name === "reference"
    )
      report(
        walk,
        at,
        "invariant",
        "ref-1: must be the id of a contained resource",
      );
  const referred = new Set(local.map(({ to }) => to));
  for (const [id, at] of contained)
    if (
      !referred.has(id) &&
      !local.some(
        ({ from, to }) => to === "" && from["id"] === id && from !== root,
      )
    )
      report(
        walk,
        at,
        "invariant",
        "dom-3: must be referred to, or refer to the resource that contains it",
      );
  for (const { rule, subject, at } of invariants)
    if (!rule.holds(subject))
      report(walk, at, "invariant", `${rule.key}: ${rule.human}`);
};
