/** A node of jsonata's syntax tree, as far as we look at it. */
export interface Node {
  readonly predicate?: readonly Node[];
  readonly expr?: Node;
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly lhs?: Node | readonly (readonly [Node, Node])[];
  readonly rhs?: Node;
  readonly condition?: Node;
  readonly then?: Node;
  readonly else?: Node;
  readonly expression?: Node;
  readonly expressions?: readonly Node[];
  readonly arguments?: readonly Node[];
  readonly procedure?: Node;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null;

/** The nodes directly below; jsonata keeps them under many names, so every object or array counts. */
export const children = (node: Node): Node[] =>
  Object.values(node).filter(isNode);

export const somewhere = (node: Node, test: (node: Node) => boolean): boolean =>
  test(node) || children(node).some((child) => somewhere(child, test));

/** How deep jsonata's evaluator nests on it; arrays and filters are no level of their own. */
export const depth = (node: Node): number => {
  const below = Math.max(0, ...children(node).map(depth));
  return typeof node.type === "string" && node.type !== "filter"
    ? below + 1
    : below;
};

/** The names of all `$variables` read, functions included; for a path, with the fields that follow. */
export const references = (
  node: Node,
): { name: string; fields: string[] }[] => {
  if (node.type === "path" && node.steps?.[0]?.type === "variable") {
    const [first, ...rest] = node.steps;
    const fields: string[] = [];
    for (const step of rest) {
      if (step.type !== "name") break;
      fields.push(String(step.value));
    }
    const below = children(first).concat(rest).flatMap(references);
    return [{ name: String(first.value), fields }, ...below];
  }
  const below = children(node).flatMap(references);
  return node.type === "variable"
    ? [{ name: String(node.value), fields: [] }, ...below]
    : below;
};
