import { writtenAs } from "./exact-json.ts";

/**
 * The resource without what its references tell of other patients than its own, beside their ids: names, in `display`, and
 * logical identifiers would be where nobody looks for them when those patients are erased. What names nobody stays as it is.
 */
export const nameless = <T>(value: T, home: string | undefined): T => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    const told = list.map((one) => nameless(one, home));
    return told.some((one, at) => one !== list[at]) ? (told as T) : value;
  }
  const names = isOfAnother(value, home) ? telling : none;
  const told = Object.entries(value)
    .filter(([name]) => !names.has(name))
    .map(([name, member]) => [name, nameless<unknown>(member, home)] as const);
  const isSame =
    told.length === Object.keys(value).length &&
    told.every(([name, member]) => member === Reflect.get(value, name));
  return isSame ? value : (writtenAs(value, Object.fromEntries(told)) as T);
};

const telling: ReadonlySet<string> = new Set([
  "display",
  "_display",
  "identifier",
]);
const none: ReadonlySet<string> = new Set();

/** A patient, or somebody of theirs, whose id begins with the patient's. */
const isOfAnother = (value: object, home: string | undefined): boolean => {
  if (!("reference" in value) || typeof value.reference !== "string")
    return false;
  const { patient, of } =
    /^(?:Patient\/(?<patient>[0-9A-Z]{26})|RelatedPerson\/(?<of>[0-9A-Z]{26})-[0-9A-Z]{26})(?:\/_history\/\d+)?$/u.exec(
      value.reference,
    )?.groups ?? {};
  const whose = patient ?? of;
  return whose !== undefined && whose !== home;
};
