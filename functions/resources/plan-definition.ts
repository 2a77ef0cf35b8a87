import type { PlanDefinition } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { publicationMoves } from "./publication-moves.ts";
import { entering } from "./entering.ts";

export const planDefinition = {
  type: "PlanDefinition",
  home: "directory",
  links: [],
  moves: publicationMoves,
  event: entering({
    active: "PlanDefinitionPublished",
    retired: "PlanDefinitionRetired",
  }),
} as const satisfies Declaration<PlanDefinition>;
