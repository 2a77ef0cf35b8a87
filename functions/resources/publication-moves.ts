import { start } from "./moves.ts";

/** R4's publication status: what is retired stays; its next version is a resource of its own. */
export const publicationMoves = {
  [start]: ["draft", "active", "retired", "unknown"],
  draft: ["active", "retired", "unknown"],
  active: ["retired", "unknown"],
  retired: [],
  unknown: ["draft", "active", "retired"],
} as const;
