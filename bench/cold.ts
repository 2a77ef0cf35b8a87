import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../lib/bundle.ts";
import { demo } from "../organizations/demo.ts";
import { localKeyProvider } from "../test/record.ts";
import { builtAlone } from "./alone.ts";
import { answerWith, type Options } from "./child.ts";
import { clientOf, dynamoDbLocal, tables } from "./dynamodb.ts";
import { environments, expected, requestsWith } from "./front-desk.ts";
import { keyService } from "./key-service.ts";
import { inventedPatient } from "./people.ts";
import { progress } from "./progress.ts";
import type { ColdResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { median } from "./statistics.ts";

const bareRead = `import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
export const handler = async ({ read, note }) => {
  const client = new DynamoDBClient({});
  await client.send(new BatchGetItemCommand(read));
  await client.send(new PutItemCommand(note));
  return { statusCode: 200 };
};
`;

interface Start {
  readonly importing: number;
  readonly firstCall: number;
  readonly secondCall: number;
  readonly status: number;
}

const script = `const [, file, event] = process.argv;
const started = performance.now();
const { handler } = await import(file);
const imported = performance.now();
const { statusCode } = await handler(JSON.parse(event), {});
const called = performance.now();
await handler(JSON.parse(event), {});
const again = performance.now();
process.send({ importing: imported - started, firstCall: called - imported, secondCall: again - called, status: statusCode }, () => process.exit(0));`;

/** GET Patient in a fresh process with the deployed bundle: import, first call with keys and tokens still to fetch, second call. */
const measureCold = async ({ quick }: Options): Promise<ColdResult> => {
  const samples = quick ? 2 : 11;
  const directory = await mkdtemp(join(tmpdir(), "sojourn-bench-"));
  const local = await dynamoDbLocal();
  const cognito = await signIn();
  const provider = localKeyProvider();
  const kms = await keyService(provider);
  try {
    const client = clientOf(local.endpoint);
    const request = requestsWith(cognito.token("nurse-1", ["nurse"]));
    const handler = environments(dynamoTable(client, tables.ours), {
      provider,
      cognito,
    })();
    const { id } = expected(
      await handler(request("POST", "/Patient", inventedPatient(1))),
      201,
    );
    client.destroy();
    const { file } = bundle(join(directory, "deployed")).entries[
      "api/fhir"
    ] ?? {
      file: "",
    };
    const alone = await builtAlone(bareRead, join(directory, "alone"));
    const environment = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoint,
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.endpoint,
      ORGANIZATION: JSON.stringify(demo.settings),
      JURISDICTIONS: demo.jurisdictions.join(","),
      RECORDS_TABLE: tables.ours.records,
      KEYS_TABLE: tables.ours.keys,
      DATA_KEY_ID: "bench",
      PATIENT_POOL_ID: cognito.pools.patients,
      PATIENT_CLIENT_IDS: cognito.pools.client,
      STAFF_POOL_ID: cognito.pools.staff,
      STAFF_CLIENT_IDS: cognito.pools.client,
      CLINIC_CLIENTS: "{}",
      POWERTOOLS_SERVICE_NAME: "bench",
      POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
    };
    const key = { pk: { S: `PATIENT#${id}` } };
    const read = {
      RequestItems: {
        [tables.ours.records]: {
          Keys: [{ ...key, sk: { S: `A#Patient#${id}` } }],
          ConsistentRead: true,
        },
        [tables.ours.keys]: {
          Keys: [{ ...key, sk: { S: "KEY" } }],
          ConsistentRead: true,
        },
      },
    };
    const note = {
      TableName: tables.ours.records,
      Item: { ...key, sk: { S: "F#bench" }, text: { S: "x".repeat(300) } },
    };
    const ours: Start[] = [];
    const bare: Start[] = [];
    const tell = progress("cold starts", samples + 1);
    for (let sample = 0; sample <= samples; sample += 1) {
      const one = await fresh(
        file,
        request("GET", `/Patient/${id}`),
        environment,
      );
      const other = await fresh(alone.file, { read, note }, environment);
      tell(sample + 1);
      // The first round fills the file system's cache.
      if (sample === 0) continue;
      ours.push(one);
      bare.push(other);
    }
    const middle = (of: readonly Start[], what: keyof Start): number =>
      median(of.map((start) => start[what]));
    return {
      samples,
      importing: middle(ours, "importing"),
      firstCall: middle(ours, "firstCall"),
      secondCall: middle(ours, "secondCall"),
      bareImporting: middle(bare, "importing"),
      bareFirstCall: middle(bare, "firstCall"),
    };
  } finally {
    kms.stop();
    cognito.stop();
    await local.stop();
    await rm(directory, { recursive: true });
  }
};

const fresh = (
  file: string,
  event: object,
  env: Readonly<Record<string, string>>,
): Promise<Start> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        script,
        pathToFileURL(file).href,
        JSON.stringify(event),
      ],
      { stdio: ["ignore", "ignore", "inherit", "ipc"], env },
    );
    let start: Start | undefined;
    child.once("message", (message) => {
      start = message as Start;
    });
    child.once("exit", () => {
      if (start?.status === 200) resolve(start);
      else
        reject(new Error(`a fresh process answered ${String(start?.status)}`));
    });
  });

answerWith(measureCold);
