import type { OperationOutcomeIssue } from "@medplum/fhirtypes";
import { isKnown } from "./all.ts";
import type { Declaration, KnownType } from "./declaration.ts";
import { loaders } from "./definitions/loaders.generated.ts";
import { checkLocalReferences } from "./validation/contained.ts";
import { shapes, type Shape } from "./validation/shape.ts";
import { isNode, report, type Walk } from "./validation/state.ts";
import { walkObject } from "./validation/walk.ts";

type Declared = Pick<Declaration, "type">;

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
  { type }: Declared,
): readonly KnownType[] => {
  const contained = isNode(resource) ? resource.contained : undefined;
  const types = (Array.isArray(contained) ? contained : []).map(
    (each: unknown) => (isNode(each) ? each.resourceType : undefined),
  );
  return [...new Set([type, ...types])].filter(
    (each): each is KnownType => typeof each === "string" && isKnown(each),
  );
};

/** Everything that R4 finds wrong with the resource, at most 50 findings, none of which holds a value. */
export const validate = async (
  resource: unknown,
  declaration: Declared,
): Promise<OperationOutcomeIssue[]> => {
  await loaded(...typesIn(resource, declaration));
  return findings(resource, declaration);
};

/** As `validate`, once the definitions of the type and of all contained types are `loaded`. */
export const findings = (
  resource: unknown,
  { type }: Declared,
): OperationOutcomeIssue[] => {
  const shape = known.get(type);
  if (!shape) throw new Error(`the definition of ${type} is not loaded`);
  const walk: Walk = {
    shapes: known,
    keeps: isKnown,
    issues: [],
    invariants: [],
    contained: new Map(),
    local: [],
  };
  const at = { name: type };
  if (!isNode(resource)) report(walk, at, ["structure", "must be an object"]);
  else if (resource.resourceType !== type)
    report(walk, { up: at, name: "resourceType" }, [
      "structure",
      `must be ${type}`,
    ]);
  else {
    walkObject(walk, resource, shape, { at, resource, depth: 0 });
    if (walk.issues.length === 0) checkLocalReferences(walk, resource);
  }
  if (walk.issues.length === 0)
    for (const { rule, value, at } of walk.invariants)
      if (!rule.holds(value))
        report(walk, at, ["invariant", `${rule.key}: ${rule.human}`]);
  return walk.issues;
};
