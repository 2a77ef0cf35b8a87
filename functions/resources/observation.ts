import type { Observation } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { observationMoves } from "./observation-moves.ts";
import { entering } from "./entering.ts";

export const observation = {
  type: "Observation",
  home: ["subject"],
  links: ["subject", "performer"],
  moves: observationMoves,
  event: entering({
    final: "ObservationFinalized",
    amended: "ObservationAmended",
    corrected: "ObservationCorrected",
    cancelled: "ObservationCancelled",
    "entered-in-error": "ObservationEnteredInError",
  }),
} as const satisfies Declaration<Observation>;
