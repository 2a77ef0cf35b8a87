import type { OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import type { Declaration } from "../resources/declaration.ts";
import { illegalMove } from "../resources/moves.ts";
import { validate } from "../resources/validate.ts";

/** Structure, invariants, bindings, our own rules and the status's move. Throws InvalidResource, IllegalMove (422). */
export const check = async (
  declaration: Declaration,
  before: Resource | undefined,
  after: Resource,
): Promise<void> => {
  const found = await validate(after, declaration);
  // Our own rules may rely on the structure.
  const issues = found.some(isError)
    ? found
    : [...found, ...(declaration.invariants?.(after, before) ?? [])];
  const errors = issues.filter(isError);
  if (errors.length > 0)
    throw new Fault(
      "InvalidResource",
      422,
      `The ${declaration.type} is not valid.`,
      { issues: errors },
    );
  const move = illegalMove(declaration, before, after);
  if (move !== undefined)
    throw new Fault(
      "IllegalMove",
      422,
      "This status may not follow the present one.",
      { issues: [move] },
    );
};

const isError = ({ severity }: OperationOutcomeIssue): boolean =>
  severity === "error" || severity === "fatal";
