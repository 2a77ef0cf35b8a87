import type { Provenance } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const provenance = {
  type: "Provenance",
  home: ["target"],
  homeByResource: true,
  homeOptional: true,
  byMonth: true,
  links: ["target"],
} as const satisfies Declaration<Provenance>;
