import type { DetectedIssue } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const detectedIssue = {
  type: "DetectedIssue",
  home: ["patient"],
  links: ["patient"],
  moves: {
    preliminary: ["final", "mitigated", "entered-in-error"],
    final: ["mitigated", "entered-in-error"],
    mitigated: ["final", "entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    preliminary: "DetectedIssueSuspected",
    final: "DetectedIssueFound",
    mitigated: "DetectedIssueMitigated",
    "entered-in-error": "DetectedIssueEnteredInError",
  }),
} as const satisfies Declaration<DetectedIssue>;
