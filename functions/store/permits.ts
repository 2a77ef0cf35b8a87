import type { Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import {
  granted,
  isNarrowed,
  refusal,
  type Action,
} from "../core/permission.ts";
import type { Criteria } from "../core/scopes.ts";
import type { KnownType } from "../resources/declaration.ts";
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
  /** Throws Forbidden (403) when they do not. */
  admit(action: Action, resource: Stored<Resource>): Promise<void>;
  /** The resources in their places; undefined what scopes do not reach. */
  reach<T extends Stored<Resource>>(
    action: Action,
    resources: readonly (T | undefined)[],
  ): Promise<readonly (T | undefined)[]>;
}

/** Permission of one caller; `samePerson` gives the records that were merged with a patient's own. */
export const createPermits = (
  context: Context,
  samePerson: (patient: string) => Promise<readonly string[]>,
): Permits => {
  /** What was merged with a patient's own record is that patient's own. */
  const ownFor = async (
    patient: string | undefined,
  ): Promise<string | undefined> => {
    const { kind, id } = context.by;
    return kind === "patient" &&
      patient !== undefined &&
      patient !== id &&
      (await samePerson(id)).includes(patient)
      ? id
      : patient;
  };
  const rule = async (
    action: Action,
    type: KnownType,
    patient: string | undefined,
  ): Promise<string | undefined> =>
    refusal(context, action, { type, patient }) &&
    refusal(context, action, { type, patient: await ownFor(patient) });

  const tests = new Map<string, Promise<(resource: Resource) => boolean>>();
  const testOf = (type: KnownType, choices: readonly Criteria[]) => {
    const name = `${type} ${JSON.stringify(choices)}`;
    const known =
      tests.get(name) ??
      // Few callers are narrowed so.
      import("../core/granular.ts").then(({ withinScopes }) =>
        withinScopes(type, choices),
      );
    tests.set(name, known);
    return known;
  };

  const admits: Permits["admits"] = async (action, resource) => {
    if (!isNarrowed(context)) return true;
    const type = resource.resourceType as KnownType;
    const patient = await ownFor(addressOf(type, resource.id)?.patient);
    const reach = granted(context, action, { type, patient });
    return typeof reach === "boolean"
      ? reach
      : (await testOf(type, reach))(resource);
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
    admits,
    admit: async (action, resource) => {
      if (!(await admits(action, resource)))
        throw new Fault("Forbidden", 403, "Not permitted (scope-criteria).");
    },
    reach: async (action, resources) =>
      isNarrowed(context)
        ? Promise.all(
            resources.map(async (resource) =>
              resource === undefined || (await admits(action, resource))
                ? resource
                : undefined,
            ),
          )
        : resources,
  };
};
