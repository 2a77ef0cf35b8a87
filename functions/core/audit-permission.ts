import type { Context } from "./caller.ts";
import { grantsOf } from "./scopes.ts";

/**
 * The name of the rule that refuses to tell who did what, or undefined. Privacy officers and managers may ask about
 * everybody, clinic systems within their scopes, patients about their own record; who was granted one patient, about that
 * one. `people` are the records of the person it is about, none when nobody in particular is meant.
 */
export const auditRefusal = (
  { by }: Context,
  people: readonly string[],
): string | undefined => {
  if (by.kind === "patient" && !people.includes(by.id))
    return "patient-own-record";
  if (
    by.kind === "staff" &&
    !by.roles.some((role) => role === "privacy-officer" || role === "manager")
  )
    return "staff-role";
  const grants = grantsOf(by);
  return grants === "unrestricted" ||
    grants.some(
      ({ type, actions, criteria, patient }) =>
        ["*", "AuditEvent"].includes(type) &&
        criteria === undefined &&
        (patient === undefined || people.includes(patient)) &&
        actions.includes("r"),
    )
    ? undefined
    : `${by.kind}-scope`;
};
