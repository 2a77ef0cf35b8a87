import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { Fault } from "../core/fault.ts";
import { attributesOf, itemOf, type Attributes } from "./attributes.ts";
import type { Key } from "./keys.ts";
import {
  CommitContended,
  CommitRefused,
  type Guard,
  type Item,
  type Table,
  type TableName,
  type Write,
} from "./table.ts";

export interface TableNames {
  readonly records: string;
  readonly keys: string;
}

/** The two tables in DynamoDB. */
export const dynamoTable = (
  client: DynamoDBClient,
  names: TableNames,
): Table => {
  const nameOf = new Map<string, TableName>([
    [names.records, "records"],
    [names.keys, "keys"],
  ]);

  return {
    get: async (places) => {
      const wanted: Record<
        string,
        { Keys: Attributes[]; ConsistentRead: true }
      > = {};
      for (const { table, pk, sk } of places)
        (wanted[names[table]] ??= { Keys: [], ConsistentRead: true }).Keys.push(
          toKey({ pk, sk }),
        );
      const found: (Item & { table: TableName })[] = [];
      let pending: typeof wanted = wanted;
      for (let attempt = 0; Object.keys(pending).length > 0; attempt += 1) {
        if (attempt > 0) await pause(attempt);
        const { Responses = {}, UnprocessedKeys = {} } = await client.send(
          new BatchGetItemCommand({ RequestItems: pending }),
        );
        for (const [name, items] of Object.entries(Responses)) {
          for (const item of items)
            found.push({
              ...itemOf(item),
              table: nameOf.get(name) ?? "records",
            });
        }
        pending = UnprocessedKeys as typeof wanted;
      }
      return found;
    },

    query: async ({
      pk,
      prefix,
      between,
      after,
      limit,
      descending = false,
    }) => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: names.records,
          ConsistentRead: true,
          ScanIndexForward: !descending,
          ...(limit !== undefined && { Limit: limit }),
          ...(after !== undefined && {
            ExclusiveStartKey: toKey({ pk, sk: after }),
          }),
          KeyConditionExpression:
            between !== undefined
              ? "pk = :pk AND sk BETWEEN :from AND :to"
              : prefix !== undefined
                ? "pk = :pk AND begins_with(sk, :prefix)"
                : "pk = :pk",
          ExpressionAttributeValues: attributesOf({
            ":pk": pk,
            ...(between !== undefined
              ? { ":from": between[0], ":to": between[1] }
              : prefix !== undefined && { ":prefix": prefix }),
          }),
        }),
      );
      const last = LastEvaluatedKey?.sk?.S;
      return {
        items: Items.map(itemOf),
        ...(last !== undefined && { after: last }),
      };
    },

    commit: async (writes, token) => {
      try {
        await client.send(
          new TransactWriteItemsCommand({
            ClientRequestToken: token,
            TransactItems: writes.map((write) => toTransactItem(write, names)),
          }),
        );
      } catch (error) {
        throw translated(error);
      }
    },

    append: async (items) => {
      const [only] = items;
      if (items.length === 1 && only !== undefined) {
        await client.send(
          new PutItemCommand({
            TableName: names.records,
            Item: attributesOf(only),
          }),
        );
        return;
      }
      for (let from = 0; from < items.length; from += 25) {
        let pending = items
          .slice(from, from + 25)
          .map((item) => ({ PutRequest: { Item: attributesOf(item) } }));
        for (let attempt = 0; pending.length > 0; attempt += 1) {
          if (attempt > 0) await pause(attempt);
          const { UnprocessedItems = {} } = await client.send(
            new BatchWriteItemCommand({
              RequestItems: { [names.records]: pending },
            }),
          );
          pending = (UnprocessedItems[names.records] ?? []) as typeof pending;
        }
      }
    },
  };
};

const toKey = ({ pk, sk }: Key): Attributes => ({
  pk: { S: pk },
  sk: { S: sk },
});

const toTransactItem = (write: Write, names: TableNames): TransactWriteItem => {
  const condition = {
    ...conditionOf(write.guard),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  };
  if ("put" in write)
    return {
      Put: {
        TableName: names[write.table ?? "records"],
        Item: attributesOf(write.put),
        ...condition,
      },
    };
  if ("remove" in write)
    return {
      Delete: {
        TableName: names.records,
        Key: toKey(write.remove),
        ...condition,
      },
    };
  if ("mark" in write)
    return {
      Update: {
        TableName: names[write.table ?? "records"],
        Key: toKey(write.mark),
        UpdateExpression: "SET #mark = :mark",
        ...condition,
        ExpressionAttributeNames: { "#mark": write.attribute },
        ExpressionAttributeValues: { ":mark": { S: write.value } },
      },
    };
  const { ConditionExpression = "attribute_exists(pk)", ...rest } = condition;
  return {
    ConditionCheck: {
      TableName: names[write.table ?? "records"],
      Key: toKey(write.check),
      ConditionExpression,
      ...rest,
    },
  };
};

const conditionOf = (
  guard: Guard,
): {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Attributes;
} => {
  if (guard === "any") return {};
  if (guard === "absent")
    return { ConditionExpression: "attribute_not_exists(pk)" };
  if (guard === "live")
    return {
      ConditionExpression:
        "attribute_exists(pk) AND attribute_not_exists(shredded)",
    };
  if ("version" in guard) {
    return {
      ConditionExpression: "v = :v",
      ExpressionAttributeValues: { ":v": { N: String(guard.version) } },
    };
  }
  return {
    ConditionExpression: "attribute_not_exists(pk) OR holder = :holder",
    ExpressionAttributeValues: { ":holder": { S: guard.holder } },
  };
};

const translated = (error: unknown): unknown => {
  if (error instanceof TransactionCanceledException) {
    const reasons = error.CancellationReasons ?? [];
    const refused = reasons.flatMap(({ Code, Item: found }, index) =>
      Code === "ConditionalCheckFailed"
        ? [{ index, found: found === undefined ? undefined : itemOf(found) }]
        : [],
    );
    if (refused.length > 0) return new CommitRefused(refused);
    if (
      reasons.some(
        ({ Code }) =>
          Code === "ItemCollectionSizeLimitExceeded" ||
          Code === "ValidationError",
      )
    ) {
      return new Fault(
        "TooLarge",
        413,
        "The change is larger than one item of the record may be.",
        { code: "too-long", cause: error },
      );
    }
    return new CommitContended("the items are held by another transaction", {
      cause: error,
    });
  }
  const name = error instanceof Error ? error.name : "";
  if (
    name === "TransactionInProgressException" ||
    name === "TransactionConflictException"
  ) {
    return new CommitContended("the items are held by another transaction", {
      cause: error,
    });
  }
  return error;
};

/** Backoff with full jitter, 25 ms doubling, for what DynamoDB asks to be sent again. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) =>
    setTimeout(resolve, Math.random() * 25 * 2 ** Math.min(attempt, 6)),
  );
