import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";

export const usage = `npm run audit:verify -- <which archive> [options]

Which archive:
  --outputs <file>       what cdk deploy --outputs-file wrote: bucket, key and table are in it
  --demo                 the deployment that npm start runs on this machine
  --bucket <name>        a bucket
  --folder <path>        a copy of one (aws s3 sync s3://<name> <path>); needs no network

Options:
  --public-key <file>    the key that signed, as PEM; the archive's own copy is believed otherwise
  --key <id>             the same, from KMS
  --from <hour>          2026-03-02 or 2026-03-02T15, UTC; the first hour unless told
  --to <hour>            the last hour that must be there
  --table                also compares every fact with the table, both ways; reads the whole table
  --records <name>       the table's name, where there are no outputs
  --endpoint <url>       of the services, for --demo on other ports

Ends with 0 when the archive is whole, with 1 when it is not, with 2 when nothing can be said.`;

/** What the reader gave is not enough; the message says what is missing. */
export class Misuse extends Error {}

export interface Options {
  readonly folder?: string | undefined;
  readonly bucket?: string | undefined;
  readonly publicKeys: readonly string[];
  readonly key?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly records?: string | undefined;
  readonly table: boolean;
  /** For the clients of AWS, where they are not the environment's. */
  readonly client: object;
}

export const readOptions = (args: readonly string[]): Options => {
  const { values } = parsed(args);
  const { demo, table, from, to } = values;
  const outputs =
    values.outputs ??
    (demo
      ? join(import.meta.dirname, "..", ".local", "outputs.json")
      : undefined);
  const deployed = outputs === undefined ? {} : readOutputs(outputs);
  const options = {
    folder: values.folder,
    bucket: values.bucket ?? deployed.bucket,
    publicKeys: values["public-key"] ?? [],
    key: values.key ?? deployed.key,
    from: hour("--from", from, "T00"),
    to: hour("--to", to, "T23"),
    records: values.records ?? deployed.records,
    table,
    client: demo ? onThisMachine(values.endpoint) : {},
  };
  if ((options.folder === undefined) === (options.bucket === undefined))
    throw new Misuse(
      "Say which archive: --outputs, --demo, --bucket or --folder.",
    );
  if (table && options.records === undefined)
    throw new Misuse("--table needs the table's name: --outputs or --records.");
  if (table && to !== undefined)
    throw new Misuse("--table compares up to now; leave --to out.");
  return options;
};

const parsed = (args: readonly string[]) => {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ outputs: text, bucket: text, folder: text, endpoint: text },
        ...{ key: text, from: text, to: text, records: text },
        "public-key": { type: "string", multiple: true },
        demo: { type: "boolean", default: false },
        table: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error));
  }
};

const hour = (
  option: string,
  text: string | undefined,
  within: string,
): string | undefined => {
  if (text === undefined) return undefined;
  const [, day, time = within] =
    /^(\d{4}-\d\d-\d\d)(T\d\d)?(?::00(?::00(?:\.000)?)?Z?)?$/.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(`${day}${time}:00Z`)))
    throw new Misuse(
      `${option} must be a day or an hour, such as 2026-03-02T15.`,
    );
  return `${day}${time}`;
};

const Outputs = z.record(z.string(), z.record(z.string(), z.string()));

const readOutputs = (
  file: string,
): { bucket?: string; key?: string; records?: string } => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Misuse(`There is no file ${file}. Is the system deployed?`);
  }
  const stacks = Outputs.parse(JSON.parse(text));
  const slugs = Object.keys(stacks)
    .filter((name) => name.endsWith("-audit"))
    .map((name) => name.slice(0, -"-audit".length));
  const [slug] = slugs;
  if (slug === undefined || slugs.length > 1)
    throw new Misuse(
      `${file} has the archives of ${String(slugs.length)} organizations; give --bucket and --key.`,
    );
  const { ArchiveBucket, RootsKeyId } = stacks[`${slug}-audit`] ?? {};
  const { RecordsTable } = stacks[`${slug}-data`] ?? {};
  return {
    ...(ArchiveBucket !== undefined && { bucket: ArchiveBucket }),
    ...(RootsKeyId !== undefined && { key: RootsKeyId }),
    ...(RecordsTable !== undefined && { records: RecordsTable }),
  };
};

const onThisMachine = (endpoint = "http://127.0.0.1:4566"): object => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
  forcePathStyle: true,
});
