import type { Task } from "@medplum/fhirtypes";
import { Fault } from "./fault.ts";
import {
  demandedKind,
  denied,
  detailsOf,
  extendableUntil,
  extended,
  extendedBecause,
  hasStatement,
  input,
  isOpen,
  dueOf,
  statement,
} from "./privacy-request.ts";
import type { Decision } from "./privacy-request-body.ts";
import { clockOf, deniableFor, type Receipt } from "./rights.ts";

/** The request after a decision of the privacy officer. Throws 409, 422, each with the rule that refuses. */
export const decided = (
  task: Task,
  decision: Decision,
  { jurisdictions, zone, now }: Omit<Receipt, "received"> & { now: string },
): Task => {
  const kind = demandedKind(task);
  if (!isOpen(task))
    throw refusedBy(
      "request-closed",
      409,
      "This request has been decided; a decision stays as it is.",
    );
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
  const { form, selfPaid, toward } = detailsOf(task);
  const asked = {
    kind,
    form: form === "inspect" ? ("inspect" as const) : ("copy" as const),
    selfPaid: selfPaid === true && toward === "payer",
  };
  const receipt = { jurisdictions, zone, received: task.authoredOn ?? now };
  const allowed = deniableFor(asked, receipt);
  if (!allowed.includes(decision.reason))
    throw refusedBy(
      clockOf(asked, receipt).rules[0] ?? "rights",
      422,
      `The law (${clockOf(asked, receipt).rules.join(", ")}) does not allow this reason. It allows: ${allowed.join(", ")}.`,
    );
  return denied(task, decision.reason, decision.text);
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

export const refusedBy = (
  policy: string,
  status: 403 | 409 | 422,
  detail: string,
): Fault =>
  new Fault(
    status === 409 ? "Conflict" : status === 403 ? "Forbidden" : "NotPermitted",
    status,
    `${detail} (${policy})`,
    { code: "business-rule", policy },
  );
