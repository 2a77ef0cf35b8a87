import type { Binary } from "@medplum/fhirtypes";
import type { Declaration } from "./declaration.ts";

/** Filed with what it belongs to; its bytes lie in a bucket, so the record holds no `data`. */
export const binary = {
  type: "Binary",
  home: ["securityContext"],
  homeByResource: true,
  homeOptional: true,
  byMonth: true,
  links: ["securityContext"],
} as const satisfies Declaration<Binary>;
