import type { CommunicationRequest } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { requestMoves } from "./request-moves.ts";
import { entering } from "./entering.ts";

export const communicationRequest = {
  type: "CommunicationRequest",
  home: ["subject", "recipient"],
  links: ["subject", "sender", "recipient", "requester"],
  moves: requestMoves,
  event: entering({
    active: "CommunicationRequestOrdered",
    revoked: "CommunicationRequestRevoked",
    completed: "CommunicationRequestCompleted",
  }),
} as const satisfies Declaration<CommunicationRequest>;
