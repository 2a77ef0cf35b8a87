import type { Schedule } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const schedule = {
  type: "Schedule",
  home: "directory",
  links: ["actor"],
  search: [
    "active",
    "actor",
    "date",
    "identifier",
    "service-category",
    "service-type",
    "specialty",
  ],
} as const satisfies Declaration<Schedule>;
