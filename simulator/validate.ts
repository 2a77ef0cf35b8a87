import { InvalidDefinition } from "./faults.ts";
import { exceeds, limits } from "./limits.ts";
import { isObject } from "./json.ts";

/** Parses and checks a definition as CreateStateMachine does. Throws InvalidDefinition with all that is wrong, or Unsupported. */
export const parsedDefinition = (source: string | object): Record<string, unknown> => {
  const text = typeof source === "string" ? source : JSON.stringify(source);
  const refuse = (code: string, message: string) => new InvalidDefinition([{ code, message, location: "/" }]);
  if (exceeds(text, limits.definitionBytes)) throw refuse("DEFINITION_TOO_LONG", "Definition is longer than 1048576 bytes");
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw refuse("INVALID_JSON_DESCRIPTION", "Definition must be valid JSON");
  }
  if (!isObject(raw)) throw refuse("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object");
  return raw;
};
