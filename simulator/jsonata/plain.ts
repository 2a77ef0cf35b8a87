import type { Json } from "../json.ts";
import { EvaluationError } from "./functions.ts";

const isMarked = (array: object) =>
  "sequence" in array ||
  "cons" in array ||
  "keepSingleton" in array ||
  "outerWrapper" in array;

/**
 * The result of an evaluation as plain JSON: jsonata's marks on arrays go, numbers that JSON has no literal for become strings as on AWS, and functions are refused.
 * Values that are JSON already are returned as they are.
 */
export const plainJson = (value: unknown): Json | undefined => {
  if (typeof value === "function")
    throw new EvaluationError("The expression returned a function");
  if (typeof value === "number" && !Number.isFinite(value))
    return String(value);
  if (typeof value !== "object" || value === null)
    return value as Json | undefined;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => plainJson(item) ?? null);
    return isMarked(value) || items.some((item, i) => item !== value[i])
      ? items
      : (value as Json[]);
  }
  if ("_jsonata_lambda" in value || "_jsonata_function" in value)
    throw new EvaluationError("The expression returned a function");
  const entries = Object.entries(value);
  const plain = entries.map(([key, item]) => [key, plainJson(item)] as const);
  if (plain.every(([, item], i) => item === entries[i]?.[1]))
    return value as Json;
  return Object.fromEntries(
    plain.filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
};
