/** R4's publication status: what is retired stays; its next version is a resource of its own. */
export const publicationMoves = {
  draft: ["active", "retired", "unknown"],
  active: ["retired", "unknown"],
  retired: [],
  unknown: ["draft", "active", "retired"],
} as const;
