import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { isUlid, type Ulid } from "../core/ids.ts";
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
    start?: unknown;
    schedule?: { reference?: unknown } | null;
  };
  const sid = /^Schedule\/(\w{26})$/.exec(textOf(schedule?.reference))?.[1];
  if (
    sid === undefined ||
    !isUlid(sid) ||
    typeof start !== "string" ||
    !isOfFourDigits(start)
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

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : "";

/** Ids hold years of four digits. */
const isOfFourDigits = (instant: string): boolean => {
  const time = Date.parse(instant);
  return time >= Date.UTC(1000, 0) && time < Date.UTC(10_000, 0);
};
