import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { parseArgs } from "node:util";
import { ulids } from "../functions/core/ids.ts";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { s3Bucket } from "../functions/store/s3-bucket.ts";
import { reapplyLedger, RestoreRefused } from "./reapply-ledger.ts";

const usage = `npm run restore -- --keys <restored table of keys> --records <table> --ledger <documents bucket>
  [--nobody-was-erased] [--region us-east-1] [--endpoint http://…]`;

const run = async (): Promise<0 | 1 | 2> => {
  const { values } = parseArgs({
    options: {
      keys: { type: "string" },
      records: { type: "string" },
      ledger: { type: "string" },
      "nobody-was-erased": { type: "boolean", default: false },
      region: { type: "string" },
      endpoint: { type: "string" },
    },
  });
  const { keys, records, ledger, region, endpoint } = values;
  if (keys === undefined || records === undefined || ledger === undefined) {
    console.log(usage);
    return 2;
  }
  const client = {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  };
  try {
    const { destroyed, erased, ruled, lost } = await reapplyLedger({
      table: dynamoTable(new DynamoDBClient(client), { records, keys }),
      ledger: s3Bucket(ledger, new S3Client(client)),
      isNobodyErased: values["nobody-was-erased"],
      newId: ulids(Date.now),
    });
    console.log(
      [
        `The ledger is applied: ${String(erased)} erased patients, ${String(destroyed)} of whose keys the restore had brought back.`,
        `Consents of ${String(ruled)} patients will be read anew.`,
        lost.length === 0
          ? "Every patient of the record has a key."
          : `${String(lost.length)} patients were made after the instant that was restored and have no key: ${lost.join(", ")}`,
        "The table may be used.",
      ].join("\n"),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof RestoreRefused)) throw error;
    console.log(`Refused: ${error.message} Do not use the restored table.`);
    return 1;
  }
};

process.exitCode = await run();
