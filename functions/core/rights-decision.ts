import type { Task } from "@medplum/fhirtypes";
import type { Caller } from "./caller.ts";
import {
  askedOf,
  demandedKind,
  denied,
  deniersOf,
  extendableUntil,
  extended,
  extendedBecause,
  hasStatement,
  input,
  isOpen,
  isWithdrawn,
  dueOf,
  ruleNames,
  statement,
  withdrawn,
} from "./privacy-request.ts";
import type { Decision } from "./privacy-request-body.ts";
import { clockOf, deniableFor, type Receipt } from "./rights.ts";
import { appealsNamed } from "./rights-appeal.ts";
import { refusedBy } from "./rights-refusal.ts";

/** Where, when and by whom something is decided; `first` is the denial that is reviewed. */
export interface Deciding extends Omit<Receipt, "received"> {
  readonly now: string;
  readonly by: Caller;
  readonly first?: Task | undefined;
}

/** The request after a decision of the privacy officer. Throws 403, 409, 422, each with the rule that refuses. */
export const decided = (
  task: Task,
  decision: Decision,
  { jurisdictions, zone, now, by, first }: Deciding,
): Task => {
  const kind = demandedKind(task);
  if (!isOpen(task))
    throw refusedBy(
      "request-closed",
      409,
      "This request has been decided; a decision stays as it is.",
    );
  if (first !== undefined) checkReviewer(task, first, by);
  if (decision.decision === "extend") return putOff(task, decision.reason, now);
  if (decision.decision === "accept") {
    if ((kind === "amendment") !== (decision.version !== undefined))
      throw refusedBy(
        "amendment-version",
        422,
        kind === "amendment"
          ? "Make the change in the record first; then accept, naming the version it made."
          : "Only the acceptance of an amendment names a version.",
      );
    return { ...task, status: "accepted" };
  }
  const asked = askedOf(task);
  const receipt = { jurisdictions, zone, received: task.authoredOn ?? now };
  const lawful = deniableFor(asked, receipt);
  const reviewed = appealsNamed(ruleNames(task)).flatMap(({ grounds }) =>
    grounds === undefined ? [] : [grounds],
  );
  // A review is by the standard of what was denied.
  const allowed = lawful.filter((ground) =>
    reviewed.every((grounds) => grounds.includes(ground)),
  );
  if (!allowed.includes(decision.reason))
    throw refusedBy(
      clockOf(asked, receipt).rules[0] ?? "rights",
      422,
      `The law (${clockOf(asked, receipt).rules.join(", ")}) does not allow this reason. It allows: ${allowed.join(", ")}.`,
    );
  const { reason: ground, text, judgedBy } = decision;
  return denied(task, {
    ground,
    text,
    by: [
      `${by.kind}:${by.id}`,
      ...(judgedBy === undefined ? [] : [`staff:${judgedBy}`]),
    ],
  });
};

/** Whoever denied does not review the denial; where the law asks for it, a licensed professional does (45 CFR 164.524(a)(4)). */
const checkReviewer = (task: Task, first: Task, by: Caller): void => {
  if (deniersOf(first).includes(`${by.kind}:${by.id}`))
    throw refusedBy(
      "review-by-another",
      403,
      "Somebody who had no part in the denial decides the review.",
    );
  const isLicensed =
    by.kind === "staff" &&
    (by.roles.includes("clinician") || by.roles.includes("nurse"));
  if (
    appealsNamed(ruleNames(task)).some(({ licensed }) => licensed) &&
    !isLicensed
  )
    throw refusedBy(
      "review-by-licensed-professional",
      403,
      "A licensed health care professional decides this review.",
    );
};

/** The request taken back by whom it is for; the same Task where that was done before. Throws 409. */
export const takenBack = (
  task: Task,
  by: string,
  verified: string | undefined,
): Task => {
  if (isWithdrawn(task)) return task;
  if (!isOpen(task))
    throw refusedBy(
      "request-closed",
      409,
      "This request has been decided; what was decided cannot be withdrawn.",
    );
  return withdrawn(task, by, verified);
};

const putOff = (task: Task, reason: string, now: string): Task => {
  const until = extendableUntil(task);
  if (extendedBecause(task) !== undefined)
    throw refusedBy(
      "extended-once",
      409,
      "This request was extended already; that is possible once.",
    );
  if (Date.parse(now) > Date.parse(dueOf(task)))
    throw refusedBy(
      "extended-in-time",
      409,
      "The day on which this request was due has passed; it cannot be extended any more.",
    );
  if (until === undefined)
    throw refusedBy(
      "not-extendable",
      422,
      "The law that sets the term of this request does not let it be extended.",
    );
  return extended(task, reason, until);
};

/** The request with the patient's statement of disagreement (45 CFR 164.526(d)(2)). Throws 409. */
export const disagreed = (task: Task, text: string): Task => {
  if (demandedKind(task) !== "amendment" || task.status !== "rejected")
    throw refusedBy(
      "statement-of-denied-amendment",
      409,
      "A statement of disagreement belongs to a denied amendment.",
    );
  if (hasStatement(task))
    throw refusedBy(
      "statement-once",
      409,
      "A statement of disagreement is on file already.",
    );
  return { ...task, input: [...(task.input ?? []), input(statement, text)] };
};
