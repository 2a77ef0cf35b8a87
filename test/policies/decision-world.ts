import fc from "fast-check";
import { purposes, type Purpose } from "../../functions/core/caller.ts";
import type { Role } from "../../functions/core/settings.ts";
import {
  serviceActions,
  type Action,
  type ServiceAction,
} from "../../functions/core/permission.ts";
import {
  actors,
  type Person,
  type PlainConsent,
  type PlainPatient,
  type Provision,
} from "./decision-words.ts";
import { names, type Jurisdiction } from "./policy-files.ts";

export interface Scope {
  readonly context: "patient" | "user" | "system";
  readonly type: string;
  readonly letters: string;
}

/** Who asks: the patient, somebody else with an account, staff, another system, or our own code. */
export type Who =
  | {
      readonly kind: "self" | "user";
      readonly scopes: readonly Scope[] | undefined;
    }
  | {
      readonly kind: "staff";
      readonly name: "nora" | "otto";
      readonly roles: readonly Role[];
      readonly scopes: readonly Scope[] | undefined;
      readonly isLaunched: boolean;
    }
  | {
      readonly kind: "client";
      readonly name: "lab" | "ehr";
      readonly scopes: readonly Scope[];
      readonly location: string;
      readonly purposes: readonly Purpose[];
    }
  | { readonly kind: "system"; readonly name: string };

/** What each operation is for. */
const operations = {
  booking: "Appointment",
  device: "Patient",
  import: "Observation",
  right: "Task",
};
type Operation = keyof typeof operations;

/** Everything that a decision can depend on. */
export interface World {
  readonly packs: readonly Jurisdiction[];
  readonly who: Who;
  readonly purpose: Purpose;
  readonly operation: Operation | undefined;
  readonly action: Action;
  readonly type: string;
  readonly labels: readonly string[];
  readonly patient: PlainPatient;
  readonly consents: readonly PlainConsent[];
  /** How the other account stands to the patient. */
  readonly person: Person | undefined;
  readonly emergency: boolean;
}

export const inDirectory = [
  "Location",
  "PlanDefinition",
  "Slot",
  "Subscription",
];

const roles: readonly Role[] = [
  "front-desk",
  "nurse",
  "clinician",
  "manager",
  "privacy-officer",
];

const labels = [
  "R",
  "V",
  "42CFRPart2",
  "SUD",
  "PSYTHPN",
  "SEX",
  "GENDER",
  "HIV",
  "MH",
  "CONSUMER",
  "privacy-request",
  "record-copy",
  "privacy-review",
  "patient-only",
] as const;

type Criterion = Exclude<keyof Provision, "type" | "inner">;

const provision = (depth: number): fc.Arbitrary<Provision> =>
  fc
    .record({
      type: fc.constantFrom(
        "permit" as const,
        "permit" as const,
        "deny" as const,
      ),
      inner:
        depth === 0
          ? fc.constant([])
          : fc.array(provision(depth - 1), { maxLength: 2 }),
      named: fc.record({
        actor: fc.constantFrom(...actors, "person" as const),
        purpose: fc.constantFrom(...purposes),
        class: fc.constantFrom("Observation", "DocumentReference", "Claim"),
        labels: fc.subarray([...labels.slice(0, 10), "N"], {
          minLength: 1,
          maxLength: 3,
        }),
        when: fc.constantFrom(
          "present" as const,
          "present" as const,
          "past" as const,
          "future" as const,
        ),
        mystery: fc.constant(true as const),
      }),
      kept: fc.oneof(
        { arbitrary: fc.constant<Criterion[]>([]), weight: 2 },
        {
          arbitrary: fc.subarray<Criterion>(
            ["actor", "actor", "purpose", "class", "labels", "when", "mystery"],
            { minLength: 1, maxLength: 2 },
          ),
          weight: 3,
        },
      ),
    })
    .map(({ type, inner, named, kept }) => ({
      type,
      inner,
      ...Object.fromEntries(kept.map((name) => [name, named[name]])),
    }));

const consent: fc.Arbitrary<PlainConsent> = fc.record({
  status: fc.constantFrom(
    "active",
    "active",
    "active",
    "active",
    "inactive",
    "proposed",
  ),
  category: fc.constantFrom(
    "privacy",
    "privacy",
    "privacy",
    "restriction",
    "contact",
    "confidential-communications",
  ),
  scope: fc.constantFrom(
    "patient-privacy",
    "patient-privacy",
    "patient-privacy",
    "research",
    "treatment",
  ),
  byPatient: fc.boolean(),
  given: fc.constantFrom("2020-01-01", "2026-05-01"),
  provision: provision(2),
});

const scopes = (context: Scope["context"]): fc.Arbitrary<readonly Scope[]> =>
  fc.array(
    fc.record({
      context: fc.constantFrom(
        context,
        context,
        context,
        "patient",
        "user",
        "system",
      ),
      type: fc.constantFrom(
        "*",
        "*",
        "*",
        "Observation",
        "Claim",
        "Location",
        "Appointment",
      ),
      letters: fc.constantFrom("cruds", "cruds", "rs", "r", "s", "cud"),
    }),
    { minLength: 1, maxLength: 2 },
  );

const sometimes = <T>(
  arbitrary: fc.Arbitrary<T>,
): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 7 },
    { arbitrary, weight: 1 },
  );

const who: fc.Arbitrary<Who> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("self" as const, "user" as const, "user" as const),
      scopes: sometimes(scopes("user")),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("staff" as const),
      name: fc.constantFrom("nora", "otto"),
      roles: fc.oneof(
        fc.constantFrom(...roles).map((role) => [role]),
        fc.subarray([...roles]),
      ),
      scopes: sometimes(scopes("user")),
      isLaunched: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("client" as const),
      name: fc.constantFrom("lab", "ehr"),
      scopes: fc.oneof(
        {
          arbitrary: fc.constant([
            { context: "system", type: "*", letters: "cruds" } as const,
          ]),
          weight: 6,
        },
        { arbitrary: scopes("system"), weight: 1 },
      ),
      location: fc.constantFrom(
        "",
        "US-CA",
        "US-TX",
        "US-NY",
        "DE-BE",
        "IN-KA",
      ),
      purposes: fc.constantFrom<readonly Purpose[]>([...purposes], ["TREAT"]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("system" as const),
      name: fc.constantFrom("close-plan", "import-slice", "notify-subscribers"),
    }),
  },
);

/** What mostly is asked for, so that purpose is seldom what decides. */
const usual: Readonly<Record<Who["kind"], readonly Purpose[]>> = {
  self: ["PATRQT"],
  user: ["PATRQT"],
  staff: ["TREAT", "TREAT", "ETREAT", "HOPERAT", "HPAYMT"],
  client: ["TREAT", "HPAYMT", "HOPERAT", "HMARKT", "HRESCH"],
  system: ["TREAT", "HPAYMT", "HOPERAT", "HRESCH"],
};

const person: fc.Arbitrary<Person> = fc.record(
  {
    relationship: fc.constantFrom("MTH", "MTH", "HPOWATT", "FRND"),
    active: fc.constantFrom(true, true, true, false),
    when: fc.constantFrom("present", "present", "past", "future"),
  },
  { requiredKeys: ["relationship", "active"] },
);

const patient: fc.Arbitrary<PlainPatient> = fc.record(
  {
    born: fc.constantFrom(
      "1980-02-29",
      "2008-05-15",
      "2008-05-16",
      "2013-05-15",
      "2013-05-16",
      "2020-07-01",
    ),
    state: fc.constantFrom("CA", "TX", "WA", "CO", "GU"),
  },
  { requiredKeys: [] },
);

/** A random world among resources of these types. */
export const worlds = (types: readonly string[]): fc.Arbitrary<World> =>
  fc
    .record({
      packs: fc.constantFrom<readonly Jurisdiction[]>(
        [],
        ...names.map((name) => [name]),
        names,
        [...names].reverse(),
        ["us-hipaa", "us-part2"],
        ["us-part2", "us-ca"],
      ),
      who,
      purpose: fc.constantFrom(...purposes),
      asUsual: fc.integer({ min: 0, max: 15 }),
      operation: sometimes(
        fc.constantFrom<Operation[]>("booking", "device", "import", "right"),
      ),
      /** The operation is done to what it is for. */
      isMeant: fc.boolean(),
      action: fc.constantFrom<Action[]>(
        "read",
        "search",
        "read",
        "search",
        "create",
        "update",
        "delete",
        "declassify",
      ),
      type: fc.constantFrom(...types),
      labels: fc.oneof(
        fc.constant([]),
        fc.subarray([...labels], { minLength: 1, maxLength: 2 }),
      ),
      patient,
      consents: fc.array(consent, { maxLength: 3 }),
      person: fc.option(person, { nil: undefined, freq: 3 }),
      emergency: fc.boolean(),
    })
    .map(({ asUsual, purpose, isMeant, ...world }) => {
      const some = usual[world.who.kind];
      const meant = operations[world.operation ?? "import"];
      return {
        ...world,
        ...(isMeant && types.includes(meant) && { type: meant }),
        purpose:
          asUsual === 0 ? purpose : (some[asUsual % some.length] ?? purpose),
      };
    });

/** The organization as a whole is asked for something. */
export const services = fc
  .record({
    who,
    purpose: fc.constantFrom(...purposes),
    asUsual: fc.integer({ min: 0, max: 15 }),
    action: fc.constantFrom<(Action | ServiceAction)[]>(
      ...serviceActions,
      "read",
      "search",
      "create",
      "update",
      "delete",
    ),
    freshSignIn: fc.boolean(),
  })
  .map(({ asUsual, purpose, ...world }) => {
    const some = usual[world.who.kind];
    return {
      ...world,
      purpose:
        asUsual === 0 ? purpose : (some[asUsual % some.length] ?? purpose),
    };
  });
