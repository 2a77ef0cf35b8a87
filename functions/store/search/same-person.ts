import type { Criterion, Filter, Value } from "../../resources/search/query.ts";
import type { KnownType } from "../../resources/declaration.ts";
import { addressOf, compartment } from "../keys.ts";
import type { Search } from "./candidates.ts";
import type { Near } from "./found.ts";
import { addressesOf } from "./names.ts";

/** The filter with every patient that it names standing for all records of that person. */
export const ofSamePerson = async <F extends Filter>(
  search: Search,
  filter: F,
): Promise<F> => ({
  ...filter,
  criteria: await Promise.all(
    filter.criteria.map((criterion) => widened(search, criterion)),
  ),
});

/** A patient's name with those of all records of that person; any other name alone. */
export const namesOfSame = async (
  { reader }: Search,
  name: string,
): Promise<readonly string[]> => {
  const [address] = name.startsWith("Patient/") ? addressesOf([name]) : [];
  return address === undefined
    ? [name]
    : (await reader.samePerson(address.id)).map((id) => `Patient/${id}`);
};

/** The compartments of all records of a person. */
export const compartmentsOf = async (
  { reader }: Search,
  type: KnownType,
  patient: string,
): Promise<Near> => {
  const patients = (await reader.samePerson(patient)).toSorted();
  const stretches = patients.map((id) => ({ type, pk: compartment(id) }));
  return { kind: "stretches", stretches, patients };
};

const widened = async (
  { reader }: Search,
  criterion: Criterion,
): Promise<Criterion> => {
  if (criterion.parameter.type !== "reference") return criterion;
  const others = await Promise.all(
    criterion.values.map(async (value): Promise<readonly Value[]> => {
      const patient = patientIn(criterion, value);
      if (patient === undefined) return [];
      const records = await reader.samePerson(patient);
      return records
        .filter((id) => id !== patient)
        .map((id) => ({ kind: "reference", type: "Patient", id }));
    }),
  );
  const more = others.flat();
  return more.length === 0
    ? criterion
    : { ...criterion, values: [...criterion.values, ...more] };
};

const patientIn = (
  { parameter: { targets } }: Criterion,
  value: Value,
): string | undefined =>
  value.kind === "reference" &&
  (value.type ?? "Patient") === "Patient" &&
  targets?.has("Patient") !== false &&
  addressOf("Patient", value.id) !== undefined
    ? value.id
    : undefined;
