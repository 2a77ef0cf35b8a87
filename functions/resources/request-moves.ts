/** R4's request pattern: an order from elsewhere may reach us at any point of it. */
export const requestMoves = {
  draft: ["active", "on-hold", "revoked", "entered-in-error", "unknown"],
  active: ["on-hold", "revoked", "completed", "entered-in-error", "unknown"],
  "on-hold": ["active", "revoked", "completed", "entered-in-error", "unknown"],
  revoked: ["entered-in-error"],
  completed: ["entered-in-error"],
  unknown: ["active", "on-hold", "revoked", "completed", "entered-in-error"],
  "entered-in-error": [],
} as const;
