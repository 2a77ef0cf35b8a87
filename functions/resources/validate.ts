import type { OperationOutcomeIssue } from "@medplum/fhirtypes";
import { isKnown } from "./all.ts";
import type { Declaration } from "./declaration.ts";
import type { Definition } from "./definition.ts";
import { loaders } from "./definitions/loaders.generated.ts";
import { checkLocalReferences } from "./validation/contained.ts";
import { shapes, type Shape } from "./validation/shape.ts";
import { isNode, report, type Walk } from "./validation/state.ts";
import { walkObject } from "./validation/walk.ts";

type Declared = Pick<Declaration, "type">;

const known = new Map<string, Shape>();
const loading = new Map<string, Promise<void>>();

type Source = () => Promise<{ readonly definition: Definition }>;

const load = async (name: string, source: Source): Promise<void> => {
  if (name !== "datatypes") await once("datatypes", loaders.datatypes);
  const { definition } = await source();
  for (const [type, shape] of shapes(definition, known)) known.set(type, shape);
};

const once = (name: string, source: Source): Promise<void> => {
  const started = loading.get(name) ?? load(name, source);
  loading.set(name, started);
  return started;
};

/** The definition of a type that is kept, or that may at least be contained. */
const sourceOf = async (type: string): Promise<Source | undefined> => {
  if (isKnown(type)) return loaders[type];
  const { containable } =
    await import("./definitions/containable.generated.ts");
  return Object.hasOwn(containable, type) ? containable[type] : undefined;
};

/** Loads the definitions of the types, as far as there are any; afterwards `findings` may be asked of them. */
export const loaded = async (...types: readonly string[]): Promise<void> => {
  await Promise.all(
    types.map(async (type) => {
      const source = await sourceOf(type);
      if (source) await once(type, source);
    }),
  );
};

/** The types whose definitions a resource needs: its own and those it contains. */
const typesIn = (resource: unknown, { type }: Declared): readonly string[] => {
  const contained = isNode(resource) ? resource.contained : undefined;
  const types = (Array.isArray(contained) ? contained : []).map(
    (each: unknown) => (isNode(each) ? each.resourceType : undefined),
  );
  return [...new Set([type, ...types])].filter(
    (each) => typeof each === "string",
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
    holds: (name) => loading.has(name) && name !== "datatypes",
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
