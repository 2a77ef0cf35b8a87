import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { parseArgs } from "node:util";
import { ulids } from "../functions/core/ids.ts";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { s3Archive } from "../functions/store/s3-archive.ts";
import { s3Bucket } from "../functions/store/s3-bucket.ts";
import { RestoreRefused } from "./known-erasures.ts";
import { reapplyLedger, type Reapplied } from "./reapply-ledger.ts";

const usage = `npm run restore -- --keys <table> --records <table> --ledger <bucket> --archive <bucket> [options]

  --keys <table>         the restored table of keys, which nobody uses yet
  --records <table>      the record that it is to be used with, restored or not
  --ledger <bucket>      the documents, among which the shred ledger lies
  --archive <bucket>     the archive of facts; npm run audit:verify shows whether it is whole

Options:
  --nobody-was-erased    says so; an empty ledger is refused otherwise
  --complete             takes what the ledger lacks from the record and the archive
  --trust-ledger         applies erasures that neither of them knows
  --region <name>        of the services
  --endpoint <url>       of the services

May be repeated. Ends with 0 when the table may be used, with 1 when it must not, with 2 when nothing is known of it.`;

/** 0: the restored table may be used; 1: it must not be; 2: it could not be looked at. */
type ExitCode = 0 | 1 | 2;

export const runRestore = async (
  args: readonly string[],
  print: (text: string) => void,
): Promise<ExitCode> => {
  const asked = read(args);
  if (typeof asked === "string") {
    print(`${asked}\n\n${usage}`);
    return 2;
  }
  const { keys, records, ledger, archive, client, flags } = asked;
  const s3 = new S3Client(client);
  try {
    const done = await reapplyLedger({
      table: dynamoTable(new DynamoDBClient(client), { records, keys }),
      ledger: s3Bucket(ledger, s3),
      archive: s3Archive(archive, s3),
      isNobodyErased: flags["nobody-was-erased"],
      isCompleted: flags.complete,
      isTrusted: flags["trust-ledger"],
      now: () => new Date(),
      newId: ulids(Date.now),
    });
    print(told(done));
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RestoreRefused) {
      print(`Refused: ${message}\nDo not use the restored table.`);
      return 1;
    }
    print(
      `It broke off: ${message}\nDo not use the restored table before a run ends well; what was done may be done again.`,
    );
    return 2;
  }
};

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

const read = (args: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ keys: text, records: text, ledger: text, archive: text },
        ...{ region: text, endpoint: text },
        ...{ "nobody-was-erased": flag, complete: flag, "trust-ledger": flag },
      },
    });
    const { keys, records, ledger, archive, region, endpoint } = values;
    if (
      keys === undefined ||
      records === undefined ||
      ledger === undefined ||
      archive === undefined
    )
      return "Name both tables, the ledger's bucket and the archive.";
    const client = {
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    };
    return { keys, records, ledger, archive, client, flags: values };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const told = ({ destroyed, erased, ruled, lost }: Reapplied): string =>
  [
    `The ledger is applied: ${String(erased)} erased patients, ${String(destroyed)} of whose keys the restore had brought back.`,
    `Consents of ${String(ruled)} patients will be read anew.`,
    lost.length === 0
      ? "Every patient of the record has a key."
      : `${String(lost.length)} patients were made after the instant that was restored and have no key: ${lost.join(", ")}`,
    "The table may be used.",
  ].join("\n");
