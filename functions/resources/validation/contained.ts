import { isNode, report, type At, type Node, type Walk } from "./state.ts";
import type { Shape } from "./shape.ts";

/** What R4 asks of a contained resource beyond its own structure; its shape when it may be here at all. */
export const containedShape = (
  walk: Walk,
  value: Node,
  at: At,
): Shape | undefined => {
  const { resourceType: type } = value;
  const child = (name: string): At => ({ up: at, name });
  const shape =
    typeof type === "string" && walk.holds(type)
      ? walk.shapes.get(type)
      : undefined;
  if (!shape) {
    report(walk, child("resourceType"), [
      typeof type === "string" ? "not-supported" : "required",
      "must name a resource type that may be contained here",
    ]);
    return undefined;
  }
  noteId(walk, value, at);
  if (value.contained !== undefined)
    report(walk, child("contained"), [
      "invariant",
      "dom-2: a contained resource contains none",
    ]);
  const meta = isNode(value.meta) ? value.meta : {};
  for (const [element, rule] of [
    ["versionId", "dom-4"],
    ["lastUpdated", "dom-4"],
    ["security", "dom-5"],
  ] as const)
    if (meta[element] !== undefined)
      report(walk, { up: child("meta"), name: element }, [
        "invariant",
        `${rule}: not in a contained resource`,
      ]);
  return shape;
};

const noteId = (walk: Walk, { id }: Node, up: At): void => {
  const at = { up, name: "id" };
  if (typeof id !== "string")
    report(walk, at, ["required", "is required of a contained resource"]);
  else if (walk.contained.has(id))
    report(walk, at, ["structure", "must be unique among contained resources"]);
  else walk.contained.set(id, up);
};

/** R4's ref-1 and dom-3: local references lead to a contained resource, and each contained resource is part of the web. */
export const checkLocalReferences = (walk: Walk, root: Node): void => {
  const { contained, local } = walk;
  for (const { from, to, at } of local)
    if (
      at.name === "reference" &&
      (to === "" ? from === root : !contained.has(to))
    )
      report(walk, at, [
        "invariant",
        "ref-1: must be the id of a contained resource",
      ]);
  const referred = new Set(local.map(({ to }) => to));
  const refersBack = new Set(
    local
      .filter(({ to, from }) => to === "" && from !== root)
      .map(({ from }) => from.id),
  );
  for (const [id, at] of contained)
    if (!referred.has(id) && !refersBack.has(id))
      report(walk, at, [
        "invariant",
        "dom-3: must be referred to, or refer to the resource that contains it",
      ]);
};
