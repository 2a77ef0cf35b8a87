import type { FailState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import type { Template } from "../template.ts";
import { surroundings, typed, type Visit } from "./visit.ts";

export const fail = async (visit: Visit<FailState>): Promise<never> => {
  const against = surroundings(visit);
  const text = async (name: string, node: Template | undefined) =>
    node &&
    ((await typed(node, against, { name, types: ["string"] })) as string);
  const error = await text("Error", visit.state.error);
  throw new StateFailure(error, await text("Cause", visit.state.cause));
};
