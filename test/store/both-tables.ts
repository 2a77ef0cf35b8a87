import { ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe } from "vitest";
import { dynamoTable } from "../../functions/store/dynamo-table.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import { startDynamoDbLocal, type DynamoDbLocal } from "../dynamodb-local.ts";

export interface EmptyTable {
  readonly table: Table;
  /** Everything that both tables hold. */
  readonly dump: () => Promise<readonly Item[]>;
}

const more = Number(process.env.SOJOURN_TEST_RUNS ?? 1);

/**
 * One suite, run on the table in memory and on AWS's own DynamoDB Local; `runs` is how often a property is tried there,
 * times SOJOURN_TEST_RUNS.
 */
export const onBothTables = (
  suite: (emptyTable: () => Promise<EmptyTable>, runs: number) => void,
): void => {
  describe("in memory", () => {
    suite(() => Promise.resolve(inMemory()), 20 * more);
  });
  describe("on DynamoDB Local", () => {
    let local: DynamoDbLocal | undefined;
    beforeAll(async () => {
      local = await startDynamoDbLocal();
    });
    afterAll(() => local?.stop());
    suite(() => {
      if (local === undefined) throw new Error("DynamoDB Local is not running");
      return onServer(local);
    }, 2 * more);
  });
};

const inMemory = (): EmptyTable => {
  const table = memoryTable();
  return {
    table,
    dump: () =>
      Promise.resolve(table.dump().map(({ table: _name, ...item }) => item)),
  };
};

const onServer = async ({
  client,
  newTables,
}: DynamoDbLocal): Promise<EmptyTable> => {
  const names = await newTables();
  return {
    table: dynamoTable(client, names),
    dump: async () => [
      ...(await scanned(client, names.records)),
      ...(await scanned(client, names.keys)),
    ],
  };
};

const scanned = async (
  client: DynamoDbLocal["client"],
  name: string,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let from: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({ TableName: name, ExclusiveStartKey: from }),
    );
    for (const item of page.Items ?? []) items.push(unmarshall(item) as Item);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
};
