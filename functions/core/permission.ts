import type { KnownType } from "../resources/declaration.ts";
import type { Caller, Context } from "./caller.ts";
import type { Role } from "./settings.ts";
import { allowed, grantsOf, type ScopedType } from "./scopes.ts";

/** What is done to a resource. */
export type Action =
  | "read"
  | "search"
  | "create"
  | "update"
  | "delete"
  /** To take a security label off. */
  | "declassify";

/** What is asked of the organization as a whole: operations and everything under /v1. */
export const serviceActions = [
  "account-disclosures",
  "audit",
  "book",
  "break-glass",
  "bundle",
  "decide-right",
  "describe",
  "end-emergency",
  "end-session",
  "erase",
  "export",
  "find-times",
  "follow-export",
  "hold",
  "import",
  "list-access",
  "list-vendors",
  "match",
  "merge",
  "read-signing-secret",
  "receive-answer",
  "record-disclosure",
  "register-device",
  "request-right",
  "review-access",
  "revoke-sessions",
  "subscribe",
  "use-session",
  "validate",
] as const;
export type ServiceAction = (typeof serviceActions)[number];

export interface Target {
  readonly type: KnownType;
  /** The patient whose compartment the resource is in; absent for the directory. */
  readonly patient?: string | undefined;
}

/** Who acts for a patient, as far as it decides. */
export interface Acting {
  readonly basis: "guardian" | "authorization" | "attorney";
  readonly state: "in-force" | "not-yet" | "expired" | "ended" | "aged-out";
}

export type Principal =
  | { readonly kind: "Patient" }
  | ({ readonly kind: "Proxy" } & Acting)
  | { readonly kind: "Staff"; readonly roles: readonly Role[] }
  | {
      readonly kind: "Client";
      /** ISO 3166-2 of where it keeps what it reads, such as `US-CA`; empty when not registered. */
      readonly location: string;
      readonly purposes: readonly string[];
    }
  | { readonly kind: "System"; readonly name: string };

/** What the policies are asked. It names no person, so the same question about another patient is the same question. */
export interface Question {
  readonly principal: Principal;
  readonly action: Action | ServiceAction;
  /** Absent: the organization as a whole. */
  readonly resource?: {
    readonly type: ScopedType;
    readonly place: "own" | "another" | "directory";
    readonly labels: readonly string[];
    readonly teenPrivate: boolean;
  };
  readonly purpose: string;
  readonly operation?: string;
  readonly scoped: boolean;
  readonly consent: "permitted" | "denied" | "silent";
  readonly restricted: boolean;
  readonly emergency: boolean;
  readonly freshSignIn: boolean;
}

/** The name of the policy that refuses, or undefined when the question is answered by a permission. */
export type Decide = (question: Question) => Promise<string | undefined>;

/** What the record says of one resource and its patient. */
export interface Circumstances {
  readonly labels: readonly string[];
  readonly teenPrivate: boolean;
  readonly consent: Question["consent"];
  readonly restricted: boolean;
  readonly emergency: boolean;
}

/** The best that a resource can bring along: what is refused then is refused for its type. */
export const atBest: Circumstances = {
  labels: [],
  teenPrivate: false,
  consent: "permitted",
  restricted: false,
  emergency: false,
};

/** The question whether a caller may do something to a resource; `acting` when it is about a patient that the caller acts for. */
export const questionOf = (
  context: Context,
  action: Action,
  { type, patient }: Target,
  circumstances: Circumstances,
  acting?: Acting,
): Question =>
  questionAbout(
    context,
    action,
    {
      type,
      place:
        patient === undefined
          ? "directory"
          : acting !== undefined || patientOf(context.by) === patient
            ? "own"
            : "another",
      scoped: granted(context, action, { type, patient }) !== false,
    },
    circumstances,
    acting,
  );

/** The same, of a resource whose place is known. */
export const questionAbout = (
  { by, purpose, operation, freshSignIn = false }: Context,
  action: Action,
  {
    type,
    place,
    scoped,
  }: Pick<NonNullable<Question["resource"]>, "type" | "place"> &
    Pick<Question, "scoped">,
  { labels, teenPrivate, ...circumstances }: Circumstances = atBest,
  acting?: Acting,
): Question => ({
  principal: acting === undefined ? principalOf(by) : proxy(acting),
  action,
  resource: { type, place, labels, teenPrivate },
  purpose,
  ...(operation !== undefined && { operation }),
  scoped,
  freshSignIn,
  ...circumstances,
});

/** A standing says more than what decides. */
const proxy = ({ basis, state }: Acting): Principal => ({
  kind: "Proxy",
  basis,
  state,
});

/** What scopes for data can be about; a person whose app carries such scopes comes with them nowhere else. */
const withScopes: readonly (Action | ServiceAction)[] = [
  ...(["read", "search", "create", "update", "delete"] as const),
  "audit",
  "book",
  "bundle",
  "describe",
  "end-session",
  "export",
  "find-times",
  "follow-export",
  "import",
  "match",
  "merge",
  "subscribe",
  "use-session",
  "validate",
];

/** The question whether a caller may come to an address at all. */
export const serviceQuestion = (
  { by, purpose, freshSignIn = false }: Context,
  action: Action | ServiceAction,
): Question => ({
  principal: principalOf(by),
  action,
  purpose,
  scoped:
    by.kind === "client" ||
    grantsFor(by) === "unrestricted" ||
    withScopes.includes(action),
  consent: "silent",
  restricted: false,
  emergency: false,
  freshSignIn,
});

/** What no policy permits is refused under the name of what would have had to permit it. */
export const unpermitted = ({ principal, resource }: Question): string => {
  if (resource === undefined) return "route-callers";
  switch (principal.kind) {
    case "Patient":
    case "Proxy":
      return `patient-${{ own: "change", another: "own-record", directory: "directory" }[resource.place]}`;
    case "Staff":
      return "staff-role";
    case "Client":
      return "client-rights";
    case "System":
      return "task-rights";
  }
};

const principalOf = (by: Caller): Principal => {
  switch (by.kind) {
    case "patient":
      return { kind: "Patient" };
    case "staff":
      return { kind: "Staff", roles: by.roles };
    case "client":
      return {
        kind: "Client",
        location: by.location ?? "",
        purposes: by.purposes ?? ["TREAT"],
      };
    case "system":
      return { kind: "System", name: by.id };
  }
};

/** Everything that a Consent may call the caller. */
export const recipientsOf = (by: Caller): readonly string[] => [
  `${by.kind}:${by.id}`,
  ...(by.kind === "staff" ? by.roles.map((role) => `role:${role}`) : []),
];

/** Whether any scope of the caller reaches only some resources of a type. */
export const isNarrowed = ({ by }: Context): boolean => {
  const known = grantsFor(by);
  return (
    known !== "unrestricted" &&
    known.some(({ criteria }) => criteria !== undefined)
  );
};

const grants = new WeakMap<Caller, ReturnType<typeof grantsOf>>();

const grantsFor = (by: Caller): ReturnType<typeof grantsOf> => {
  const known = grants.get(by) ?? grantsOf(by);
  grants.set(by, known);
  return known;
};

/**
 * What the scopes say: a list permits the action on resources that answer to one of its members. Who may book
 * appointments may take and free their slots.
 */
export const granted = (
  { by, operation }: Context,
  action: Action,
  { type, patient }: Target,
): ReturnType<typeof allowed> => {
  const known = grantsFor(by);
  return operation === "booking" && type === "Slot"
    ? allowed(known, action, { type: "Appointment", patient: patientOf(by) })
    : allowed(known, action, { type, patient });
};

const patientOf = (by: Caller): string | undefined =>
  by.kind === "patient" ? by.id : undefined;
