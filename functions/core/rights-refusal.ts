import { Fault } from "./fault.ts";

/** What a rule of rights refuses, with its name. */
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
