import { InvalidDefinition, Unsupported } from "./faults.ts";
import { isObject } from "./json.ts";
import { exceeds, limits } from "./limits.ts";
import { checkFlow } from "./validate/flow.ts";
import { report } from "./validate/report.ts";
import { checkTimeout } from "./validate/state.ts";

const refuse = (code: string, message: string) =>
  new InvalidDefinition([{ code, message, location: "/" }]);

const parsed = (text: string): Record<string, unknown> => {
  if (exceeds(text, limits.definitionBytes))
    throw refuse(
      "DEFINITION_TOO_LONG",
      `Definition is longer than ${limits.definitionBytes} bytes`,
    );
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw refuse("INVALID_JSON_DESCRIPTION", (error as Error).message);
  }
  if (!isObject(raw))
    throw refuse(
      "SCHEMA_VALIDATION_FAILED",
      "Definition must be a valid JSON object",
    );
  return raw;
};

/** Parses and checks a definition as CreateStateMachine does. Throws InvalidDefinition with all that is wrong; Unsupported for what is right and not implemented. */
export const parsedDefinition = (
  source: string | object,
): Record<string, unknown> => {
  const raw = parsed(
    typeof source === "string" ? source : JSON.stringify(source),
  );
  const into = report();
  const language = raw.QueryLanguage ?? "JSONPath";
  if (language !== "JSONPath" && language !== "JSONata")
    into.problem("Value is not one of [JSONPath, JSONata]", "/QueryLanguage");
  if ("Version" in raw && raw.Version !== "1.0")
    into.problem("Value is not one of [1.0]", "/Version");
  checkTimeout(raw, into);
  checkFlow(
    raw,
    {
      location: "",
      optional: ["Comment", "Version", "TimeoutSeconds", "QueryLanguage"],
    },
    { into, language, outer: new Set(), names: new Set() },
  );
  if (into.problems.length > 0) throw new InvalidDefinition(into.problems);
  const [first] = into.unsupported;
  if (first) throw new Unsupported(first.feature, first.location);
  return raw;
};
