import {
  stepsOf,
  total,
  type Counts,
  type ImportJob,
  type ImportStep,
} from "../core/import-job.ts";
import type { Deps } from "../runtime/dependencies.ts";
import type { ImportCursor } from "../store/import-jobs.ts";
import type { ImportNames } from "../store/import-names.ts";
import { linesOf, type Line } from "./import-lines.ts";
import { reserveLines } from "./import-reserving.ts";
import { writeLines } from "./import-writing.ts";

/** What was done between two cursors. */
export interface Taken {
  /** Absent when nothing is left. */
  readonly cursor?: ImportCursor;
  readonly counts: Readonly<Record<string, Counts>>;
  /** Lines of NDJSON. */
  readonly problems: readonly string[];
  /** `Type/id` of what was created or updated. */
  readonly changed: readonly string[];
  readonly read: number;
}

export interface TakingDeps extends Pick<Deps, "records" | "exchange"> {
  readonly names: ImportNames;
}

/** Lines that are looked up together, at most. */
const batch = { lines: 50, bytes: 2 * 1024 * 1024 } as const;

/** Goes on behind the cursor, file after file, until it is full or all is done. */
export const takeLines = async (
  deps: TakingDeps,
  job: ImportJob,
  from: ImportCursor,
  isFull: (read: number) => Promise<boolean>,
): Promise<Taken> => {
  const steps = stepsOf(job.files);
  const counts: Readonly<Record<string, Counts>>[] = [];
  const problems: string[] = [];
  const changed: string[] = [];
  let read = 0;
  let cursor = from;
  const taken = (): Omit<Taken, "cursor"> => ({
    counts: total(counts),
    problems,
    changed,
    read,
  });
  for (;;) {
    const step = steps[cursor.step];
    if (step === undefined) return taken();
    for await (const lines of batchesOf(deps.exchange, job, step, cursor)) {
      if (await isFull(read)) return { cursor, ...taken() };
      const done = await take(deps, job, step, lines);
      if (done !== undefined) {
        counts.push(done.counts);
        problems.push(...done.problems);
        changed.push(...done.changed);
      }
      read += lines.length;
      const last = lines.at(-1);
      cursor = {
        step: cursor.step,
        offset: last?.next ?? cursor.offset,
        line: last?.number ?? cursor.line,
      };
    }
    cursor = { step: cursor.step + 1, offset: 0, line: 0 };
  }
};

const take = async (
  { records, names }: TakingDeps,
  job: ImportJob,
  { does, file }: ImportStep,
  lines: readonly Line[],
) => {
  if (does === "write") return writeLines({ records, names }, job, file, lines);
  await reserveLines(names, job, file, lines);
  return undefined;
};

async function* batchesOf(
  exchange: Deps["exchange"],
  { files }: ImportJob,
  { file }: ImportStep,
  { offset, line }: ImportCursor,
): AsyncGenerator<readonly Line[]> {
  const { key, bytes = 0 } = files[file] ?? { key: "" };
  let lines: Line[] = [];
  let size = 0;
  for await (const next of linesOf((range) => exchange.get(key, range), bytes, {
    offset,
    line,
  })) {
    lines.push(next);
    size += next.bytes?.length ?? 0;
    if (lines.length < batch.lines && size < batch.bytes) continue;
    yield lines;
    lines = [];
    size = 0;
  }
  if (lines.length > 0) yield lines;
}
