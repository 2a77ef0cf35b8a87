import type { AuditEvent } from "@medplum/fhirtypes";
import {
  datatypesDefinition,
  resourceDefinition,
} from "../../functions/resources/definitions/structure-table.ts";
import {
  shapes,
  type Shape,
} from "../../functions/resources/validation/shape.ts";
import {
  report,
  type Walk,
} from "../../functions/resources/validation/state.ts";
import { walkObject } from "../../functions/resources/validation/walk.ts";

const known = new Map<string, Shape>();
const definition = resourceDefinition("AuditEvent");
for (const one of [datatypesDefinition([definition]), definition])
  for (const [type, shape] of shapes(one, known)) known.set(type, shape);

/** What R4's definition of AuditEvent, which nobody writes and so no function loads, finds wrong. */
export const wrongWith = (resource: AuditEvent): readonly string[] => {
  const walk: Walk = {
    shapes: known,
    holds: (name) => name === "AuditEvent",
    issues: [],
    invariants: [],
    contained: new Map(),
    local: [],
  };
  const shape = known.get("AuditEvent");
  if (shape === undefined) throw new Error("AuditEvent has no definition");
  const node = { ...resource };
  walkObject(walk, node, shape, {
    at: { name: "AuditEvent" },
    resource: node,
    depth: 0,
  });
  for (const { rule, value, at } of walk.invariants)
    if (!rule.holds(value)) report(walk, at, ["invariant", rule.human]);
  return walk.issues.map(
    ({ expression = [], details }) =>
      `${expression.join()}: ${details?.text ?? ""}`,
  );
};
