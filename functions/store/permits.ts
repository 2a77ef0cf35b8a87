import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { refusal, type Action } from "../core/permission.ts";
import type { KnownType } from "../resources/declaration.ts";

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
    permit: async (action, type, patient) => {
      const refused = await rule(action, type, patient);
      if (refused !== undefined)
        throw new Fault("Forbidden", 403, `Not permitted (${refused}).`);
    },
    permitted: async (action, type, patient) =>
      (await rule(action, type, patient)) === undefined,
  };
};
