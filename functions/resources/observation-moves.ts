/** R4's observation status: a final result is amended or corrected, never preliminary again. */
export const observationMoves = {
  registered: [
    "preliminary",
    "final",
    "cancelled",
    "entered-in-error",
    "unknown",
  ],
  preliminary: [
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
  ],
  final: ["amended", "corrected", "entered-in-error"],
  amended: ["corrected", "entered-in-error"],
  corrected: ["amended", "entered-in-error"],
  cancelled: ["entered-in-error"],
  unknown: [
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
  ],
  "entered-in-error": [],
} as const;
