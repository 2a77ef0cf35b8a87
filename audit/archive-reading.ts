import type { KeyObject } from "node:crypto";
import {
  archiveKeys,
  hourAfter,
  hourIn,
  readRoot,
  type Root,
} from "../functions/core/audit-root.ts";
import { linesOf, type FactLine } from "../functions/core/fact-chain.ts";
import type { Archive } from "../functions/store/archive.ts";
import { publicKeyAt } from "./examine-root.ts";
import type { Report } from "./finding.ts";

export type ReadableArchive = Pick<Archive, "get" | "list">;

/** Hours that have a root, in order. */
export const rootHours = async (
  archive: ReadableArchive,
  { findings }: Report,
): Promise<readonly string[]> => {
  const hours: string[] = [];
  for await (const { key } of archive.list(archiveKeys.roots)) {
    const hour = hourIn(key);
    if (hour !== undefined && key === archiveKeys.root(hour)) hours.push(hour);
    else findings.push(stranger(key));
  }
  return hours;
};

/** The objects of a day by hour. */
export const objectsOfDay = async (
  archive: ReadableArchive,
  day: string,
  { findings }: Report,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const objects = new Map<string, string[]>();
  for await (const { key } of archive.list(archiveKeys.factsOfDay(day))) {
    const hour = hourIn(key);
    if (hour === undefined) findings.push(stranger(key));
    else objects.set(hour, [...(objects.get(hour) ?? []), key]);
  }
  return objects;
};

const stranger = (what: string): Report["findings"][number] => ({
  wrong: "inserted",
  what,
  because: "nothing of this name belongs there",
});

/** The hour of the first object; undefined when there is none. */
export const firstObjectHour = async (
  archive: ReadableArchive,
): Promise<string | undefined> => {
  for await (const { key } of archive.list(archiveKeys.facts)) {
    const hour = hourIn(key);
    if (hour !== undefined) return hour;
  }
  return undefined;
};

/** Objects of hours before the first root that is there: either nothing was there when it was signed, or it is not the first. */
export const examineBeginning = async (
  archive: ReadableArchive,
  beginning: string,
  { findings }: Report,
): Promise<void> => {
  const root = await rootAt(archive, beginning);
  const told = new Set<string>();
  for await (const { key } of archive.list(archiveKeys.facts)) {
    const hour = hourIn(key) ?? "";
    if (hour >= beginning) return;
    const what =
      root === undefined || root.previous === null ? key : `root ${hour}`;
    if (told.has(what)) continue;
    told.add(what);
    findings.push(
      what === key
        ? {
            wrong: "inserted",
            what,
            because: `the archive begins with ${beginning}`,
          }
        : noRoot(hour),
    );
  }
};

/** An archive whose first root follows another one, too young for retention to have ended, lacks what was before. */
export const examineCut = async (
  archive: ReadableArchive,
  {
    beginning,
    keptSince,
  }: { readonly beginning: string; readonly keptSince: string | undefined },
  { findings }: Report,
): Promise<void> => {
  if (keptSince === undefined || beginning < keptSince) return;
  const root = await rootAt(archive, beginning);
  if (root === undefined || root.previous === null) return;
  findings.push({
    wrong: "missing",
    what: `root ${hourAfter(beginning, -1)} and those before`,
    because: `the root of ${beginning} follows another one, and nothing of that time may be gone; of a copy that begins there, say so by --from ${beginning}`,
  });
};

/** Hours that were asked for and lie before the first root: right only where the archive really begins with it. */
export const examineMissingBeginning = async (
  archive: ReadableArchive,
  { from, beginning }: { readonly from: string; readonly beginning: string },
  { findings, notes }: Report,
): Promise<void> => {
  const root = await rootAt(archive, beginning);
  if (root?.previous === null)
    notes.push(`The archive begins with ${beginning}.`);
  else findings.push(noRoot(`${from} and the hours up to ${beginning}`));
};

export const noRoot = (hour: string): Report["findings"][number] => ({
  wrong: "missing",
  what: `root ${hour}`,
  because: "an hour that is over has no root, so nothing vouches for its facts",
});

export const rootAt = async (
  archive: ReadableArchive,
  hour: string,
): Promise<Root | undefined> => {
  const found = await archive.get(archiveKeys.root(hour));
  return found && readRoot(found.body)?.root;
};

export const linesAt = async (
  archive: ReadableArchive,
  key: string,
): Promise<readonly FactLine[]> => {
  const found = await archive.get(key);
  return found === undefined ? [] : linesOf(found.body);
};

/** The key that the first root names. It shows that nobody without it has signed, and not that it is the right one. */
export const keyOfFirst = async (
  archive: ReadableArchive,
  first: string | undefined,
  { notes }: Report,
): Promise<readonly KeyObject[]> => {
  const root = first === undefined ? undefined : await rootAt(archive, first);
  const key = root && (await publicKeyAt(archive, root.key));
  if (root === undefined || key === undefined) return [];
  notes.push(
    `Nobody vouches for the key ${root.key}: it comes from the archive itself. Give one that you got another way (--public-key, --key).`,
  );
  return [key];
};
