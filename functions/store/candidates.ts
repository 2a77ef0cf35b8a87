import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { declarations } from "../resources/all.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import {
  email,
  fold,
  identifierValue,
  longestFragment,
  phoneKey,
  words,
} from "../resources/normalise.ts";
import type {
  Criterion,
  SearchQuery,
  Value,
} from "../resources/search/query.ts";
import { partitionOf } from "./index-entries.ts";
import type { Store } from "./store.ts";

/** Where the answers of a search can lie: always more than they are, never less, and never the whole table. */
export type Candidates =
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  /** Index partitions whose entries are candidates; one set per alternative value. */
  | { readonly kind: "index"; readonly partitions: readonly string[] }
  | { readonly kind: "compartments"; readonly patients: readonly string[] }
  | { readonly kind: "directory" }
  | { readonly kind: "schedules"; readonly ids: readonly string[] }
  /** Every patient, from the sharded list. */
  | { readonly kind: "patients"; readonly partitions: readonly string[] };

/** Chooses the narrowest way to the answers. Throws 400 naming what would make the search possible. */
export const candidatesOf = async (
  store: Store,
  context: Context,
  query: SearchQuery,
): Promise<Candidates> => {
  const { type } = query;
  const declaration: Declaration = declarations[type];
  const ids = valuesOf(query, "_id").map((value) =>
    value.kind === "token" ? (value.code ?? "") : "",
  );
  if (ids.length > 0) return { kind: "ids", ids: [...new Set(ids)] };
  const patients = Array.isArray(declaration.home) ? patientsNamed(query) : [];
  if (patients.length > 0) return { kind: "compartments", patients };
  if (context.by.kind === "patient") {
    const { id } = context.by;
    if (declaration.home === "self") return { kind: "ids", ids: [id] };
    if (Array.isArray(declaration.home))
      return { kind: "compartments", patients: [id] };
  }
  const looked = await lookUp(store, query);
  if (looked !== undefined) return { kind: "index", partitions: looked };
  if (declaration.home === "schedule") {
    const schedules = valuesOf(query, "schedule").flatMap((value) =>
      value.kind === "reference" ? value.id : [],
    );
    if (schedules.length > 0)
      return { kind: "schedules", ids: [...new Set(schedules)] };
  }
  if (declaration.home === "directory") return { kind: "directory" };
  if (declaration.home === "self" && query.criteria.length === 0) {
    const version = await store.vault.indexVersion();
    const shards = Array.from({ length: 16 }, (_, number) => ({
      list: "all",
      key: [String(number)],
      hashed: false,
    }));
    return {
      kind: "patients",
      partitions: await Promise.all(
        shards.map((entry) =>
          partitionOf(store.vault, version, { type }, entry),
        ),
      ),
    };
  }
  throw new Fault(
    "SearchTooWide",
    400,
    `A search of ${type} across patients needs one of: ${waysInto(type).join("; ")}.`,
    { code: "too-costly" },
  );
};

const waysInto = (type: KnownType): readonly string[] => {
  if (type === "Patient")
    return [
      "_id",
      "identifier",
      "phone",
      "email",
      "telecom",
      "name, family or given (3 letters or more)",
      "birthdate with family",
    ];
  if (type === "Slot") return ["_id", "identifier", "schedule"];
  return [
    "_id",
    "patient",
    "identifier",
    ...(type === "Appointment"
      ? ["practitioner, location or actor with one day as date"]
      : []),
    ...(type === "Task" ? ["owner", "performer"] : []),
  ];
};

const patientParameters = new Set([
  "patient",
  "subject",
  "beneficiary",
  "actor",
  "recipient",
]);

/** Patients that every match must name, from the first criterion that names only patients. */
const patientsNamed = ({ criteria }: SearchQuery): readonly string[] => {
  for (const { parameter, modifier, values } of criteria) {
    if (modifier !== undefined || !patientParameters.has(parameter.name))
      continue;
    const ids = values.map((value) =>
      value.kind === "reference" &&
      (value.type === "Patient" ||
        (value.type === undefined &&
          parameter.name !== "actor" &&
          parameter.name !== "recipient"))
        ? value.id
        : undefined,
    );
    if (ids.every((id) => id !== undefined)) return [...new Set(ids)];
  }
  return [];
};

const lookUp = async (
  store: Store,
  query: SearchQuery,
): Promise<readonly string[] | undefined> => {
  for (const criterion of query.criteria) {
    const entries =
      criterion.modifier === undefined || criterion.modifier === "exact"
        ? entriesFor(query, criterion)
        : undefined;
    if (entries === undefined) continue;
    const version = await store.vault.indexVersion();
    return Promise.all(
      entries.map((entry) =>
        partitionOf(store.vault, version, query, {
          ...entry,
          hashed: entry.hashed ?? true,
        }),
      ),
    );
  }
  return undefined;
};

interface Wanted {
  readonly list: string;
  readonly key: readonly string[];
  readonly hashed?: boolean;
}

const entriesFor = (
  query: SearchQuery,
  { parameter, modifier, values }: Criterion,
): readonly Wanted[] | undefined => {
  const { type, country } = query;
  switch (parameter.name) {
    case "identifier":
      return every(values, (value) =>
        value.kind === "token" && value.code !== undefined
          ? [
              {
                list: "identifier",
                key: [value.system ?? "*", identifierValue(value.code)],
              },
            ]
          : undefined,
      )?.flatMap((entry) =>
        entry.key[0] === "*"
          ? [entry, { ...entry, key: ["", entry.key[1] ?? ""] }]
          : [entry],
      );
    case "phone":
      return type === "Patient"
        ? every(values, (value) =>
            contact(value, (code) => ({
              list: "phone",
              key: [phoneKey(code, country)],
            })),
          )
        : undefined;
    case "email":
      return type === "Patient"
        ? every(values, (value) =>
            contact(value, (code) => ({ list: "email", key: [email(code)] })),
          )
        : undefined;
    case "telecom":
      return type === "Patient"
        ? every(values, (value) =>
            contact(value, (code) =>
              code.includes("@")
                ? { list: "email", key: [email(code)] }
                : { list: "phone", key: [phoneKey(code, country)] },
            ),
          )
        : undefined;
    case "name":
    case "family":
    case "given":
      return type === "Patient"
        ? every(values, (value) =>
            named(query, parameter.name, modifier, value),
          )
        : undefined;
    case "practitioner":
    case "location":
    case "actor":
      return type === "Appointment" ? onDays(query, values) : undefined;
    case "owner":
      return type === "Task"
        ? every(values, (value) =>
            value.kind === "reference" && value.type !== undefined
              ? ["owner", "owner-closed"].map((list) => ({
                  list,
                  key: [`${value.type ?? ""}/${value.id}`],
                  hashed: false,
                }))
              : undefined,
          )
        : undefined;
    case "performer":
      return type === "Task"
        ? every(values, (value) =>
            value.kind === "token" && value.code !== undefined
              ? ["team", "team-closed"].map((list) => ({
                  list,
                  key: [`${value.system ?? ""}|${value.code ?? ""}`],
                  hashed: false,
                }))
              : undefined,
          )
        : undefined;
    default:
      return undefined;
  }
};

const every = (
  values: readonly Value[],
  entry: (value: Value) => readonly Wanted[] | undefined,
): readonly Wanted[] | undefined => {
  const entries = values.map(entry);
  return entries.every((one) => one !== undefined) ? entries.flat() : undefined;
};

const contact = (
  value: Value,
  entry: (code: string) => Wanted,
): readonly Wanted[] | undefined =>
  value.kind === "token" && value.code !== undefined
    ? [entry(value.code)]
    : undefined;

const named = (
  query: SearchQuery,
  parameter: string,
  modifier: Criterion["modifier"],
  value: Value,
): readonly Wanted[] | undefined => {
  if (value.kind !== "string") return undefined;
  const [longest = ""] = [...words(value.text)].sort(
    (one, other) => other.length - one.length,
  );
  if (parameter === "family") {
    const [birth] = valuesOf(query, "birthdate");
    if (
      birth?.kind === "date" &&
      birth.prefix === "eq" &&
      birth.to - birth.from <= 86_400_000 &&
      modifier === "exact"
    ) {
      return [
        {
          list: "birthdate-family",
          key: [
            new Date(birth.from).toISOString().slice(0, 10),
            fold(value.text),
          ],
        },
      ];
    }
  }
  if (Array.from(longest).length < 3 && modifier !== "exact") {
    throw new Fault(
      "SearchTooWide",
      400,
      `Give at least three letters of ${parameter}, or use :exact.`,
      { code: "too-costly", expression: [parameter] },
    );
  }
  return [{ list: "name", key: [longestFragment(longest)] }];
};

const dayLength = 86_400_000;

/** The day lists of a practitioner or place: the search must say which days, at most 31 of them. */
const onDays = (
  query: SearchQuery,
  values: readonly Value[],
): readonly Wanted[] | undefined => {
  const [from, to] = daysAsked(query);
  if (
    !Number.isFinite(from) ||
    !Number.isFinite(to) ||
    to - from > 31 * dayLength
  )
    return undefined;
  const days: string[] = [];
  for (let day = Math.floor(from / dayLength); day * dayLength <= to; day += 1)
    days.push(new Date(day * dayLength).toISOString().slice(0, 10));
  return every(values, (value) => {
    if (
      value.kind !== "reference" ||
      (value.type !== "Practitioner" && value.type !== "Location")
    )
      return undefined;
    const list =
      value.type === "Practitioner" ? "practitioner-day" : "location-day";
    return days.map((day) => ({
      list,
      key: [`${value.type ?? ""}/${value.id}`, day],
      hashed: false,
    }));
  });
};

/** Every `date` must hold, each by one of its values. */
const daysAsked = ({ criteria }: SearchQuery): readonly [number, number] =>
  criteria
    .filter(
      ({ parameter, modifier }) =>
        parameter.name === "date" && modifier === undefined,
    )
    .map(({ values }) => values.map(stretchOf))
    .map((stretches): readonly [number, number] => [
      Math.min(...stretches.map(([from]) => from)),
      Math.max(...stretches.map(([, to]) => to)),
    ])
    .reduce(
      ([from, to], [after, before]) => [
        Math.max(from, after),
        Math.min(to, before),
      ],
      [-Infinity, Infinity],
    );

const stretchOf = (value: Value): readonly [number, number] => {
  if (value.kind !== "date") return [-Infinity, Infinity];
  const { prefix, from, to } = value;
  if (prefix === "eq") return [from, to];
  if (prefix === "ge" || prefix === "gt" || prefix === "sa")
    return [from, Infinity];
  if (prefix === "le" || prefix === "lt" || prefix === "eb")
    return [-Infinity, to];
  return [-Infinity, Infinity];
};

const valuesOf = ({ criteria }: SearchQuery, code: string): readonly Value[] =>
  criteria.find(
    ({ parameter, modifier }) =>
      parameter.name === code && modifier === undefined,
  )?.values ?? [];
