import type { CareTeam } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";
import { start } from "./moves.ts";

export const careTeam = {
  type: "CareTeam",
  home: ["subject"],
  links: ["subject", "participant.member"],
  moves: {
    [start]: ["proposed", "active", "suspended", "inactive"],
    proposed: ["active", "inactive", "entered-in-error"],
    active: ["suspended", "inactive", "entered-in-error"],
    suspended: ["active", "inactive", "entered-in-error"],
    inactive: ["active", "entered-in-error"],
    "entered-in-error": [],
  },
} as const satisfies Declaration<CareTeam>;
