import type { ActivityDefinition } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { publicationMoves } from "./publication-moves.ts";
import { entering } from "./entering.ts";

export const activityDefinition = {
  type: "ActivityDefinition",
  home: "directory",
  links: [],
  moves: publicationMoves,
  event: entering({
    active: "ActivityDefinitionPublished",
    retired: "ActivityDefinitionRetired",
  }),
} as const satisfies Declaration<ActivityDefinition>;
