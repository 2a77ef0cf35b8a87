import { declarations } from "../../resources/all.ts";
import type { Declaration, KnownType } from "../../resources/declaration.ts";
import type { Parameter } from "../../resources/search/parameter.ts";
import type { Filter, Value } from "../../resources/search/query.ts";
import { isUlid, timeOf } from "../../core/ids.ts";
import { directory } from "../keys.ts";
import { addressesOf } from "./names.ts";
import type { Stretch } from "./reader.ts";

/** Patients in whose compartments every match must be, from the first criterion that says so. */
export const compartmentsNamed = ({
  type,
  criteria,
}: Filter): readonly string[] | undefined => {
  const declaration: Declaration = declarations[type];
  if (!Array.isArray(declaration.home)) return undefined;
  for (const { parameter, modifier, values } of criteria) {
    if (modifier !== undefined || !isFiled(declaration, parameter)) continue;
    const patients = values.map((value) =>
      patientNamed(declaration, parameter, value),
    );
    if (patients.every((patient) => patient !== undefined))
      return [...new Set(patients)];
  }
  return undefined;
};

/** Whether the parameter reads the very elements that decide which compartments a resource is in. */
const isFiled = (
  { home, links }: Declaration,
  { type, paths }: Parameter,
): boolean => {
  const elements = [home, links].flat();
  return (
    type === "reference" &&
    paths.every(({ steps }) => elements.includes(steps.join(".")))
  );
};

/** What can have resources only through a patient. */
const withPatient: ReadonlySet<string> = new Set([
  "Patient",
  "Group",
  "Device",
  "Location",
]);

const patientNamed = (
  { homeByResource }: Declaration,
  { targets }: Parameter,
  value: Value,
): string | undefined => {
  if (value.kind !== "reference") return undefined;
  const { type, id } = value;
  if (type === "Patient") return id;
  if (type === undefined)
    return targets !== undefined &&
      [...targets].every((target) => withPatient.has(target))
      ? id
      : undefined;
  return homeByResource === true
    ? addressesOf([`${type}/${id}`])[0]?.patient
    : undefined;
};

const mostMonths = 120;

/** Where what was filed with these resources of the directory lies: the months since the first of them was made. */
export const monthsOf = (
  type: KnownType,
  names: Iterable<string>,
  now: Date,
): readonly Stretch[] | undefined => {
  const { homeByResource, byMonth }: Declaration = declarations[type];
  if (homeByResource !== true || byMonth !== true) return undefined;
  const times = [...names].map(createdAt);
  if (!times.every((time) => time !== undefined)) return undefined;
  const first = new Date(Math.min(...times));
  const months: Stretch[] = [];
  for (
    let month = Date.UTC(first.getUTCFullYear(), first.getUTCMonth());
    month <= now.getTime() && months.length < mostMonths;
    month = next(month)
  )
    months.push({
      type,
      pk: `${directory(type)}#${new Date(month).toISOString().slice(0, 7)}`,
    });
  return months;
};

const next = (month: number): number =>
  new Date(month).setUTCMonth(new Date(month).getUTCMonth() + 1);

/** When a resource of the directory was made. */
const createdAt = (name: string): number | undefined => {
  const [address] = addressesOf([name]);
  if (address === undefined || address.patient !== undefined) return undefined;
  const created = address.id.slice(0, 26);
  return isUlid(created) ? timeOf(created) : undefined;
};

/** Names of the directory's resources that every match was filed with. */
export const targetsNamed = ({
  criteria,
}: Filter): readonly string[] | undefined =>
  criteria
    .find(
      ({ parameter, modifier }) =>
        modifier === undefined && parameter.name === "target",
    )
    ?.values.map((value) =>
      value.kind === "reference" ? `${value.type ?? ""}/${value.id}` : "",
    );
