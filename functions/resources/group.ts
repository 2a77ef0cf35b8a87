import type { Group } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

export const group = {
  type: "Group",
  home: "directory",
  links: ["member.entity"],
} as const satisfies Declaration<Group>;
