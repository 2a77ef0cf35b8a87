import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { Ending } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { record } from "../execution.ts";
import { truncated } from "../history.ts";
import { data, type Data, type Json, type JsonObject } from "../json.ts";
import type { Surroundings } from "../jsonata/scope.ts";
import { exceeds, limits } from "../limits.ts";
import { evaluate } from "../template.ts";
import { attributed, type Visit } from "./visit.ts";

export interface Exit {
  readonly output: Data;
  readonly next: string | undefined;
}

const tooLarge = (visit: Visit) =>
  new StateFailure(
    "States.DataLimitExceeded",
    `The state/task '${visit.state.name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    { terminal: true },
  );

const variableTooLarge = (visit: Visit, what: string) =>
  new StateFailure(
    "States.DataLimitExceeded",
    attributed(visit, `The size of ${what} exceeds the service limit.`),
    { terminal: true },
  );

const total = (variables: Record<string, Json>): number => {
  let bytes = 0;
  for (const name in variables) bytes += JSON.stringify(variables[name]).length;
  return bytes;
};

// Variables this small cannot add up to the limit.
const negligible = 8_000;

const assign = (visit: Visit, values: JsonObject): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = JSON.stringify(value);
    if (exceeds(text, limits.variableBytes))
      throw variableTooLarge(visit, `the variable '${name}'`);
    texts[name] = text;
  }
  Object.assign(visit.variables, values);
  if (
    Object.values(texts).some(({ length }) => length > negligible) &&
    total(visit.variables) > limits.allVariablesBytes
  )
    throw variableTooLarge(visit, "all variables");
  return texts;
};

/** Evaluates Output and Assign, both from what was there at entry, assigns, and records the exit. */
export const leave = async (
  visit: Visit,
  ending: Ending,
  from: { against: Surroundings; otherwise: Data },
): Promise<Exit> => {
  const value = ending.output && evaluate(ending.output, from.against);
  const output =
    value === undefined
      ? from.otherwise
      : data(value instanceof Promise ? await value : value);
  const values = ending.assign && evaluate(ending.assign, from.against);
  if (exceeds(output.text, limits.dataBytes)) throw tooLarge(visit);
  const assignedVariables =
    values &&
    assign(
      visit,
      (values instanceof Promise ? await values : values) as JsonObject,
    );
  record(
    visit.host,
    visit.execution,
    visit.line,
    `${visit.state.type}StateExited` as HistoryEventType,
    {
      name: visit.state.name,
      output: output.text,
      outputDetails: truncated,
      ...(assignedVariables && {
        assignedVariables,
        assignedVariablesDetails: truncated,
      }),
    },
    visit.exitFrom,
  );
  visit.line.inside = undefined;
  return { output, next: ending.next };
};
