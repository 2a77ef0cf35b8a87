import type { Consent } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const consent = {
  type: "Consent",
  home: ["patient"],
  links: ["patient"],
  search: [
    "action",
    "actor",
    "category",
    "consentor",
    "data",
    "date",
    "identifier",
    "organization",
    "patient",
    "period",
    "purpose",
    "scope",
    "security-label",
    "source-reference",
    "status",
  ],
  event: (after) => (after ? "ConsentChanged" : undefined),
} as const satisfies Declaration<Consent>;
