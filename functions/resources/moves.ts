import type { OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

/**
 * The state before creation in a table of moves: what it leads to is what a resource may be created as. Without it that is
 * any status, because the record takes in what happened elsewhere.
 */
export const start = "[*]";

/** A Goal's is that of its life cycle. */
const elementOf = (type: string): "status" | "lifecycleStatus" =>
  type === "Goal" ? "lifecycleStatus" : "status";

const statusOf = (resource: Resource): string | undefined => {
  const statuses = resource as { status?: unknown; lifecycleStatus?: unknown };
  const status = statuses[elementOf(resource.resourceType)];
  return typeof status === "string" ? status : undefined;
};

/** The finding when the status may not move so, undefined when it may. A status that stays is no move. */
export const illegalMove = (
  declaration: Pick<Declaration, "type" | "moves">,
  before: Resource | undefined,
  after: Resource,
): OperationOutcomeIssue | undefined => {
  const from = before ? statusOf(before) : start;
  const to = statusOf(after);
  if (
    !declaration.moves ||
    from === undefined ||
    to === undefined ||
    from === to ||
    (from === start && !(start in declaration.moves))
  )
    return undefined;
  const allowed = declaration.moves[from] ?? [];
  if (allowed.includes(to)) return undefined;
  const choices =
    allowed.length > 0 ? `only ${allowed.join(", ")}` : "nothing else";
  return {
    severity: "error",
    code: "business-rule",
    details: {
      text: before
        ? `${declaration.type} with status ${from} may become ${choices}`
        : `${declaration.type} may be created with status ${allowed.join(", ")}`,
    },
    expression: [`${declaration.type}.${elementOf(declaration.type)}`],
  };
};
