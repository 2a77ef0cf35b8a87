import type { Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import {
  atBest,
  granted,
  isNarrowed,
  questionOf,
  recipientsOf,
  type Action,
  type Circumstances,
  type Question,
  type Target,
} from "../core/permission.ts";
import { refused } from "../core/refused.ts";
import type { Criteria } from "../core/scopes.ts";
import type { KnownType } from "../resources/declaration.ts";
import { asKey, type KeyItem } from "./items.ts";
import { addressOf, patientKeyPlace } from "./keys.ts";
import { createPrivacy, type Privacy } from "./privacy.ts";
import type { Stored } from "./records.ts";
import type { Store } from "./store.ts";

/**
 * Permission of one caller. It is asked twice: for the type before anything is read, and for each resource once it is
 * known what it is labelled with and what its patient consented to.
 */
export interface Permits {
  /** Throws Forbidden (403) with the policy's name. */
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
  /** Whether scopes reach only some resources of a type. */
  readonly isNarrowed: boolean;
  /** Whether the caller may do it to this very resource. `key` is the patient's key item where it was read along. */
  admits(
    action: Action,
    resource: Stored<Resource>,
    key?: KeyItem,
  ): Promise<boolean>;
  /** As `admits`, for the JSON of a resource, which is parsed only where something depends on it. */
  admitsText(
    action: Action,
    target: Target,
    text: string,
    key: KeyItem | undefined,
  ): Promise<boolean>;
  /** Throws Forbidden (403) where `admits` says no. */
  admit(
    action: Action,
    resource: Stored<Resource>,
    key?: KeyItem,
  ): Promise<void>;
  /** Throws Forbidden (403) where what it holds is kept from the caller, whatever scopes say: nobody replaces or deletes unseen what they may not see. */
  see(resource: Stored<Resource>): Promise<void>;
  /** The resources in their places; undefined what the caller may not see. */
  reach<T extends Stored<Resource>>(
    action: Action,
    resources: readonly (T | undefined)[],
  ): Promise<readonly (T | undefined)[]>;
}

/** The records of a person, and keys that were just read. */
interface Known {
  samePerson(patient: string): Promise<readonly string[]>;
  /** The key item as this work read it; undefined when it did not yet. */
  keyItem?(patient: string): KeyItem | undefined;
}

export const createPermits = (
  store: Store,
  context: Context,
  { samePerson, keyItem }: Known,
): Permits => {
  const { decide, table, now } = store;
  const { by, purpose } = context;
  const privacy = createPrivacy(store, samePerson);
  const roles = new Map<string, ReturnType<typeof roleFor>>();

  /** What the caller is to a patient: what was merged with a patient's own record is that patient's own. */
  const roleFor = async (
    patient: string,
  ): Promise<{
    readonly patient: string;
    readonly acting?: NonNullable<Awaited<ReturnType<Privacy["acting"]>>>;
  }> => {
    if (by.kind !== "patient" || patient === by.id) return { patient };
    if ((await samePerson(by.id)).includes(patient)) return { patient: by.id };
    const acting = await privacy.acting(by.id, patient);
    return acting === undefined ? { patient } : { patient, acting };
  };
  const roleOf = (patient: string): ReturnType<typeof roleFor> => {
    const known = roles.get(patient) ?? roleFor(patient);
    roles.set(patient, known);
    return known;
  };

  /** The question about a target, seen from what the caller is to its patient. */
  const ask = async (
    action: Action,
    target: Target,
    circumstances: Circumstances,
  ): Promise<Question> => {
    const { patient } = target;
    if (patient === undefined || by.kind !== "patient" || patient === by.id)
      return questionOf(context, action, target, circumstances);
    const role = await roleOf(patient);
    return questionOf(
      context,
      action,
      { ...target, patient: role.patient },
      circumstances,
      role.acting?.standing,
    );
  };

  /** The policy that refuses whatever the resource may be. */
  const rule = async (
    action: Action,
    target: Target,
  ): Promise<string | undefined> => decide(await ask(action, target, atBest));

  const keyOf = async (patient: string): Promise<KeyItem | undefined> => {
    const known = keyItem?.(patient);
    if (known !== undefined) return known;
    const [item] = await table.get([patientKeyPlace(patient)]);
    return item === undefined ? undefined : asKey(item);
  };

  const circumstancesOf = async (
    action: Action,
    { type, patient }: Target,
    labels: readonly string[],
    key: KeyItem | undefined,
  ): Promise<Circumstances> => {
    const plain: Circumstances = { ...atBest, labels, consent: "silent" };
    if (patient === undefined || action === "create") return plain;
    const role = await roleOf(patient);
    const isOwn = by.kind === "patient" && role.patient === by.id;
    if (isOwn) return plain;
    const consents = await privacy.consents(
      patient,
      key ?? (await keyOf(patient)),
    );
    const { acting } = role;
    if (consents.length === 0 && acting === undefined) return plain;
    const [{ consentAnswer, saidOfReading }, { isTeenPrivate }] =
      await Promise.all([
        import("../core/consent.ts"),
        import("../core/proxy.ts"),
      ]);
    const time = now().toISOString();
    const answer = consentAnswer(consents, {
      use: "read",
      purpose,
      recipients: [
        ...recipientsOf(by),
        ...(acting === undefined ? [] : [acting.standing.person]),
      ],
      labels,
      type,
      now: time,
      zone: store.zone,
    });
    return {
      ...plain,
      ...saidOfReading(answer),
      teenPrivate:
        acting !== undefined &&
        isTeenPrivate(acting.patient, labels, time, store),
    };
  };

  /** The policy that refuses this very resource; open emergency access is looked for only where it decides. */
  const ruleFor = async (
    action: Action,
    target: Target,
    labels: readonly string[],
    key: KeyItem | undefined,
    { beyondScopes = false } = {},
  ): Promise<string | undefined> => {
    const circumstances = await circumstancesOf(action, target, labels, key);
    const asked = await ask(action, target, circumstances);
    const scoped = beyondScopes || asked.scoped;
    const policy = await decide({ ...asked, scoped });
    const { patient } = target;
    if (
      policy === undefined ||
      by.kind !== "staff" ||
      purpose !== "ETREAT" ||
      patient === undefined
    )
      return policy;
    if ((await decide({ ...asked, scoped, emergency: true })) !== undefined)
      return policy;
    const { emergencyFor } = await import("./emergency.ts");
    const records = await samePerson(patient);
    return (await emergencyFor(store, records, by.id, now()))
      ? undefined
      : policy;
  };

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

  const withinScopes = async (
    action: Action,
    target: Target,
    resource: Resource,
  ): Promise<boolean> => {
    const patient =
      target.patient === undefined
        ? undefined
        : (await roleOf(target.patient)).patient;
    const reach = granted(context, action, { ...target, patient });
    return typeof reach === "boolean"
      ? reach
      : (await testOf(target.type, reach))(resource);
  };

  const isNarrow = isNarrowed(context);

  const ruleOn = async (
    action: Action,
    resource: Stored<Resource>,
    key: KeyItem | undefined,
  ): Promise<string | undefined> => {
    const target = targetOf(resource);
    if (isNarrow && !(await withinScopes(action, target, resource)))
      return "scope-criteria";
    return ruleFor(action, target, labelsOf(resource), key);
  };

  const admits: Permits["admits"] = async (action, resource, key) =>
    (await ruleOn(action, resource, key)) === undefined;

  return {
    isNarrowed: isNarrow,
    permit: async (action, type, patient) => {
      const policy = await rule(action, { type, patient });
      if (policy !== undefined) throw refused(policy);
    },
    permitted: async (action, type, patient) =>
      (await rule(action, { type, patient })) === undefined,
    admits,
    admitsText: async (action, target, text, key) =>
      isNarrow || text.includes(`"security":`)
        ? admits(action, JSON.parse(text) as Stored<Resource>, key)
        : (await ruleFor(action, target, [], key)) === undefined,
    admit: async (action, resource, key) => {
      const policy = await ruleOn(action, resource, key);
      if (policy !== undefined) throw refused(policy);
    },
    see: async (resource) => {
      if (by.kind === "system" || context.operation !== undefined) return;
      const policy = await ruleFor(
        "read",
        targetOf(resource),
        labelsOf(resource),
        undefined,
        { beyondScopes: true },
      );
      if (policy !== undefined) throw refused(policy);
    },
    reach: (action, resources) =>
      Promise.all(
        resources.map(async (resource) =>
          resource === undefined || (await admits(action, resource))
            ? resource
            : undefined,
        ),
      ),
  };
};

const targetOf = ({ resourceType, id }: Stored<Resource>): Target => {
  const type = resourceType as KnownType;
  return { type, patient: addressOf(type, id)?.patient };
};

/** What a resource is labelled with, whatever the code system. */
export const labelsOf = ({ meta }: Stored<Resource>): readonly string[] =>
  [
    ...new Set(
      ((meta as Resource["meta"])?.security ?? []).flatMap(
        ({ code }) => code ?? [],
      ),
    ),
  ].toSorted();
