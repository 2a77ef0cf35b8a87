import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
  type TransactWriteItemsCommandInput,
  type QueryCommandInput,
  type PutItemCommandInput,
  type BatchWriteItemCommandInput,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { randomUUID } from "node:crypto";
import { sizeOf } from "../functions/store/table.ts";
import { tables } from "./dynamodb.ts";

const senders = {
  BatchGetItemCommand: (client: DynamoDBClient, input: object) =>
    client.send(new BatchGetItemCommand(input as BatchGetItemCommandInput)),
  BatchWriteItemCommand: (client: DynamoDBClient, input: object) =>
    client.send(new BatchWriteItemCommand(input as BatchWriteItemCommandInput)),
  PutItemCommand: (client: DynamoDBClient, input: object) =>
    client.send(new PutItemCommand(input as PutItemCommandInput)),
  QueryCommand: (client: DynamoDBClient, input: object) =>
    client.send(new QueryCommand(input as QueryCommandInput)),
  TransactWriteItemsCommand: (client: DynamoDBClient, input: object) =>
    client.send(
      new TransactWriteItemsCommand(input as TransactWriteItemsCommandInput),
    ),
};
type Name = keyof typeof senders;
type Input = Readonly<Record<string, unknown>>;
type Marshalled = Record<string, AttributeValue>;

/** A command as a client sent it. */
export interface Sent {
  readonly name: Name;
  readonly input: Input;
  /** Commands of one wave were under way together. */
  readonly wave: number;
  units: number;
}

export interface Tap {
  /** What was sent since the last call. */
  take(): readonly Sent[];
  /** From now on DynamoDB is asked what each command costs. */
  countUnits(): void;
}

interface Consumed {
  readonly CapacityUnits?: number;
}

/**
 * As reported; of a transaction DynamoDB Local reports one item of each table only, so those are counted by DynamoDB's
 * rule: two units for each item and started KB.
 */
const unitsOf = (input: Input, output: object): number => {
  const { TransactItems } = input as {
    TransactItems?: readonly { Put?: { Item: Marshalled } }[];
  };
  if (TransactItems !== undefined)
    return TransactItems.reduce((sum, { Put }) => {
      const bytes = Put === undefined ? 0 : sizeOf(unmarshall(Put.Item));
      return sum + 2 * Math.max(1, Math.ceil(bytes / 1024));
    }, 0);
  const { ConsumedCapacity } = output as {
    ConsumedCapacity?: Consumed | Consumed[];
  };
  return [ConsumedCapacity ?? []]
    .flat()
    .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
};

/** Listens to what a client sends. */
export const tapped = (client: DynamoDBClient): Tap => {
  let sent: Sent[] = [];
  let [wave, underWay] = [0, 0];
  let counts = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!isKnown(commandName))
          throw new Error(`the replay knows no ${String(commandName)}`);
        if (underWay === 0) wave += 1;
        const one: Sent = {
          name: commandName,
          input: args.input as Input,
          wave,
          units: 0,
        };
        sent.push(one);
        underWay += 1;
        try {
          const result = await next(
            counts
              ? {
                  ...args,
                  input: { ...args.input, ReturnConsumedCapacity: "TOTAL" },
                }
              : args,
          );
          if (counts) one.units = unitsOf(one.input, result.output);
          return result;
        } finally {
          underWay -= 1;
        }
      },
    { step: "initialize", name: "tap" },
  );
  return {
    take: () => {
      const taken = sent;
      sent = [];
      return taken;
    },
    countUnits: () => {
      counts = true;
    },
  };
};

/**
 * The same commands for a second pair of tables, made ready before the clock starts: replayed in order they meet the same
 * items, sizes and conditions that the handler met.
 */
export const replay = (
  client: DynamoDBClient,
  taken: readonly Sent[],
): (() => Promise<void>) => {
  const waves = [...Map.groupBy(taken, ({ wave }) => wave).values()].map(
    (wave) => wave.map(({ name, input }) => ({ name, input: renamed(input) })),
  );
  return async () => {
    for (const wave of waves)
      await Promise.all(
        wave.map(({ name, input }) => senders[name](client, input)),
      );
  };
};

const isKnown = (name: string | undefined): name is Name =>
  name !== undefined && Object.hasOwn(senders, name);

const names: Readonly<Record<string, string>> = {
  [tables.ours.records]: tables.bare.records,
  [tables.ours.keys]: tables.bare.keys,
};

const renamed = (input: Input): Input => {
  const { TableName, RequestItems, TransactItems, ...rest } = input as {
    TableName?: string;
    RequestItems?: Input;
    TransactItems?: readonly Readonly<Record<string, Input>>[];
  };
  const other = (name: unknown): string => names[String(name)] ?? String(name);
  return {
    ...rest,
    ...(TableName !== undefined && { TableName: other(TableName) }),
    ...(RequestItems !== undefined && {
      RequestItems: Object.fromEntries(
        Object.entries(RequestItems).map(([name, items]) => [
          other(name),
          items,
        ]),
      ),
    }),
    ...(TransactItems !== undefined && {
      ClientRequestToken: randomUUID(),
      TransactItems: TransactItems.map((item) =>
        Object.fromEntries(
          Object.entries(item).map(([kind, write]) => [
            kind,
            { ...write, TableName: other(write.TableName) },
          ]),
        ),
      ),
    }),
  };
};

/** `TransactWriteItems(8)`. */
export const described = ({ name, input }: Sent): string => {
  const { RequestItems, TransactItems } = input as {
    RequestItems?: Record<string, { Keys?: unknown[] } | unknown[]>;
    TransactItems?: unknown[];
  };
  const count =
    TransactItems?.length ??
    Object.values(RequestItems ?? {}).reduce(
      (sum, items) =>
        sum + (Array.isArray(items) ? items : (items.Keys ?? [])).length,
      0,
    );
  const label = name.slice(0, -"Command".length);
  return count > 0 ? `${label}(${count})` : label;
};
