import { Fault } from "../../core/fault.ts";
import type { Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import { invalid, parametersIn } from "./parameters.ts";

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

const inBody = (input: unknown): OperationParameters =>
  parametersIn(input).map(({ name, value }) => {
    if (typeof value !== "string" && typeof value !== "number")
      throw invalid(
        "Parameters.parameter",
        "A parameter of this operation has a name and a simple value.",
      );
    return [name, String(value)] as const;
  });
