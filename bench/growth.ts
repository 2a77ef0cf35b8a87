import {
  BatchWriteItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { memoryTable } from "../functions/store/memory-table.ts";
import type { Item, Table, TableName } from "../functions/store/table.ts";
import { localKeyProvider } from "../test/record.ts";
import { answerWith, type Options } from "./child.ts";
import { oneOfMany } from "./crowd.ts";
import { clientOf, dynamoDbLocal, tables } from "./dynamodb.ts";
import {
  byClinic,
  environments,
  expected,
  recordOf,
  requestsWith,
} from "./front-desk.ts";
import type { Kind } from "./kinds.ts";
import { inPairs } from "./pairs.ts";
import { progress } from "./progress.ts";
import type { GrowthResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { replay, tapped } from "./tap.ts";

type MemoryTable = ReturnType<typeof memoryTable>;

/**
 * The same requests in organizations of different sizes. All patients are made by the real store, in memory; the partitions
 * that the requests touch are then copied whole to DynamoDB Local, where they are measured.
 */
const measureGrowth = async ({ quick }: Options): Promise<GrowthResult> => {
  const sizes = quick ? [100, 400] : [1_000, 10_000, 100_000];
  const rounds = quick
    ? { warmUp: 2, samples: 5 }
    : { warmUp: 20, samples: 60 };
  const provider = localKeyProvider();
  const cognito = await signIn();
  const memory = memoryTable();
  const { records } = recordOf(memory, provider);
  const send = requestsWith(cognito.token("nurse-1", ["nurse", "manager"]));
  const all: GrowthResult["sizes"][number][] = [];
  const ids: string[] = [];
  const tell = progress("growth: patients", sizes.at(-1) ?? 0);
  try {
    for (const size of sizes) {
      while (ids.length < size) {
        const made = await records.change(byClinic, async (work) => {
          const some: string[] = [];
          for (let more = 0; more < 4; more += 1)
            some.push((await work.create(oneOfMany(ids.length + more))).id);
          return some;
        });
        ids.push(...made);
        tell(Math.min(size, ids.length));
      }
      const kinds = kindsOf(send, ids);
      const { table, touched } = watched(memory);
      const inMemory = environments(table, { provider, cognito })();
      for (const { request, status } of kinds)
        expected(await inMemory(request(0)), status);
      const local = await dynamoDbLocal();
      try {
        const { endpoint } = local;
        const client = clientOf(endpoint);
        const bare = clientOf(endpoint);
        await copied(memory, touched, bare);
        const tap = tapped(client);
        const operations = await inPairs(
          `growth: ${String(size)}`,
          kinds,
          {
            environment: environments(dynamoTable(client, tables.ours), {
              provider,
              cognito,
            }),
            tap,
            mirrored: () => replay(bare, tap.take()),
          },
          rounds,
        );
        all.push({ size, operations });
        for (const one of [client, bare]) one.destroy();
      } finally {
        await local.stop();
      }
    }
    return { sizes: all };
  } finally {
    cognito.stop();
  }
};

const form = "application/x-www-form-urlencoded";

const kindsOf = (
  send: ReturnType<typeof requestsWith>,
  ids: readonly string[],
): readonly Kind[] => {
  const middle = Math.floor(ids.length / 2);
  const id = ids[middle] ?? "";
  const {
    name: [name] = [],
    birthDate = "",
    telecom = [],
    gender,
  } = oneOfMany(middle);
  return [
    {
      name: "GET Patient/{id}",
      status: 200,
      request: () => send("GET", `/Patient/${id}`),
    },
    {
      name: "POST Patient",
      status: 201,
      request: (round) =>
        send("POST", "/Patient", oneOfMany(5_000_000 + ids.length + round)),
    },
    {
      name: "Patient by family name and birth date",
      status: 200,
      request: () =>
        send(
          "POST",
          "/Patient/_search",
          `family:exact=${name?.family ?? ""}&birthdate=${birthDate}`,
          form,
        ),
    },
    {
      name: "first page of all patients",
      status: 200,
      request: () => send("GET", "/Patient"),
    },
    {
      name: "Patient/{id}/$everything",
      status: 200,
      request: () => send("GET", `/Patient/${id}/$everything`),
    },
    {
      name: "Patient/$match",
      status: 200,
      request: () =>
        send("POST", "/Patient/$match", {
          resourceType: "Parameters",
          parameter: [
            {
              name: "resource",
              // The family name misspelt, as somebody at a desk hears it.
              resource: {
                resourceType: "Patient",
                name: [{ ...name, family: `${name?.family ?? ""}e` }],
                telecom,
                gender,
                birthDate,
              },
            },
          ],
        }),
    },
  ];
};

/** Notes the partitions that are read. */
const watched = (
  memory: MemoryTable,
): { readonly table: Table; readonly touched: ReadonlySet<string> } => {
  const touched = new Set<string>();
  return {
    touched,
    table: {
      ...memory,
      get: (places) => {
        for (const { pk } of places) touched.add(pk);
        return memory.get(places);
      },
      query: (range) => {
        touched.add(range.pk);
        return memory.query(range);
      },
    },
  };
};

/** No request reads further into a partition than this. */
const mostOfPartition = 2_000;

const copied = async (
  memory: MemoryTable,
  touched: ReadonlySet<string>,
  client: DynamoDBClient,
): Promise<void> => {
  const counts = new Map<string, number>();
  const writes: { readonly table: TableName; readonly item: Item }[] = [];
  for (const { table, ...item } of memory.dump()) {
    if (!touched.has(item.pk)) continue;
    const count = (counts.get(item.pk) ?? 0) + 1;
    counts.set(item.pk, count);
    if (count <= mostOfPartition) writes.push({ table, item });
  }
  for (const pair of [tables.ours, tables.bare])
    for (let at = 0; at < writes.length; at += 25)
      await client.send(
        new BatchWriteItemCommand({
          RequestItems: Object.fromEntries(
            [
              ...Map.groupBy(
                writes.slice(at, at + 25),
                ({ table }) => pair[table],
              ),
            ].map(([name, group]) => [
              name,
              group.map(({ item }) => ({
                PutRequest: {
                  Item: marshall(item, { removeUndefinedValues: true }),
                },
              })),
            ]),
          ),
        }),
      );
};

answerWith(measureGrowth);
