import type { QuestionnaireResponse } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const questionnaireResponse = {
  type: "QuestionnaireResponse",
  home: ["subject", "author"],
  links: ["subject", "author"],
  moves: {
    "in-progress": ["completed", "stopped", "entered-in-error"],
    completed: ["amended", "entered-in-error"],
    amended: ["entered-in-error"],
    stopped: ["in-progress", "completed", "entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    completed: "QuestionnaireResponseCompleted",
    amended: "QuestionnaireResponseAmended",
    stopped: "QuestionnaireResponseStopped",
    "entered-in-error": "QuestionnaireResponseEnteredInError",
  }),
} as const satisfies Declaration<QuestionnaireResponse>;
