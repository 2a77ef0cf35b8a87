import type { Principal, Question } from "../../functions/core/permission.ts";
import {
  inDirectory,
  type Scope,
  type Who,
  type World,
} from "./decision-world.ts";
import { forbidding, permitting } from "./naive-base.ts";
import { isTeenPrivate, saidBy, standingOf } from "./naive-consent.ts";
import { brokenBy } from "./oracle.ts";
import {
  annotationsIn,
  readPolicies,
  type Jurisdiction,
} from "./policy-files.ts";

/** What speaks of it, by name. */
export interface Judgement {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  /** The policy that a refusal names; undefined when it is allowed. */
  readonly refusal: string | undefined;
}

/** The judgement of a world, naively. */
export const judge = (world: World): Judgement => {
  const { who, packs, patient, person, consents, labels } = world;
  const isAbout = !inDirectory.includes(world.type);
  const standing =
    isAbout && who.kind === "user"
      ? standingOf(patient, person, consents)
      : undefined;
  const isOwn = isAbout && (who.kind === "self" || standing !== undefined);
  const said =
    isAbout && who.kind !== "self"
      ? saidBy(consents, {
          names: [...namesOf(who), ...(standing ? ["person"] : [])],
          purpose: world.purpose,
          type: world.type,
          labels,
        })
      : { consent: "silent" as const, restricted: false };
  return judged(
    {
      principal:
        standing === undefined
          ? principalOf(who)
          : { kind: "Proxy", ...standing },
      action: world.action,
      resource: {
        type: world.type as never,
        place: isAbout ? (isOwn ? "own" : "another") : "directory",
        labels,
        teenPrivate:
          standing !== undefined && isTeenPrivate(patient, labels, packs),
      },
      purpose: world.purpose,
      ...(world.operation !== undefined && { operation: world.operation }),
      scoped: isScoped(world, isAbout),
      ...said,
      emergency: isAbout && world.emergency && who.kind === "staff",
      freshSignIn: false,
    },
    packs,
  );
};

export const judged = (
  question: Question,
  packs: readonly Jurisdiction[],
): Judgement => {
  const permits = permitting(question);
  const forbids = [
    ...forbidding(question),
    ...packs.flatMap((pack) => brokenBy(pack, question)),
  ].filter((name) => name !== "us-part2-tasks" || isClosedToTasks(question));
  const named = order(packs).find((name) => forbids.includes(name));
  return {
    permits,
    forbids,
    refusal:
      named ?? (permits.length > 0 ? undefined : nothingPermits(question)),
  };
};

/** What our own code talks about with patients is open to it. */
const isClosedToTasks = ({ resource }: Question): boolean =>
  !"Appointment CarePlan Communication Consent DetectedIssue Patient RelatedPerson Slot Task"
    .split(" ")
    .includes(resource?.type ?? "");

/** The organization's first pack, and in it the first policy, is named. */
const order = (packs: readonly string[]): readonly string[] =>
  ["base", ...packs].flatMap((pack) => policiesOf(`${pack}.cedar`));

const read = new Map<string, readonly string[]>();
export const policiesOf = (file: string): readonly string[] => {
  const known =
    read.get(file) ??
    annotationsIn(readPolicies(file)).map(({ id = "" }) => id);
  read.set(file, known);
  return known;
};

const nothingPermits = ({ principal, resource }: Question): string => {
  if (resource === undefined) return "route-callers";
  const people = {
    own: "patient-change",
    another: "patient-own-record",
    directory: "patient-directory",
  };
  return {
    Patient: people[resource.place],
    Proxy: people[resource.place],
    Staff: "staff-role",
    Client: "client-rights",
    System: "task-rights",
  }[principal.kind];
};

export const principalOf = (who: Who): Principal => {
  switch (who.kind) {
    case "self":
    case "user":
      return { kind: "Patient" };
    case "staff":
      return { kind: "Staff", roles: who.roles };
    case "client":
      return { kind: "Client", location: who.location, purposes: who.purposes };
    case "system":
      return { kind: "System", name: who.name };
  }
};

/** What a Consent may call them. */
const namesOf = (who: Who): readonly string[] => {
  switch (who.kind) {
    case "self":
    case "user":
      return [`patient:${who.kind}`];
    case "staff":
      return [`staff:${who.name}`, ...who.roles.map((role) => `role:${role}`)];
    case "client":
    case "system":
      return [`${who.kind}:${who.name}`];
  }
};

const letters = {
  create: "c",
  read: "r",
  update: "u",
  delete: "d",
  search: "s",
  declassify: "u",
};
const everybodys = ["Location", "Slot"];

/** A patient's scopes reach the record of the launch and what everybody sees; slots are reached with the appointments they are for. */
const isScoped = (
  { who, action, type, operation }: World,
  isAbout: boolean,
): boolean => {
  if (who.kind === "system") return true;
  const { scopes } = who;
  if (scopes === undefined) return true;
  const isSlot = operation === "booking" && type === "Slot";
  const isPerson = who.kind === "self" || who.kind === "user";
  const asked = isSlot ? "Appointment" : type;
  const isLaunch = isSlot
    ? isPerson
    : isAbout &&
      (who.kind === "self" || (who.kind === "staff" && who.isLaunched));
  const reaches = ({ context }: Scope): boolean =>
    who.kind === "client"
      ? context === "system"
      : context === "user" ||
        (context === "patient" &&
          (who.kind !== "staff" || who.isLaunched) &&
          (isLaunch || (!isAbout && !isSlot && everybodys.includes(asked))));
  return scopes.some(
    (scope) =>
      reaches(scope) &&
      (scope.type === "*" || scope.type === asked) &&
      scope.letters.includes(letters[action]),
  );
};
