import type { RequestGroup } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { requestMoves } from "./request-moves.ts";
import { entering } from "./entering.ts";

export const requestGroup = {
  type: "RequestGroup",
  home: ["subject"],
  links: ["subject", "action.participant"],
  moves: requestMoves,
  event: entering({
    active: "RequestGroupStarted",
    revoked: "RequestGroupRevoked",
    completed: "RequestGroupCompleted",
  }),
} as const satisfies Declaration<RequestGroup>;
