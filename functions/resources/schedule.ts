import type { Schedule } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const schedule = {
  type: "Schedule",
  home: "directory",
  links: ["actor"],
} as const satisfies Declaration<Schedule>;
