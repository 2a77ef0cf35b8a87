import type { Route } from "../../functions/api/routes/route.ts";
import type { Role } from "../../functions/core/settings.ts";
import { classes, type ClassName } from "./matrix-classes.ts";

/** What is known of a caller, in the words of docs/privacy.md; what the engine makes of it is not asked here. */
export interface Who {
  readonly kind: "patient" | "staff" | "client";
  /** Whose record is asked about: the own, a stranger's, that of somebody acted for, or acted for no more. */
  readonly stands: "own" | "stranger" | "acting" | "acting-no-more";
  readonly roles?: readonly Role[];
  /** Signed in within the last five minutes. */
  readonly fresh?: boolean;
  /** Of the token; everything when absent. */
  readonly scopes?: readonly Scope[];
  readonly purpose?: "unfit" | "payment";
  /** Nobody knows who it is: the token is none of ours, or its sign-in has ended. */
  readonly unknown?: true;
}

/** One type, or all; the letters of what may be done. */
export type Scope = readonly [
  type: string,
  verbs: string,
  context?: "system" | "patient" | "user",
];

export type Verb = "read" | "search" | "create" | "update" | "delete";
export type Need = readonly [Verb, ClassName];

/** `hidden`: as if what is asked for were not there. */
export type Outcome = "allowed" | "hidden" | "refused";

export interface Ruled {
  readonly route: Pick<Route, "action" | "callers">;
  readonly needs: readonly Need[];
  /** What an operation lets its caller do beside plain creates and updates. */
  readonly operation?: "booking" | "device" | "right";
  /** Created when it is not found. */
  readonly orElse?: ClassName;
  /** It is about the caller's own record or sign-in, whoever else is named. */
  readonly self?: true;
  /** A rule of this route alone. */
  readonly rule?: (who: Who) => Outcome;
}

/** Staff that an address is for, where it is not for all who have a role. */
const offices: Readonly<Record<string, readonly Role[]>> = {
  "account-disclosures": ["front-desk", "privacy-officer"],
  "break-glass": ["nurse", "clinician"],
  "decide-right": ["privacy-officer"],
  export: ["manager", "privacy-officer"],
  import: ["manager"],
  erase: ["privacy-officer"],
  hold: ["privacy-officer"],
  "list-access": ["privacy-officer", "manager"],
  "list-vendors": ["privacy-officer", "manager"],
  "request-right": ["front-desk", "privacy-officer"],
  "review-access": ["privacy-officer", "manager"],
  "revoke-sessions": ["privacy-officer", "manager"],
};

const stepUp = ["break-glass", "erase", "export", "receive-answer"];
const withoutRole = ["use-session", "end-session"];

/** Types of our classes that a role works on. */
const works: Readonly<Record<Role, readonly string[]>> = {
  "front-desk": [
    ...["Patient", "Claim", "Task", "Consent", "Binary"],
    ...["DocumentReference", "Appointment"],
  ],
  nurse: [
    ...["Patient", "Observation", "Task", "Consent", "Binary"],
    ...["DocumentReference", "Appointment"],
  ],
  clinician: [
    ...["Patient", "Observation", "Task", "Consent", "Binary"],
    ...["DocumentReference", "Appointment"],
  ],
  manager: ["Claim", "Task", "Practitioner", "Group"],
  "privacy-officer": ["Task", "Consent"],
};

const booking: readonly Role[] = [
  "front-desk",
  "nurse",
  "clinician",
  "privacy-officer",
];

/** An app that was given scopes for data gets nothing of these. */
export const besideData: readonly string[] = [
  "account-disclosures",
  "break-glass",
  "decide-right",
  "end-emergency",
  "erase",
  "hold",
  "list-access",
  "list-vendors",
  "read-signing-secret",
  "receive-answer",
  "record-disclosure",
  "register-device",
  "request-right",
  "review-access",
  "revoke-sessions",
];

export const expected = (who: Who, row: Ruled): Outcome => {
  const { action, callers } = row.route;
  if (callers === "anyone") return "allowed";
  if (who.unknown || !callers.includes(who.kind)) return "refused";
  if (who.purpose === "unfit") return "refused";
  if (who.kind !== "client" && who.scopes && besideData.includes(action))
    return "refused";
  if (who.kind !== "client" && who.fresh !== true && stepUp.includes(action))
    return "refused";
  if (who.kind === "staff") {
    const { roles = [] } = who;
    if (roles.length === 0 && !withoutRole.includes(action)) return "refused";
    const office = offices[action];
    if (office !== undefined && !holds(who, office)) return "refused";
  }
  const ruled = row.rule?.(who) ?? "allowed";
  if (ruled !== "allowed") return ruled;
  // One after the other: what was not found needs no further permission, but that to create it.
  for (const need of row.needs) {
    const outcome = may(who, need, row);
    if (outcome === "hidden" && row.orElse)
      return mayWrite(who, row.orElse, undefined) ? "allowed" : "refused";
    if (outcome !== "allowed") return outcome;
  }
  return "allowed";
};

/** Whether an answer may hold what a resource of the class says. */
export const maySee = (who: Who, name: ClassName): boolean =>
  !who.unknown &&
  who.purpose !== "unfit" &&
  (who.kind !== "staff" || (who.roles ?? []).length > 0) &&
  may(who, ["read", name], {}) === "allowed";

const may = (
  who: Who,
  [verb, name]: Need,
  { operation, self }: Pick<Ruled, "operation" | "self">,
): Outcome => {
  const stands = self === true ? "own" : who.stands;
  if (!inScope(who, verb, name)) return "refused";
  if (verb !== "read" && verb !== "search")
    return mayWrite({ ...who, stands }, name, operation) &&
      // Nobody replaces or deletes unseen what they may not see.
      (verb === "create" || operation !== undefined || !isClosed(who, name))
      ? "allowed"
      : "refused";
  if (who.kind === "patient" && !patientReads(stands, name)) return "refused";
  // Of a type that may be searched only what may be seen is found.
  return isClosed({ ...who, stands }, name)
    ? verb === "search"
      ? "hidden"
      : "refused"
    : "allowed";
};

const patientReads = (stands: Who["stands"], name: ClassName): boolean => {
  const { place } = classes[name];
  return (
    place === "public" ||
    (place === "record" && (stands === "own" || stands === "acting"))
  );
};

/** What labels and purposes close to those who may read the type. */
const isClosed = (who: Who, name: ClassName): boolean => {
  const { type, place, label } = classes[name];
  if (label === "PSYTHPN")
    return who.kind !== "patient" || who.stands !== "own";
  if (label === "R" && who.kind === "staff")
    return !holds(who, ["nurse", "clinician", "privacy-officer"]);
  return (
    who.purpose === "payment" &&
    place === "record" &&
    ["Observation", "DocumentReference", "Binary"].includes(type)
  );
};

const mayWrite = (
  who: Who,
  name: ClassName,
  operation: Ruled["operation"],
): boolean => {
  if (who.kind === "client") return true;
  if (who.kind === "patient")
    return (
      operation !== undefined &&
      (who.stands === "own" || who.stands === "acting")
    );
  if (operation === "booking") return holds(who, booking);
  return (who.roles ?? []).some((role) =>
    works[role].includes(classes[name].type),
  );
};

const inScope = ({ scopes }: Who, verb: Verb, name: ClassName): boolean => {
  const { type, place } = classes[name];
  return (
    scopes === undefined ||
    scopes.some(
      ([of, verbs, context]) =>
        (of === type || of === "*") &&
        verbs.includes(verb.charAt(0)) &&
        (context !== "patient" || place !== "house"),
    )
  );
};

export const holds = (
  { roles = [] }: Pick<Who, "roles">,
  any: readonly Role[],
): boolean => any.some((role) => roles.includes(role));
