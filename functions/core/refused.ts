import { Fault } from "./fault.ts";

/** A refusal: it names the policy, never what the policy protects. */
export const refused = (policy: string): Fault =>
  new Fault("Forbidden", 403, `Not permitted (${policy}).`, { policy });
