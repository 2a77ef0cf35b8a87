import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { ReadFacts } from "./compare-table.ts";

const segments = 4;

/** All facts of the table: read with the credentials of whoever asks, since no function of ours may scan. */
export const tableFacts =
  (
    table: string,
    options: object,
    progress: (done: string) => void,
  ): ReadFacts =>
  async (each) => {
    const client = new DynamoDBClient(options);
    let read = 0;
    const scan = async (Segment: number): Promise<void> => {
      let ExclusiveStartKey;
      do {
        const page: Awaited<ReturnType<typeof next>> = await next(
          Segment,
          ExclusiveStartKey,
        );
        for (const item of page.Items ?? []) each(unmarshall(item));
        read += page.ScannedCount ?? 0;
        progress(`${read} items of the table read`);
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
    };
    const next = (
      Segment: number,
      ExclusiveStartKey: ScanCommand["input"]["ExclusiveStartKey"],
    ) =>
      client.send(
        new ScanCommand({
          TableName: table,
          Segment,
          TotalSegments: segments,
          ExclusiveStartKey,
          ConsistentRead: true,
          FilterExpression: "begins_with(sk, :facts)",
          ExpressionAttributeValues: { ":facts": { S: "F#" } },
        }),
      );
    await Promise.all(
      Array.from({ length: segments }, (_, segment) => scan(segment)),
    );
    client.destroy();
  };
