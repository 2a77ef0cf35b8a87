import { purposes, type Caller, type Purpose } from "./caller.ts";
import { Fault } from "./fault.ts";

/** What a caller acts for: as it says (a v3 PurposeOfUse code), else what it usually does. Throws 400 for an unknown code. */
export const purposeOf = (by: Caller, said: string | undefined): Purpose => {
  if (said === undefined) return usual(by);
  const purpose = purposes.find((one) => one === said.trim().toUpperCase());
  if (purpose === undefined)
    throw new Fault(
      "InvalidRequest",
      400,
      `X-Purpose-Of-Use is one of ${purposes.join(", ")}.`,
    );
  return purpose;
};

const usual = (by: Caller): Purpose => {
  switch (by.kind) {
    case "patient":
      return "PATRQT";
    case "client":
      return by.purposes?.[0] ?? "TREAT";
    case "staff":
      return by.roles.some((role) => careRoles.includes(role)) ||
        by.roles.length === 0
        ? "TREAT"
        : "HOPERAT";
    case "system":
      return "TREAT";
  }
};

const careRoles: readonly string[] = ["front-desk", "nurse", "clinician"];
