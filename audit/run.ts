import { S3Client } from "@aws-sdk/client-s3";
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { archiveKeys, hourOf, startOf } from "../functions/core/audit-root.ts";
import { factsObject } from "../functions/events/archive-facts.ts";
import { kmsRootSigner } from "../functions/store/root-signer.ts";
import { s3Archive } from "../functions/store/s3-archive.ts";
import { compareTable, type Compared } from "./compare-table.ts";
import { examine, type Examined } from "./examine.ts";
import { folderArchive } from "./folder.ts";
import { Misuse, readOptions, usage, type Options } from "./options.ts";
import { printed } from "./print.ts";
import { tableFacts } from "./table-facts.ts";

export interface Terminal {
  readonly print: (text: string) => void;
  readonly progress: (done: string) => void;
  readonly now: () => Date;
}

/** 0: the archive is whole; 1: it is not; 2: it could not be looked at, or nothing in it is signed yet. */
type ExitCode = 0 | 1 | 2;

/** A root comes 20 minutes after its hour; two hours later it is missed. */
const missedAfter = 3 * 3_600_000;
/** 45 CFR 164.316(b)(2)(i); no organization keeps its archive for less. */
const keptFor = 6 * 365 * 86_400_000;
/** Facts of the last minutes may be on their way. */
const underWay = 15 * 60_000;
const factsAtOnce = 1000;

/** Examines an archive and says whether it is whole. */
export const verify = (
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> =>
  withOptions(args, terminal, async (options) => {
    const trusted = await trustedKeys(options);
    const examined = await examineArchive(options, trusted, terminal);
    const { report } = examined;
    if (options.folder !== undefined && options.to === undefined)
      report.notes.push(
        "A copy that lacks its newest hours looks whole: --to names the last hour that must be there.",
      );
    if (options.table) {
      const { findings, compared, older } = await compare(
        options,
        examined,
        terminal,
      );
      report.findings.push(...findings);
      report.notes.push(`${String(compared)} facts of the table compared.`);
      if (older.length > 0)
        report.notes.push(
          `${String(older.length)} facts of the table are older than the archive; npm run audit:complete adds them.`,
        );
    }
    terminal.print(printed(report, trusted));
    if (report.findings.length > 0) return 1;
    return report.roots === 0 ? 2 : 0;
  });

/** Adds to the archive what the table has and the archive has not: late, but there. */
export const complete = (
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> =>
  withOptions([...args, "--table"], terminal, async (options) => {
    const { bucket, client } = options;
    if (bucket === undefined)
      throw new Misuse("Only a bucket can be completed.");
    const examined = await examineArchive(options, [], terminal);
    const { lacking, older } = await compare(options, examined, terminal);
    const missing = [...older, ...lacking];
    const archive = s3Archive(bucket, new S3Client(client));
    for (let from = 0; from < missing.length; from += factsAtOnce) {
      const body = factsObject(missing.slice(from, from + factsAtOnce));
      const key = archiveKeys.object(hourOf(terminal.now()), body);
      await archive.add(key, body, "application/x-ndjson");
      terminal.progress(
        `${String(from)} of ${String(missing.length)} facts added`,
      );
    }
    terminal.print(
      missing.length === 0
        ? "The archive has every fact of the table."
        : `${String(missing.length)} facts added. The root of this hour will count them as late.`,
    );
    return 0;
  });

const withOptions = async (
  args: readonly string[],
  { print }: Terminal,
  work: (options: Options) => Promise<ExitCode>,
): Promise<ExitCode> => {
  try {
    return await work(readOptions(args));
  } catch (error) {
    if (error instanceof Misuse) print(`${error.message}\n\n${usage}`);
    else
      print(
        `The archive could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
      );
    return 2;
  }
};

const examineArchive = (
  { folder, bucket = "", client, from, to }: Options,
  trusted: readonly KeyObject[],
  { progress, now }: Terminal,
): Promise<Examined> => {
  if (folder !== undefined && !existsSync(folder))
    throw new Misuse(`There is no folder ${folder}.`);
  const missed = hourOf(new Date(now().getTime() - missedAfter));
  const keptSince = hourOf(new Date(now().getTime() - keptFor));
  return examine({
    ...{ trusted, from, to, keptSince, progress },
    ...(folder === undefined
      ? {
          archive: s3Archive(bucket, new S3Client(client)),
          due: to !== undefined && to < missed ? to : missed,
        }
      : // A copy has what it had when it was made; only the reader knows what it should have.
        { archive: folderArchive(folder), due: to }),
  });
};

const compare = (
  { records = "", client }: Options,
  { report, archived }: Examined,
  { progress, now }: Terminal,
): Promise<Compared> =>
  compareTable({
    archived,
    readFacts: tableFacts(records, client, progress),
    from: report.from === "" ? "" : startOf(report.from).toISOString(),
    until: new Date(now().getTime() - underWay).toISOString(),
  });

const trustedKeys = async ({
  publicKeys,
  key,
  folder,
  client,
}: Options): Promise<readonly KeyObject[]> => {
  const files = publicKeys.map((file) => {
    try {
      return createPublicKey(readFileSync(file));
    } catch {
      throw new Misuse(`${file} is no public key in PEM.`);
    }
  });
  if (files.length > 0 || key === undefined || folder !== undefined)
    return files;
  const signer = kmsRootSigner(key, client);
  return [createPublicKey(await signer.publicKey())];
};
