import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import type { Declaration } from "../resources/declaration.ts";
import { homeOf } from "./home.ts";
import { stampOf } from "./keys.ts";

export const homeFor = (
  resource: Resource,
  declaration: Declaration,
  id: string,
): string | undefined =>
  declaration.home === "self" ? id : homeOf(resource, declaration);

export const idFor = (
  resource: Resource,
  { home }: Declaration,
  patient: string | undefined,
  local: Ulid,
): string => {
  if (home !== "schedule")
    return home === "self" || patient === undefined
      ? local
      : `${patient}-${local}`;
  const { start, schedule } = resource as {
    start?: string;
    schedule?: { reference?: string };
  };
  const sid = /^Schedule\/(\w{26})$/.exec(schedule?.reference ?? "")?.[1];
  if (
    sid === undefined ||
    typeof start !== "string" ||
    Number.isNaN(Date.parse(start))
  ) {
    throw new Fault(
      "InvalidResource",
      422,
      "A Slot needs a start and a Schedule of this server.",
      { code: "required", expression: ["Slot.schedule", "Slot.start"] },
    );
  }
  return `${sid}-${stampOf(start)}-${local.slice(-8)}`;
};
