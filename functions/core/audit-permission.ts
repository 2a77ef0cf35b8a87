import type { Context } from "./caller.ts";
import { grantsOf } from "./scopes.ts";

/**
 * The name of the rule that refuses to tell who did what, or undefined. Privacy officers and managers may ask about
 * everybody, clinic systems within their scopes, patients about their own record: `own` says that it is.
 */
export const auditRefusal = (
  { by }: Context,
  own: boolean,
): string | undefined => {
  if (by.kind === "patient" && !own) return "patient-own-record";
  if (
    by.kind === "staff" &&
    !by.roles.some((role) => role === "privacy-officer" || role === "manager")
  )
    return "staff-role";
  const grants = grantsOf(by);
  return grants === "unrestricted" ||
    grants.some(
      ({ type, actions, criteria }) =>
        ["*", "AuditEvent"].includes(type) &&
        criteria === undefined &&
        actions.includes("r"),
    )
    ? undefined
    : `${by.kind}-scope`;
};
