import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import type { Declaration, KnownType } from "../../resources/declaration.ts";
import {
  email,
  fold,
  identifierValue,
  longestFragment,
  phoneKey,
  words,
} from "../../resources/normalise.ts";
import type { Parameter } from "../../resources/search/parameter.ts";
import type { Criterion, Filter, Value } from "../../resources/search/query.ts";
import { partitionOf } from "../index-entries.ts";
import { daysAsked } from "./asked-time.ts";
import type { Search } from "./candidates.ts";

/** Ids that one look-up may find. */
const mostFound = 2000;

/** Ids from the first criterion that an index answers; undefined when none does. Throws 400 for too many. */
export const lookedUp = async (
  { store: { vault }, reader }: Pick<Search, "store" | "reader">,
  filter: Filter,
): Promise<readonly string[] | undefined> => {
  for (const criterion of filter.criteria) {
    const { modifier } = criterion;
    const entries =
      modifier === undefined || modifier === "exact"
        ? entriesFor(filter, criterion)
        : undefined;
    if (entries === undefined) continue;
    const version = await vault.indexVersion();
    const ids = await Promise.all(
      entries.map(async ({ list, key, hashed = true }) =>
        reader.listed(
          await partitionOf(vault, version, filter, { list, key, hashed }),
          "",
          mostFound,
        ),
      ),
    );
    const distinct = [...new Set(ids.flat())].toSorted();
    if (distinct.length > mostFound) throw tooWide(criterion.parameter);
    return distinct;
  }
  return undefined;
};

const tooWide = ({ name }: Parameter): Fault =>
  new Fault(
    "SearchTooWide",
    400,
    `Too many resources answer to ${name}. Add what narrows it.`,
    { code: "too-costly", expression: [name] },
  );

interface Wanted {
  readonly list: string;
  readonly key: readonly string[];
  /** Work lists are readable. */
  readonly hashed?: boolean;
}

type LookUp = (
  filter: Filter,
  criterion: Criterion,
  value: Value,
) => readonly Wanted[] | undefined;

const entriesFor = (
  filter: Filter,
  criterion: Criterion,
): readonly Wanted[] | undefined => {
  const lookUp = lookUpOf(filter.type, criterion.parameter.name);
  const entries = criterion.values.map((value) =>
    lookUp?.(filter, criterion, value),
  );
  return entries.every((one) => one !== undefined) ? entries.flat() : undefined;
};

/** Names and contacts are indexed of people who are looked up so; identifiers of everything. */
const lookUpOf = (type: KnownType, name: string): LookUp | undefined =>
  name === "identifier" ? byIdentifier : lookUps[type]?.[name];

const byIdentifier: LookUp = (_filter, _criterion, value) => {
  if (value.kind !== "token" || value.code === undefined) return undefined;
  const own = identifierValue(value.code);
  const systems = value.system === undefined ? ["*", ""] : [value.system];
  return systems.map((system) => ({ list: "identifier", key: [system, own] }));
};

const byPhone: LookUp = ({ country }, _criterion, value) =>
  value.kind === "token" && value.code !== undefined
    ? [{ list: "phone", key: [phoneKey(value.code, country)] }]
    : undefined;

const byEmail: LookUp = (_filter, _criterion, value) =>
  value.kind === "token" && value.code !== undefined
    ? [{ list: "email", key: [email(value.code)] }]
    : undefined;

const byContact: LookUp = (filter, criterion, value) =>
  (value.kind === "token" && value.code?.includes("@") === true
    ? byEmail
    : byPhone)(filter, criterion, value);

const byName: LookUp = (_filter, { parameter: { name }, modifier }, value) => {
  if (value.kind !== "string") return undefined;
  const [longest = ""] = [...words(value.text)].sort(
    (one, other) => other.length - one.length,
  );
  if (Array.from(longest).length < 3 && modifier !== "exact")
    throw new Fault(
      "SearchTooWide",
      400,
      `Give at least three letters of ${name}, or use :exact.`,
      { code: "too-costly", expression: [name] },
    );
  return [{ list: "name", key: [longestFragment(longest)] }];
};

/** With the very day of birth and the very family name both are looked up at once. */
const byFamily: LookUp = (filter, criterion, value) => {
  const [day, ...more] = daysAsked(filter, "birthdate") ?? [];
  const isOneDay =
    day !== undefined && more.length <= 1 && isDay(filter.criteria);
  return isOneDay && value.kind === "string" && criterion.modifier === "exact"
    ? [{ list: "birthdate-family", key: [day, fold(value.text)] }]
    : byName(filter, criterion, value);
};

const isDay = (criteria: Filter["criteria"]): boolean =>
  criteria.some(
    ({ parameter, modifier, values: [value, ...others] }) =>
      parameter.name === "birthdate" &&
      modifier === undefined &&
      others.length === 0 &&
      value.kind === "date" &&
      value.prefix === "eq" &&
      value.to - value.from === dayLength,
  );

const dayLength = 86_400_000;

/** The day lists of a practitioner or place: the search must say which days. */
const onDays: LookUp = (filter, { parameter: { targets } }, value) => {
  const days = daysAsked(filter, "date");
  if (value.kind !== "reference") return undefined;
  const type =
    value.type ?? (targets?.size === 1 ? [...targets][0] : undefined);
  if (type !== "Practitioner" && type !== "Location") return undefined;
  const list = type === "Practitioner" ? "practitioner-day" : "location-day";
  return days?.map((day) => ({
    list,
    key: [`${type}/${value.id}`, day],
    hashed: false,
  }));
};

const byOwner: LookUp = (filter, _criterion, value) =>
  value.kind === "reference" && value.type !== undefined
    ? workLists(filter, "owner", `${value.type}/${value.id}`)
    : undefined;

const byTeam: LookUp = (filter, _criterion, value) =>
  value.kind === "token" && value.code !== undefined
    ? workLists(filter, "team", `${value.system ?? ""}|${value.code}`)
    : undefined;

/** Tasks that are done are listed apart: who asks for open ones reads no others. */
const workLists = (
  { type, criteria }: Filter,
  list: string,
  key: string,
): readonly Wanted[] => {
  const { moves = {} }: Declaration = declarations[type];
  const asked = criteria.find(
    ({ parameter, modifier }) =>
      parameter.name === "status" && modifier === undefined,
  )?.values;
  const isClosed = (value: Value): boolean | undefined =>
    value.kind === "token" && value.code !== undefined
      ? moves[value.code]?.every((to) => to === "entered-in-error")
      : undefined;
  const lists = new Set(
    asked?.every((value) => isClosed(value) !== undefined) === true
      ? asked.map((value) =>
          isClosed(value) === true ? `${list}-closed` : list,
        )
      : [list, `${list}-closed`],
  );
  return [...lists].map((each) => ({ list: each, key: [key], hashed: false }));
};

const contacts = { phone: byPhone, email: byEmail, telecom: byContact };

const lookUps: Readonly<
  Partial<Record<KnownType, Readonly<Record<string, LookUp>>>>
> = {
  Patient: { ...contacts, name: byName, given: byName, family: byFamily },
  RelatedPerson: contacts,
  Appointment: { practitioner: onDays, location: onDays, actor: onDays },
  Task: { owner: byOwner, performer: byTeam },
};
