import type { Questionnaire } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { publicationMoves } from "./publication-moves.ts";
import { entering } from "./entering.ts";

export const questionnaire = {
  type: "Questionnaire",
  home: "directory",
  links: [],
  moves: publicationMoves,
  event: entering({
    active: "QuestionnairePublished",
    retired: "QuestionnaireRetired",
  }),
} as const satisfies Declaration<Questionnaire>;
