import type { KeyObject } from "node:crypto";
import {
  archiveKeys,
  hourAfter,
  readRoot,
  type Root,
} from "../functions/core/audit-root.ts";
import { sha256, type FactLine } from "../functions/core/fact-chain.ts";
import {
  examineBeginning,
  examineCut,
  examineMissingBeginning,
  firstObjectHour,
  keyOfFirst,
  linesAt,
  noRoot,
  objectsOfDay,
  rootAt,
  rootHours,
  type ReadableArchive,
} from "./archive-reading.ts";
import { examineHour } from "./examine-hour.ts";
import { examineRoot } from "./examine-root.ts";
import { newReport, type Report } from "./finding.ts";

export interface Question {
  readonly archive: ReadableArchive;
  /** Hours, both included; all that there are unless told. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The hour up to which there must be roots. */
  readonly due?: string | undefined;
  /** The hour from which on nothing can have come to the end of its time. */
  readonly keptSince?: string | undefined;
  /** None: the key of the first root is believed. */
  readonly trusted: readonly KeyObject[];
  readonly progress: (done: string) => void;
}

/** Facts by id: the hash of the line, and when it happened. */
export type ArchivedFacts = ReadonlyMap<
  string,
  { readonly hash: string; readonly at: string }
>;

export interface Examined {
  readonly report: Report;
  readonly archived: ArchivedFacts;
}

/** Computes everything anew, hour by hour, and says what does not come out. */
export const examine = async (question: Question): Promise<Examined> => {
  const { archive, from, to, due, keptSince, progress } = question;
  const report = newReport();
  const facts = takenFacts(report);
  const roots = await rootHours(archive, report);
  const beginning = roots[0] ?? (await firstObjectHour(archive));
  if (beginning === undefined) {
    report.notes.push("There is nothing in this archive.");
    if (due !== undefined) report.findings.push(noRoot(due));
    return { report, archived: facts.taken };
  }
  const ends = [roots.at(-1), due].filter((hour) => hour !== undefined);
  const end = ends.toSorted().at(-1) ?? "";
  report.from = from !== undefined && from > beginning ? from : beginning;
  report.to = to !== undefined && to < end ? to : end;
  const trusted =
    question.trusted.length > 0
      ? question.trusted
      : await keyOfFirst(archive, roots[0], report);
  if (from === undefined) {
    await examineBeginning(archive, beginning, report);
    await examineCut(archive, { beginning, keptSince }, report);
  }
  if (from !== undefined && from < beginning)
    await examineMissingBeginning(archive, { from, beginning }, report);

  let previous: Root | undefined =
    report.from > beginning
      ? await rootAt(archive, hourAfter(report.from, -1))
      : undefined;
  let ofDay: ReadonlyMap<string, readonly string[]> = new Map();
  for (let hour = report.from; hour <= report.to; hour = hourAfter(hour)) {
    if (hour === report.from || hour.endsWith("T00"))
      ofDay = await objectsOfDay(archive, hour.slice(0, 10), report);
    progress(`${hour}, ${report.facts} facts so far`);
    previous = await examineOne(
      { archive, trusted, report, take: facts.take },
      {
        ...{ hour, previous, keys: ofDay.get(hour) ?? [] },
        isFirst: hour === beginning,
      },
    );
  }
  if (to === undefined || to > report.to)
    for await (const { key } of archive.list(
      archiveKeys.facts,
      `${archiveKeys.factsOfHour(report.to || hourAfter(beginning, -1))}~`,
    )) {
      report.open += 1;
      facts.take(await linesAt(archive, key));
    }
  return { report, archived: facts.taken };
};

/** One hour; its root, if there is one to go on from. */
const examineOne = async (
  {
    archive,
    trusted,
    report,
    take,
  }: {
    readonly archive: ReadableArchive;
    readonly trusted: readonly KeyObject[];
    readonly report: Report;
    readonly take: (lines: readonly FactLine[]) => void;
  },
  {
    hour,
    keys,
    previous,
    isFirst,
  }: {
    readonly hour: string;
    readonly keys: readonly string[];
    readonly previous: Root | undefined;
    readonly isFirst: boolean;
  },
): Promise<Root | undefined> => {
  const { findings, notes } = report;
  const file = await archive.get(archiveKeys.root(hour));
  const signed = file && readRoot(file.body);
  if (signed === undefined) {
    findings.push(file === undefined ? noRoot(hour) : noLongerRoot(hour));
    for (const key of keys) take(await linesAt(archive, key));
    return undefined;
  }
  const { root } = signed;
  findings.push(
    ...(await examineRoot({
      ...{ archive, hour, signed, previous, isFirst, trusted },
    })),
  );
  const examined = await examineHour({ archive, hour, root, keys });
  findings.push(...examined.findings);
  take(examined.lines);
  report.roots += 1;
  report.objects += root.objects.length;
  report.late += root.late;
  if (isFirst && root.previous !== null)
    notes.push(
      `What was before ${hour} is not here: retention has ended, or the copy is not whole.`,
    );
  return root;
};

const noLongerRoot = (hour: string): Report["findings"][number] => ({
  wrong: "replaced",
  what: `root ${hour}`,
  because: "what lies in its place is no root",
});

/** Every fact once; a second one under the same id must be the same. */
const takenFacts = (report: Report) => {
  const taken = new Map<string, { hash: string; at: string }>();
  const take = (lines: readonly FactLine[]): void => {
    for (const { id, at, text } of lines) {
      const hash = sha256(text);
      const known = taken.get(id);
      if (known === undefined) {
        taken.set(id, { hash, at });
        report.facts += 1;
      } else if (known.hash === hash) report.repeated += 1;
      else
        report.findings.push({
          wrong: "changed",
          what: `fact ${id}`,
          because: "the archive holds another fact under the same id",
        });
    }
  };
  return { taken, take };
};
