import type { Json } from "../json.ts";

/** The variables a state sees; an inner scope inherits from the outer one and never writes to it. */
export type Scope = Record<string, Json>;

export const innerScope = (outer: Scope | null): Scope =>
  Object.create(outer) as Scope;

/** What an expression is evaluated against. */
export interface Surroundings {
  readonly states: {
    readonly input: Json;
    readonly context: Json;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: Scope;
  readonly now: number;
  readonly random: () => number;
}
