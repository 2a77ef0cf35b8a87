import type {
  OperationOutcome,
  OperationOutcomeIssue,
  Resource,
} from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import type { Declaration, KnownType } from "../../resources/declaration.ts";
import { illegalMove } from "../../resources/moves.ts";
import { validate } from "../../resources/validate.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import type { FhirDeps } from "./answers.ts";
import { informed, knownType, resourceFrom } from "./exchange.ts";
import { parametersIn, typeOf } from "./parameters.ts";

/**
 * `$validate`: structure, bindings, invariants and our own rules; with an id also whether the status may move so from the
 * present one. The body is the resource, or Parameters with it. Answers 200 with what was found. Throws 400.
 */
export const validateResource = async (
  { records }: Pick<FhirDeps, "records">,
  request: Request,
): Promise<Reply> => {
  const type = knownType(request.params.type ?? "");
  const { id } = request.params;
  const { resource: given, notes } = asked(parseJson(request.text), type);
  const resource = resourceFrom(given, type);
  const before =
    id === undefined
      ? undefined
      : await records.read(request.context, type, id);
  const issues = [...(await issuesOf(type, before, resource)), ...notes];
  const body: OperationOutcome =
    issues.length > 0
      ? { resourceType: "OperationOutcome", issue: issues }
      : informed("The resource is valid.");
  return { status: 200, body };
};

const issuesOf = async (
  type: KnownType,
  before: Resource | undefined,
  after: Resource,
): Promise<readonly OperationOutcomeIssue[]> => {
  const declaration: Declaration = declarations[type];
  const found = await validate(after, declaration);
  if (
    found.some(({ severity }) => severity === "error" || severity === "fatal")
  )
    return found;
  const move = illegalMove(declaration, before, after);
  return [
    ...found,
    ...(declaration.invariants?.(after, before) ?? []),
    ...(move === undefined ? [] : [move]),
  ];
};

const modes = ["create", "update"];

/** The resource, and what the answer has to say about the question. */
const asked = (
  input: unknown,
  type: KnownType,
): {
  readonly resource: unknown;
  readonly notes: readonly OperationOutcomeIssue[];
} => {
  if (typeOf(input) !== "Parameters") return { resource: input, notes: [] };
  const given = new Map(
    parametersIn(input).map(({ name, value }) => [name, value]),
  );
  const mode = given.get("mode");
  if (mode !== undefined && !modes.some((one) => one === mode))
    throw new Fault(
      "InvalidRequest",
      400,
      `mode is one of ${modes.join(", ")}.`,
      { code: "not-supported", expression: ["mode"] },
    );
  const resource = given.get("resource");
  if (resource === undefined)
    throw new Fault("InvalidRequest", 400, `resource must be a ${type}.`, {
      code: "required",
      expression: ["resource"],
    });
  return {
    resource,
    notes: !given.has("profile")
      ? []
      : [
          {
            severity: "warning",
            code: "not-supported",
            details: {
              text: "Validated against the base definition of R4; profiles are not known here.",
            },
          },
        ],
  };
};
