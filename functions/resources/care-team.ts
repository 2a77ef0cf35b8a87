import type { CareTeam } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const careTeam = {
  type: "CareTeam",
  home: ["subject"],
  links: ["subject", "participant.member"],
  moves: {
    proposed: ["active", "inactive", "entered-in-error"],
    active: ["suspended", "inactive", "entered-in-error"],
    suspended: ["active", "inactive", "entered-in-error"],
    inactive: ["active", "entered-in-error"],
    "entered-in-error": [],
  },
} as const satisfies Declaration<CareTeam>;
