import { start } from "./moves.ts";

/** R4's financial resource status: what was cancelled is submitted anew, not revived. */
export const financialMoves = {
  [start]: ["draft", "active", "cancelled"],
  draft: ["active", "cancelled", "entered-in-error"],
  active: ["cancelled", "entered-in-error"],
  cancelled: ["entered-in-error"],
  "entered-in-error": [],
} as const;
