import { auditQuestion } from "../core/audit-permission.ts";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { refused } from "../core/refused.ts";
import { isUlid, timeOf, ulids, type Ulid } from "../core/ids.ts";
import { grantsOf } from "../core/scopes.ts";
import { sensitiveLabels } from "../core/sensitive-labels.ts";
import { callerId, factItem, readFact, type Fact } from "./facts.ts";
import { badCursor } from "./history.ts";
import {
  compartment,
  factOf,
  factsOfDay,
  loneFactsOfDay,
  type Key,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { createPermits, type Permits } from "./permits.ts";
import type { Store } from "./store.ts";
import type { Item } from "./table.ts";

export interface AuditQuestion {
  /** Facts of this person, reads included; without it all facts but reads of patients. */
  readonly patient?: string;
  /** Milliseconds since 1970, the end excluded. */
  readonly from: number;
  readonly to: number;
  readonly keeps: (fact: Fact) => boolean;
  readonly count: number;
  readonly cursor?: string;
}

export interface AuditPage {
  readonly facts: readonly Fact[];
  /** The records of the person that was asked about. */
  readonly people: readonly string[];
  /** Absent on the last page; a page may hold less than was asked for, even nothing, and not be the last. */
  readonly next?: string;
}

/** A fact and where it stands: everything newer stands before it. */
interface Placed {
  readonly position: string;
  readonly fact: Fact;
}

const mostLookedAt = 2000;
const pageSize = 100;
/** A fact's id may be made a little before or after its time is read. */
const slack = 60_000;

/** Who did what, newest first. To read it leaves a fact of its own, under the day, so that no page grows by being read. */
export const auditPage = async (
  store: Store,
  context: Context,
  { patient, from, to, keeps, count, cursor }: AuditQuestion,
): Promise<AuditPage> => {
  const kind = `audit:${callerId(context.by)}:${patient ?? ""}`;
  const people = await permittedPeople(store, context, patient);
  const after =
    cursor === undefined
      ? undefined
      : await store.vault.openToken(kind, cursor);
  if (cursor !== undefined && after === undefined) throw badCursor();
  const stretch = { from, to };
  const source =
    people.length > 0
      ? factsOfPeople(store, people, stretch, after)
      : factsByDay(store, stretch, after);
  const facts: Fact[] = [];
  let looked = 0;
  let last: string | undefined;
  let isMore = false;
  for await (const { position, fact } of source) {
    if (facts.length === count || looked === mostLookedAt) {
      isMore = true;
      break;
    }
    const at = Date.parse(fact.at);
    if (at >= from && at < to && keeps(fact)) facts.push(fact);
    looked += 1;
    last = position;
  }
  await noteRead(store, context, patient);
  return {
    facts: await told(store, context, facts),
    people,
    ...(isMore &&
      last !== undefined && { next: await store.vault.sealToken(kind, last) }),
  };
};

export const auditEntry = async (
  store: Store,
  context: Context,
  id: string,
): Promise<Fact> => {
  const [patient, local] = id.length === 53 ? split(id) : [undefined, id];
  if (!isUlid(local) || (patient !== undefined && !isUlid(patient)))
    throw noEntry();
  await permittedPeople(store, context, patient);
  const [item] = await store.table.get([
    { table: "records", ...factOf(patient, local) },
  ]);
  if (item === undefined) throw noEntry();
  await noteRead(store, context, patient);
  const [fact] = await told(store, context, [readFact(item)]);
  if (fact === undefined) throw noEntry();
  return fact;
};

const told = async (
  ...asked: Parameters<typeof import("./audit-telling.ts").toldTo>
): Promise<readonly Fact[]> => {
  const { toldTo } = await import("./audit-telling.ts");
  return toldTo(...asked);
};

const split = (id: string): readonly [string, string] => [
  id.slice(0, 26),
  id.slice(27),
];

const noEntry = (): Fault =>
  new Fault("NotFound", 404, "There is no such AuditEvent.");

/**
 * The ids of a person of whom the caller may learn who did what; none when nobody in particular is meant. Whoever acts for
 * a patient may learn what the patient may. Throws Forbidden (403).
 */
export const permittedPeople = async (
  store: Store,
  context: Context,
  patient: string | undefined,
): Promise<readonly string[]> => {
  const { samePerson } = createMerges(store.table);
  const people = patient === undefined ? [] : await samePerson(patient);
  const policy = await store.decide(auditQuestion(context, people));
  if (policy === undefined) return people;
  const { by } = context;
  if (
    patient === undefined ||
    by.kind !== "patient" ||
    grantsOf(by) !== "unrestricted"
  )
    throw refused(policy);
  const permits = createPermits(store, context, { samePerson });
  if (!(await permits.permitted("read", "Patient", patient)))
    throw refused(policy);
  await permitSensitive(permits, patient);
  return people;
};

/** Who looked at what tells what it was about: a parent to whom some of it is closed is not told of any. */
const permitSensitive = async (
  { admit }: Permits,
  patient: string,
): Promise<void> => {
  const security = sensitiveLabels.map((code) => ({ code }));
  const meta = { versionId: "0", lastUpdated: "", security };
  try {
    await admit("read", { resourceType: "Patient", id: patient, meta });
  } catch (error) {
    if (!(error instanceof Fault) || error.policy === "teen-private")
      throw error;
  }
};

const noteRead = async (
  { table, newId, now }: Store,
  context: Context,
  patient: string | undefined,
): Promise<void> => {
  const what = "AuditTrailRead";
  await table.append([
    factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      changes: [{ type: "AuditEvent", id: patient ?? "", version: 0, what }],
    }),
  ]);
};

interface Stretch {
  readonly from: number;
  readonly to: number;
}

async function* factsOfPeople(
  { table }: Store,
  people: readonly string[],
  { from, to }: Stretch,
  after: string | undefined,
): AsyncIterable<Placed> {
  const between = [sortKeyAt(from - slack), sortKeyAt(to + slack)] as const;
  let before = after;
  for (;;) {
    const pages = await Promise.all(
      people.map((patient) =>
        table.query({
          pk: compartment(patient),
          between,
          descending: true,
          limit: pageSize,
          ...(before !== undefined && { after: before }),
        }),
      ),
    );
    const items = newest(
      pages.flatMap((page) => page.items),
      ({ sk }) => sk,
    );
    for (const item of items) yield { position: item.sk, fact: readFact(item) };
    before = items.at(-1)?.sk;
    if (before === undefined) return;
  }
}

const dayLength = 86_400_000;
const shards = Array.from({ length: 16 }, (_, number) => number);

/** Day by day: the facts without a patient, and those of patients as the day lists them. */
async function* factsByDay(
  store: Store,
  { from, to }: Stretch,
  after: string | undefined,
): AsyncIterable<Placed> {
  const { table, vault } = store;
  const version = await vault.indexVersion();
  const start = after === undefined ? to - 1 : Date.parse(after.slice(0, 24));
  let before = after;
  for (
    let day = Math.floor(start / dayLength) * dayLength;
    day + dayLength > from;
  ) {
    const name = new Date(day).toISOString().slice(0, 10);
    const [lone, listed] = await Promise.all([
      Promise.all(
        shards.map((number) =>
          loneFacts(store, loneFactsOfDay(name, number), before),
        ),
      ),
      Promise.all(
        shards.map((number) =>
          table.query({
            pk: factsOfDay(version, name, number),
            descending: true,
            limit: pageSize,
            ...(before !== undefined && { after: before }),
          }),
        ),
      ),
    ]);
    const places = newest(
      [
        ...lone.flat(),
        ...listed.flatMap(({ items }) =>
          items
            .filter(({ sk }) => !placeIn(sk).pk.startsWith("FACTS#"))
            .map(({ sk }) => ({ position: sk, item: undefined })),
        ),
      ],
      ({ position }) => position,
    );
    const ofPatients = await table.get(
      places
        .filter(({ item }) => item === undefined)
        .map(({ position }) => ({
          table: "records" as const,
          ...placeIn(position),
        })),
    );
    for (const { position, item } of places) {
      const { pk, sk } = placeIn(position);
      const found =
        item ?? ofPatients.find((one) => one.pk === pk && one.sk === sk);
      if (found !== undefined) yield { position, fact: readFact(found) };
    }
    before = places.at(-1)?.position;
    if (before === undefined) day -= dayLength;
  }
}

/** Facts of one partition of a day, behind a position, as `<instant>#<partition>#<id>`: so the days list theirs. */
const loneFacts = async (
  { table }: Store,
  pk: string,
  before: string | undefined,
): Promise<readonly { position: string; item: Item }[]> => {
  const { items } = await table.query({
    pk,
    between: [
      sortKeyAt(0),
      before === undefined
        ? "F#Z"
        : sortKeyAt(Date.parse(before.slice(0, 24)) + 1),
    ],
    descending: true,
    limit: pageSize,
  });
  return items
    .map((item) => {
      const id = item.sk.slice(2) as Ulid;
      const at = new Date(timeOf(id)).toISOString();
      return { position: `${at}#${pk}#${id}`, item };
    })
    .filter(({ position }) => before === undefined || position < before);
};

const newest = <T>(
  list: readonly T[],
  position: (one: T) => string,
): readonly T[] =>
  list
    .toSorted((one, other) => (position(one) < position(other) ? 1 : -1))
    .slice(0, pageSize);

const placeIn = (position: string): Key => {
  const [, ...parts] = position.split("#");
  return { pk: parts.slice(0, -1).join("#"), sk: `F#${parts.at(-1) ?? ""}` };
};

/** The first sort key that a fact of this moment may have. */
export const sortKeyAt = (milliseconds: number): string => {
  const time = Math.min(Math.max(milliseconds, 0), 2 ** 48 - 1);
  return `F#${ulids(
    () => time,
    () => Buffer.alloc(10),
  )()}`;
};
