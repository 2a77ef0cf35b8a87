import { Fault } from "../../core/fault.ts";

/** One parameter of an operation. */
export interface OperationParameter {
  readonly name: string;
  /** What its `value[x]` or its `resource` holds. */
  readonly value: unknown;
}

/** Reads a Parameters resource. Throws 400 naming the place. */
export const parametersIn = (input: unknown): readonly OperationParameter[] => {
  const { resourceType, parameter = [] } = isObject(input) ? input : {};
  if (resourceType !== "Parameters" || !Array.isArray(parameter))
    throw invalid("resourceType", "The body must be a Parameters resource.");
  return parameter.map((one: unknown, index) => {
    const { name, ...content } = isObject(one) ? one : {};
    if (typeof name !== "string")
      throw invalid(
        `Parameters.parameter[${String(index)}]`,
        "A parameter is an object with a name and a value.",
      );
    const [, value] =
      Object.entries(content).find(
        ([key]) => key === "resource" || key.startsWith("value"),
      ) ?? [];
    return { name, value };
  });
};

/** Where a reference points; any other value as it is. */
export const pointed = (value: unknown): unknown =>
  isObject(value) ? value.reference : value;

export const invalid = (place: string, detail: string): Fault =>
  new Fault("InvalidRequest", 400, detail, { expression: [place] });

/** Which resource the body calls itself. */
export const typeOf = (input: unknown): unknown =>
  isObject(input) ? input.resourceType : undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
