import type { Parameters } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import type { Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";

export type OperationParameters = readonly (readonly [string, string])[];

/** What shapes any answer and is no operation's own. */
const ignored: readonly string[] = ["_format", "_pretty"];

/**
 * The simple parameters of an operation, from the address and, when there is one, from a Parameters resource. Throws
 * 400 for others than the known.
 */
export const operationParameters = (
  { query, text }: Pick<Request, "query" | "text">,
  known: readonly string[],
): OperationParameters => {
  const given = [
    ...query,
    ...(text.trim() === "" ? [] : inBody(parseJson(text))),
  ].filter(([name]) => !ignored.includes(name));
  if (given.some(([name]) => !known.includes(name)))
    throw new Fault(
      "InvalidRequest",
      400,
      `This operation takes ${known.filter((name) => name !== "_cursor").join(", ")}.`,
      { code: "not-supported" },
    );
  return given;
};

const inBody = (input: unknown): OperationParameters => {
  const { resourceType, parameter = [] } = (input ?? {}) as Partial<Parameters>;
  if (resourceType !== "Parameters" || !Array.isArray(parameter))
    throw invalid("resourceType", "The body must be a Parameters resource.");
  return parameter.map((one) => {
    const { name, ...rest } = { ...one };
    const [, value] =
      Object.entries<unknown>(rest).find(([key]) => key.startsWith("value")) ??
      [];
    if (
      typeof name !== "string" ||
      (typeof value !== "string" && typeof value !== "number")
    )
      throw invalid(
        "Parameters.parameter",
        "A parameter of this operation has a name and a simple value.",
      );
    return [name, String(value)] as const;
  });
};

export const invalid = (place: string, detail: string): Fault =>
  new Fault("InvalidRequest", 400, detail, { expression: [place] });
