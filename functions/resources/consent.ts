import type { Consent } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const consent = {
  type: "Consent",
  home: ["patient"],
  links: ["patient"],
  event: (after) => (after ? "ConsentChanged" : undefined),
} as const satisfies Declaration<Consent>;
