import type { Deps } from "../runtime/dependencies.ts";
import type { Fact } from "../store/facts.ts";

/**
 * Records of nobody, which no work leads to: whoever searches, opens or changes one looks where there is nothing to do.
 * Our own code may come across them.
 */
export const watchCanaries =
  ({ organization, log }: Pick<Deps, "organization" | "log">) =>
  (facts: readonly Fact[]): void => {
    const canaries = new Set(organization.canaryPatients);
    if (canaries.size === 0) return;
    for (const { patient = "", by, kind, requestId } of facts)
      if (canaries.has(patient) && !by.startsWith("system:"))
        log("CanaryTouched", { patient, requestId, reason: kind });
  };
