import { roles, type Role } from "../../functions/core/settings.ts";
import type { Clinic, RecordName } from "./matrix-clinic.ts";
import type { Scope, Who } from "./matrix-rules.ts";
import {
  claimsOf,
  signed,
  tampered,
  type Claims,
  type SignIns,
} from "./matrix-tokens.ts";

/** One kind of caller, with the record that each request asks about. */
export interface Caller {
  readonly name: string;
  readonly who: Who;
  readonly about: RecordName;
  /** Undefined: nobody signs in. `change` makes it the token of another sign-in. */
  readonly token: (change?: Claims) => Promise<string | undefined>;
  readonly purpose?: string;
  /** Refused before a function is asked, or without a fact. */
  readonly isAnonymous?: true;
}

const minutesAgo = (minutes: number): number =>
  Math.floor(Date.now() / 1000) - minutes * 60;

/** With the one that every gateway takes, so that the function has to look at the others. */
const written = (scopes: readonly Scope[], context: string): string =>
  [
    "aws.cognito.signin.user.admin",
    ...scopes.map(([type, verbs]) => `${context}/${type}.${verbs}`),
  ].join(" ");

/** Every kind of caller of the API. */
export const callersOf = (
  signIns: SignIns,
  { people }: Clinic,
): readonly Caller[] => {
  /** A token of a pool with other claims, signed with the pool's own key. */
  const again = async (from: Promise<string>, change: Claims) => {
    const claims = { ...claimsOf(await from), ...change };
    const { patients, staff: ofStaff } = signIns.keys;
    return signed(claims, claims.iss === patients.issuer ? patients : ofStaff);
  };
  const genuine =
    (from: () => Promise<string>, claims?: Claims): Caller["token"] =>
    (change) =>
      claims === undefined && change === undefined
        ? from()
        : again(from(), { ...claims, ...change });
  const patient = (id: string, claims?: Claims) =>
    genuine(() => signIns.patient(id), claims);
  const staff = (role: Role, claims?: Claims) =>
    genuine(() => signIns.staff(role), claims);
  const clinic = (claims?: Claims) => genuine(signIns.clinic, claims);

  const earlier = { auth_time: minutesAgo(6), origin_jti: "six-minutes-ago" };
  const officer = () => signIns.staff("privacy-officer");
  const person = { kind: "patient", stands: "own", fresh: true } as const;
  const inRole = (role: Role): Who => ({
    kind: "staff",
    stands: "stranger",
    roles: [role],
    fresh: true,
  });
  const system: Who = { kind: "client", stands: "stranger" };
  const nobody: Who = { ...inRole("privacy-officer"), unknown: true };

  const narrowed = (
    name: string,
    scopes: readonly Scope[],
    context = "system",
  ): Caller => ({
    name,
    who: { ...system, scopes: context === "system" ? scopes : [] },
    about: "own",
    token: clinic({ scope: written(scopes, context) }),
  });
  const unfit = (
    name: string,
    purpose: string,
    caller: Pick<Caller, "who" | "token">,
  ): Caller => ({
    name,
    about: "own",
    token: caller.token,
    who: { ...caller.who, purpose: "unfit" },
    purpose,
  });
  const refused = (name: string, token: () => Promise<string>): Caller => ({
    name,
    who: nobody,
    about: "own",
    token,
  });

  return [
    {
      name: "own patient",
      who: person,
      about: "own",
      token: patient(people.own),
    },
    {
      name: "own patient, signed in earlier",
      who: { ...person, fresh: false },
      about: "own",
      token: patient(people.own, earlier),
    },
    {
      name: "another patient",
      who: { ...person, stands: "stranger" },
      about: "own",
      token: patient(people.stranger),
    },
    {
      name: "guardian of a minor",
      who: { ...person, stands: "acting" },
      about: "child",
      token: patient(people.parent),
    },
    {
      name: "expired proxy",
      who: { ...person, stands: "acting-no-more" },
      about: "former",
      token: patient(people.parent),
    },
    {
      name: "guardian of a child of age",
      who: { ...person, stands: "acting-no-more" },
      about: "grown",
      token: patient(people.parent),
    },
    ...roles.map((role): Caller => ({
      name: role,
      who: inRole(role),
      about: "own",
      token: staff(role),
    })),
    ...roles.map((role): Caller => ({
      name: `${role}, signed in earlier`,
      who: { ...inRole(role), fresh: false },
      about: "own",
      token: staff(role, earlier),
    })),
    {
      name: "staff without a role",
      who: { kind: "staff", stands: "stranger", roles: [], fresh: true },
      about: "own",
      token: staff("nurse", { "cognito:groups": [], origin_jti: "no-role" }),
    },
    {
      name: "front-desk, for payment",
      who: { ...inRole("front-desk"), purpose: "payment" },
      about: "own",
      token: staff("front-desk"),
      purpose: "HPAYMT",
    },
    { name: "system, all scopes", who: system, about: "own", token: clinic() },
    narrowed("system, one scope", [["Observation", "rs"]]),
    narrowed("system, no fitting scope", [["Slot", "d"]]),
    narrowed("system, a person's scopes", [["*", "cruds"]], "user"),
    {
      name: "own patient's app, one scope",
      who: { ...person, scopes: [["Observation", "rs", "patient"]] },
      about: "own",
      token: patient(people.own, {
        scope: written([["Observation", "rs"]], "patient"),
        origin_jti: "patients-app",
      }),
    },
    {
      name: "nurse's app, one scope",
      who: { ...inRole("nurse"), scopes: [["Observation", "rs", "user"]] },
      about: "own",
      token: staff("nurse", {
        scope: written([["Observation", "rs"]], "user"),
        origin_jti: "nurses-app",
      }),
    },
    unfit("patient, to treat", "TREAT", {
      who: person,
      token: patient(people.own),
    }),
    unfit("nurse, for payment", "HPAYMT", {
      who: inRole("nurse"),
      token: staff("nurse"),
    }),
    unfit("front-desk, in an emergency", "ETREAT", {
      who: inRole("front-desk"),
      token: staff("front-desk"),
    }),
    unfit("manager, as a patient", "PATRQT", {
      who: inRole("manager"),
      token: staff("manager"),
    }),
    unfit("system, for marketing", "HMARKT", { who: system, token: clinic() }),
    {
      name: "no token",
      who: nobody,
      about: "own",
      token: () => Promise.resolve(undefined),
      isAnonymous: true,
    },
    refused("forged token", async () => {
      const { kid } = signIns.keys.staff;
      return signed(claimsOf(await officer()), {
        kid,
        privateKey: signIns.forger,
      });
    }),
    refused("tampered claims", async () =>
      tampered(await signIns.staff("nurse"), {
        "cognito:groups": ["privacy-officer"],
      }),
    ),
    refused("expired token", () => again(officer(), { exp: minutesAgo(1) })),
    refused("token of another app", () =>
      again(officer(), { client_id: signIns.anotherApp }),
    ),
    refused("id token", async () => {
      const { client_id: aud } = claimsOf(await officer());
      return again(officer(), { token_use: "id", client_id: undefined, aud });
    }),
    refused("token of the other pool", async () =>
      signed(claimsOf(await officer()), signIns.keys.patients),
    ),
    refused("signed out", () => again(officer(), { origin_jti: signedOut })),
    refused("idle", () =>
      again(officer(), {
        auth_time: minutesAgo(16),
        origin_jti: "idle-for-long",
      }),
    ),
    refused("signed in yesterday", () =>
      again(officer(), {
        auth_time: minutesAgo(24 * 60),
        origin_jti: "yesterday",
      }),
    ),
  ];
};

/** The sign-in that ends before the first question. */
export const signedOut = "signed-out";
