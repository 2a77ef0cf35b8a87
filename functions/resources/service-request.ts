import type { ServiceRequest } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { requestMoves } from "./request-moves.ts";
import { entering } from "./entering.ts";

export const serviceRequest = {
  type: "ServiceRequest",
  home: ["subject"],
  links: ["subject", "performer"],
  moves: requestMoves,
  event: entering({
    active: "ServiceRequestOrdered",
    "on-hold": "ServiceRequestPaused",
    revoked: "ServiceRequestRevoked",
    completed: "ServiceRequestCompleted",
    "entered-in-error": "ServiceRequestEnteredInError",
  }),
} as const satisfies Declaration<ServiceRequest>;
