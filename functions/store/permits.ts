import type { Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import {
  isNarrowed,
  narrowing,
  refusal,
  type Action,
} from "../core/permission.ts";
import type { Criteria } from "../core/scopes.ts";
import type { KnownType } from "../resources/declaration.ts";
import { loadSearch, parseSearch } from "../resources/search.ts";
import { matches } from "../resources/search/match.ts";
import { addressOf } from "./keys.ts";
import type { Stored } from "./records.ts";

export interface Permits {
  /** Throws Forbidden (403) with the rule's name. */
  permit(
    action: Action,
    type: KnownType,
    patient: string | undefined,
  ): Promise<void>;
  permitted(
    action: Action,
    type: KnownType,
    patient: string | undefined,
  ): Promise<boolean>;
  /** Whether `admits` may say no. */
  readonly isNarrowed: boolean;
  /** Whether scopes that reach only some resources of a type reach this one. */
  admits(action: Action, resource: Stored<Resource>): Promise<boolean>;
}

/** Permission of one caller; `samePerson` gives the records that were merged with a patient's own. */
export const createPermits = (
  context: Context,
  samePerson: (patient: string) => Promise<readonly string[]>,
): Permits => {
  const rule = async (
    action: Action,
    type: KnownType,
    patient: string | undefined,
  ): Promise<string | undefined> => {
    const refused = refusal(context, action, { type, patient });
    if (refused !== "patient-own-record" || patient === undefined)
      return refused;
    const own = context.by.id;
    return (await samePerson(own)).includes(patient)
      ? refusal(context, action, { type, patient: own })
      : refused;
  };
  return {
    isNarrowed: isNarrowed(context),
    permit: async (action, type, patient) => {
      const refused = await rule(action, type, patient);
      if (refused !== undefined)
        throw new Fault("Forbidden", 403, `Not permitted (${refused}).`);
    },
    permitted: async (action, type, patient) =>
      (await rule(action, type, patient)) === undefined,
    admits: async (action, resource) => {
      const type = resource.resourceType as KnownType;
      const patient = addressOf(type, resource.id)?.patient;
      const choices = narrowing(context, action, { type, patient });
      if (choices.length === 0) return true;
      const answers = await Promise.all(
        choices.map((criteria) => answersTo(resource, type, criteria)),
      );
      return answers.includes(true);
    },
  };
};

const answersTo = async (
  resource: Resource,
  type: KnownType,
  criteria: Criteria,
): Promise<boolean> => {
  try {
    await loadSearch(type, criteria);
    return matches(parseSearch(type, criteria, { strict: true }), resource);
  } catch (error) {
    // What this server cannot search for reaches nothing.
    if (error instanceof Fault) return false;
    throw error;
  }
};
