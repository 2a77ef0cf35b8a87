import type { Resource } from "@medplum/fhirtypes";
import type { Caller } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { withinScopes } from "../core/granular.ts";
import { allowed, grantsOf, type Criteria } from "../core/scopes.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { Store } from "./store.ts";
import type { OpenWork } from "./work.ts";

type Test = boolean | ((resource: Resource) => boolean);

/** What the caller may read of a type in a compartment: all, nothing, or what its granular scopes find. */
export const exportPermits = (
  work: Pick<OpenWork, "permitted">,
  by: Caller,
  country: Store["country"],
): ((type: KnownType, patient: string | undefined) => Promise<Test>) => {
  const grants = grantsOf(by);
  const narrowed = new Map<KnownType, Promise<Test>>();
  const within = async (
    type: KnownType,
    criteria: readonly Criteria[],
  ): Promise<Test> => {
    try {
      return await withinScopes(type, criteria, country);
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  };
  return async (type, patient) => {
    if (!(await work.permitted("read", type, patient))) return false;
    const scoped = allowed(grants, "read", { type, patient });
    if (typeof scoped === "boolean") return scoped;
    const known = narrowed.get(type) ?? within(type, scoped);
    narrowed.set(type, known);
    return known;
  };
};
