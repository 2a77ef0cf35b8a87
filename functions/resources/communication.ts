import type { Communication } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { broken } from "./findings.ts";
import { referencesAt } from "./references.ts";

const byPatient = ({ sender }: Communication): boolean =>
  /^(Patient|RelatedPerson)\//u.test(sender?.reference ?? "");

/** What entering a status means: a message refused before it left was suppressed, afterwards it failed. */
const entered = (
  after: Communication,
  before: Communication | undefined,
): string | undefined => {
  switch (after.status) {
    case "preparation":
      return "CommunicationPrepared";
    case "in-progress":
      return "CommunicationSent";
    case "on-hold":
      return "CommunicationDeferred";
    case "stopped":
      return "CommunicationStopped";
    case "not-done":
      return before?.status === "in-progress"
        ? "CommunicationFailed"
        : "CommunicationSuppressed";
    case "completed":
      return after.received !== undefined ||
        before?.status === "in-progress" ||
        before?.status === "not-done"
        ? "CommunicationDelivered"
        : "CommunicationSent";
    case "entered-in-error":
      return "CommunicationEnteredInError";
    default:
      return undefined;
  }
};

const patientRecipients = (communication: Communication): number =>
  new Set(
    referencesAt(communication, "recipient").filter((recipient) =>
      recipient.startsWith("Patient/"),
    ),
  ).size;

export const communication = {
  type: "Communication",
  home: ["subject", "recipient"],
  links: ["subject", "sender", "recipient"],
  // Receipts arrive late, twice and out of order: nothing leads back from an end, but what was delivered after all.
  moves: {
    preparation: [
      "in-progress",
      "completed",
      "on-hold",
      "not-done",
      "stopped",
      "entered-in-error",
    ],
    "on-hold": [
      "preparation",
      "in-progress",
      "completed",
      "not-done",
      "stopped",
      "entered-in-error",
    ],
    "in-progress": ["completed", "not-done", "stopped", "entered-in-error"],
    completed: ["entered-in-error"],
    "not-done": ["completed", "entered-in-error"],
    stopped: ["entered-in-error"],
    unknown: ["completed", "not-done", "entered-in-error"],
    "entered-in-error": [],
  },
  invariants: (after) =>
    patientRecipients(after) > 1
      ? [
          broken(
            "Communication.recipient",
            "a message has one patient; a message to two patients is two communications",
          ),
        ]
      : [],
  event: (after, before) => {
    if (!after || after.status === before?.status) return undefined;
    return !before && byPatient(after)
      ? "CommunicationReceived"
      : entered(after, before);
  },
} as const satisfies Declaration<Communication>;
