/** R4's financial resource status: what was cancelled is submitted anew, not revived. */
export const financialMoves = {
  draft: ["active", "cancelled", "entered-in-error"],
  active: ["cancelled", "entered-in-error"],
  cancelled: ["entered-in-error"],
  "entered-in-error": [],
} as const;
