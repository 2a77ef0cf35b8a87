import type { Condition } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const condition = {
  type: "Condition",
  home: ["subject"],
  links: ["subject", "asserter"],
} as const satisfies Declaration<Condition>;
