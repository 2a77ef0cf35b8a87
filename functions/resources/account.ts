import type { Account } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { entering } from "./entering.ts";

export const account = {
  type: "Account",
  home: ["subject"],
  links: ["subject"],
  moves: {
    active: ["on-hold", "inactive", "entered-in-error", "unknown"],
    "on-hold": ["active", "inactive", "entered-in-error", "unknown"],
    inactive: ["active", "entered-in-error"],
    unknown: ["active", "on-hold", "inactive", "entered-in-error"],
    "entered-in-error": [],
  },
  event: entering({
    active: "AccountOpened",
    "on-hold": "AccountPaused",
    inactive: "AccountClosed",
    "entered-in-error": "AccountEnteredInError",
  }),
} as const satisfies Declaration<Account>;
