import type { Location } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const location = {
  type: "Location",
  home: "directory",
  links: [],
} as const satisfies Declaration<Location>;
