import type { Resource } from "@medplum/fhirtypes";
import { isWithinCare } from "../core/care-time.ts";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { declarations } from "../resources/all.ts";
import { rangeOf, type Range } from "../resources/dates.ts";
import type { Declaration, KnownType } from "../resources/declaration.ts";
import { readFacts } from "./commit-facts.ts";
import {
  firstPlace,
  joinMarks,
  markOf,
  marksIn,
  openPlace,
  sealPlace,
  type EverythingQuestion,
  type Place,
} from "./everything-cursor.ts";
import { openWalk, type Walk } from "./everything-walk.ts";
import { callerId } from "./facts.ts";
import { addressOf, type Address } from "./keys.ts";
import { createOpener, type Opener } from "./opener.ts";
import { addressesIn } from "./overlay.ts";
import type { Stored } from "./records.ts";
import type { Store } from "./store.ts";
import { notFound, openWork, type OpenWork } from "./work.ts";

/** A resource as it is stored: its JSON is passed on as text. */
export interface EverythingEntry {
  readonly address: Address;
  readonly version: number;
  /** `include` for what the compartment refers to in the directory. */
  readonly mode: "match" | "include";
  readonly text: string;
}

export interface EverythingPage {
  readonly question: EverythingQuestion;
  readonly entries: readonly EverythingEntry[];
  /** Types of what was asked for that the caller may not read at all. */
  readonly withheld: readonly KnownType[];
  /** Matches of all pages, told with the last one. */
  readonly total?: number;
  readonly next?: string;
}

/** Bounds of one page, and of the work for it when little of what is read belongs to the answer. */
const most = {
  entries: 2000,
  bytes: 5_000_000,
  bytesInAll: 5_500_000,
  references: 200,
  examined: 20_000,
  bytesOpened: 32 * 1024 * 1024,
} as const;
/** Of one read of the table; and what an entry takes beside its resource. */
const [leastItems, entryBytes] = [25, 250];

/** What a compartment refers to and an answer brings along from the directory. */
const supporting: readonly KnownType[] = [
  "HealthcareService",
  "Location",
  "Organization",
  "Practitioner",
  "PractitionerRole",
];
const supportingReference = new RegExp(
  String.raw`"reference":"((?:${supporting.join("|")})/[0-9A-Z]{26})["/]`,
  "gu",
);

/**
 * A page of a person's whole record: the compartments of all its records in key order, what is linked from elsewhere,
 * and what these refer to in the directory. Throws NotFound (404), Gone (410), Forbidden (403), InvalidCursor (400).
 */
export const everything = async (
  store: Store,
  context: Context,
  patient: string,
  asked: EverythingQuestion | { readonly cursor: string },
): Promise<EverythingPage> => {
  if (addressOf("Patient", patient) === undefined) throw notFound("Patient");
  const work = openWork(store, context);
  await work.permit("read", "Patient", patient);
  const kind = `everything:${callerId(context.by)}:${patient}`;
  const from =
    "cursor" in asked
      ? await openPlace(store.vault, kind, asked.cursor)
      : firstPlace(asked);
  const { question } = from;
  const scope = await scopeOf(question, (type) =>
    work.permitted("read", type, patient),
  );
  const opener = createOpener(store);
  const walk = await openWalk(
    store,
    work,
    opener,
    {
      patient,
      types: scope.ranges,
      wants: async ({ type, patient: owner }) =>
        scope.types.has(type) && (await work.permitted("read", type, owner)),
      limit: limitOf(question),
    },
    from,
  );
  checkKey(opener, patient);
  const taken = await take(walk, opener, from, work);
  const [brought] = await Promise.all([
    bring(opener, taken, from, work),
    noteRead(store, context, taken.entries),
  ]);
  const given = from.given + taken.entries.length;
  const page = {
    question,
    entries: [...taken.entries, ...brought.entries],
    withheld: scope.withheld,
  };
  if (taken.stopped === undefined && brought.pending.length === 0)
    return { ...page, total: given };
  const next: Place = {
    question,
    ...(taken.stopped ?? { stretch: walk.end }),
    way: walk.digest,
    given,
    brought: joinMarks(brought.marks),
    pending: brought.pending,
  };
  return { ...page, next: await sealPlace(store.vault, kind, next) };
};

type Reader = Pick<OpenWork, "permitted" | "admitsText">;

const inCompartments: readonly KnownType[] = (
  Object.values(declarations) as readonly Declaration[]
).flatMap(({ type, home }) =>
  home === "self" || Array.isArray(home) ? [type as KnownType] : [],
);

/** What to read for the answer: what lies in compartments and may be read, or everything where it may lead to what is asked. */
const scopeOf = async (
  { types = [...inCompartments, ...supporting] }: EverythingQuestion,
  may: (type: KnownType) => Promise<boolean>,
): Promise<{
  readonly types: ReadonlySet<KnownType>;
  readonly ranges: readonly KnownType[] | undefined;
  readonly withheld: readonly KnownType[];
}> => {
  const isLeading = types.some((type) => supporting.includes(type));
  const wanted = isLeading
    ? inCompartments
    : inCompartments.filter((type) => types.includes(type));
  const isReadable = await Promise.all(wanted.map(may));
  const read = wanted.filter((_, index) => isReadable[index]);
  return {
    types: new Set(read),
    ranges: read.length === inCompartments.length ? undefined : read,
    withheld: wanted.filter(
      (type, index) => isReadable[index] !== true && types.includes(type),
    ),
  };
};

/** A page that takes all it reads reads one item more than it holds. */
const limitOf = (question: EverythingQuestion): number | undefined =>
  question.since !== undefined ||
  timeOf(question) !== undefined ||
  question.types?.some((type) => supporting.includes(type)) === true
    ? undefined
    : Math.max(countOf(question) + 1, leastItems);

const countOf = ({ count = most.entries }: EverythingQuestion): number =>
  Math.min(count, most.entries);

const timeOf = ({ start, end }: EverythingQuestion): Range | undefined =>
  start === undefined && end === undefined
    ? undefined
    : {
        from: rangeOf(start ?? "")?.from ?? -Infinity,
        to: rangeOf(end ?? "", true)?.to ?? Infinity,
      };

const checkKey = (opener: Opener, patient: string): void => {
  const key = opener.keyOf(patient);
  if (key === undefined) throw notFound("Patient");
  if (key.shredded !== undefined)
    throw new Fault("Erased", 410, "The record of this patient was erased.");
};

interface Taken {
  readonly entries: readonly EverythingEntry[];
  readonly bytes: number;
  /** Names of directory resources that are referred to, without those of earlier pages. */
  readonly references: ReadonlySet<string>;
  /** Where the next page begins; undefined when nothing is left. */
  readonly stopped: Pick<Place, "stretch" | "after"> | undefined;
}

/** Opens what lies on the way until a bound is reached. What is opened then but not taken begins the next page. */
const take = async (
  { candidates }: Walk,
  opener: Opener,
  { question, stretch, after, brought, pending }: Place,
  reader: Reader,
): Promise<Taken> => {
  const { types } = question;
  const [time, count] = [timeOf(question), countOf(question)];
  const references = unmarked(brought, pending);
  const entries: EverythingEntry[] = [];
  let [bytes, opened, examined] = [0, 0, 0];
  let here: NonNullable<Taken["stopped"]> = {
    stretch,
    ...(after !== undefined && { after }),
  };
  const stop = (stopped?: Taken["stopped"]): Taken => ({
    entries,
    bytes,
    references: references.names,
    stopped,
  });
  for await (const { address, item, place } of candidates) {
    examined += 1;
    const text =
      item.deleted === true || isBefore(item.updated, question.since)
        ? undefined
        : await opener.open(address, item);
    opened += text?.length ?? 0;
    if (
      text !== undefined &&
      (await passes(reader, opener, address, text, time))
    ) {
      if (types?.includes(address.type) ?? true) {
        const size = sizeOf(text);
        const isFull =
          entries.length >= count ||
          (entries.length > 0 && bytes + size > most.bytes);
        if (isFull) return stop(here);
        entries.push({ address, version: item.v, mode: "match", text });
        bytes += size;
      }
      for (const name of referencesIn(text)) references.add(name);
    }
    here = place;
    if (
      examined >= most.examined ||
      opened >= most.bytesOpened ||
      references.names.size >= most.references
    )
      return stop(here);
  }
  return stop();
};

/** What an entry takes of an answer, which is a JSON string in turn: a quotation mark or backslash counts twice. */
const sizeOf = (text: string): number => {
  let size = Buffer.byteLength(text) + entryBytes;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) size += 1;
  }
  return size;
};

/** Names that carry none of the marks; each name is hashed once. */
const unmarked = (brought: string, pending: readonly string[]) => {
  const known = new Set(marksIn(brought));
  const seen = new Set<string>();
  const names = new Set(pending);
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    if (!known.has(markOf(name))) names.add(name);
  };
  return { names: names as ReadonlySet<string>, add };
};

/** Whether the caller may see it and it concerns the time asked for. */
const passes = async (
  { admitsText }: Reader,
  opener: Opener,
  address: Address,
  text: string,
  time?: Range,
): Promise<boolean> => {
  const { patient } = address;
  const key = patient === undefined ? undefined : opener.keyOf(patient);
  return (
    (time === undefined ||
      isWithinCare(JSON.parse(text) as Stored<Resource>, time)) &&
    (await admitsText("read", address, text, key))
  );
};

const isBefore = (updated: string, since: string | undefined): boolean =>
  since !== undefined && Date.parse(updated) < Date.parse(since);

/** Names of the directory's resources in a stored text. A quotation mark within a JSON string is escaped, so no value is taken for one. */
const referencesIn = (text: string): readonly string[] =>
  Array.from(text.matchAll(supportingReference), ([, name = ""]) => name);

interface Brought {
  readonly entries: readonly EverythingEntry[];
  readonly marks: ReadonlySet<string>;
  /** What found no room. */
  readonly pending: readonly string[];
}

/** What the taken resources refer to in the directory, and what that refers to in turn, once each. */
const bring = async (
  opener: Opener,
  { references, bytes: taken }: Taken,
  { question: { types, since }, brought }: Place,
  reader: Reader,
): Promise<Brought> => {
  const marks = new Set(marksIn(brought));
  const entries: EverythingEntry[] = [];
  const pending: string[] = [];
  let bytes = taken;
  let wanted = [...references];
  for (let round = 0; round < 2 && wanted.length > 0; round += 1) {
    const further = new Set<string>();
    for (const { address, item } of await opener.find(addressesIn(wanted))) {
      const { type, patient } = address;
      if (item.deleted === true) continue;
      if (!(await reader.permitted("read", type, patient))) continue;
      const name = `${type}/${address.id}`;
      const text = await opener.open(address, item);
      const size = sizeOf(text);
      if (entries.length > 0 && bytes + size > most.bytesInAll) {
        pending.push(name);
        continue;
      }
      marks.add(markOf(name));
      for (const one of referencesIn(text)) further.add(one);
      if (types?.includes(type) === false || isBefore(item.updated, since))
        continue;
      if (!(await passes(reader, opener, address, text))) continue;
      entries.push({ address, version: item.v, mode: "include", text });
      bytes += size;
    }
    wanted = [...further].filter((name) => !marks.has(markOf(name)));
  }
  return { entries, marks, pending };
};

/** Stored before there is an answer. */
const noteRead = async (
  store: Store,
  context: Context,
  entries: readonly EverythingEntry[],
): Promise<void> => {
  const facts = readFacts(
    store,
    context,
    entries.map(({ address: { type, id, patient }, version }) => ({
      type,
      id,
      version,
      patient,
    })),
  );
  if (facts.length > 0) await store.table.append(facts);
};
