import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { localKeyProvider } from "../test/record.ts";
import { answerWith, type Options } from "./child.ts";
import { dynamoDbLocal, tables } from "./dynamodb.ts";
import {
  environments,
  expected,
  requestsWith,
  type Handler,
} from "./front-desk.ts";
import { kindsOf, type Kind } from "./kinds.ts";
import { progress } from "./progress.ts";
import type { Asked, OperationResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { compared } from "./statistics.ts";
import { described, replay, tapped, type Sent, type Tap } from "./tap.ts";

/** Each kind of request through the whole handler, every sample followed by the same commands sent bare. */
const measureOperations = async ({
  quick,
}: Options): Promise<readonly OperationResult[]> => {
  const [warmUp, samples] = quick ? [5, 20] : [150, 400];
  const local = await dynamoDbLocal();
  const cognito = await signIn();
  try {
    const { endpoint } = local;
    const client = new DynamoDBClient({ endpoint });
    const bare = new DynamoDBClient({ endpoint });
    const tap = tapped(client);
    const environment = environments(client, tables.ours, {
      provider: localKeyProvider(),
      cognito,
    });
    const handler = environment();
    const mirrored = (): (() => Promise<void>) => replay(bare, tap.take());
    const kinds = await kindsOf(
      requestsWith(cognito.token("nurse-1", ["nurse", "manager"])),
      async (event) => {
        const { id } = expected(await handler(event), 201);
        await mirrored()();
        return id;
      },
    );
    const times = kinds.map((kind) => ({
      ...kind,
      ours: [] as number[],
      bare: [] as number[],
    }));
    const tell = progress("operations", warmUp + samples);
    for (let round = 0; round < warmUp + samples; round += 1) {
      for (const kind of times) {
        const event = kind.request(round);
        const [ours, answer] = await timed(() => handler(event));
        kind.seen?.(expected(answer, kind.status).id);
        const [alone] = await timed(mirrored());
        if (round < warmUp) continue;
        kind.ours.push(ours);
        kind.bare.push(alone);
      }
      tell(round + 1);
    }
    tap.countUnits();
    const first = await askedBy(kinds, warmUp + samples, tap, environment);
    const warm = await askedBy(kinds, warmUp + samples + 1, tap, () => handler);
    for (const one of [client, bare]) one.destroy();
    return times.map((kind, index) => ({
      name: kind.name,
      comparison: compared(kind),
      first: first[index] ?? nothing,
      warm: warm[index] ?? nothing,
    }));
  } finally {
    cognito.stop();
    await local.stop();
  }
};

const nothing: Asked = { commands: [], units: 0 };

const timed = async <R>(run: () => Promise<R>): Promise<[number, R]> => {
  const started = performance.now();
  const result = await run();
  return [performance.now() - started, result];
};

/** What one round asks of DynamoDB. */
const askedBy = async (
  kinds: readonly Kind[],
  round: number,
  tap: Tap,
  environment: () => Handler,
): Promise<readonly Asked[]> => {
  const all: Asked[] = [];
  for (const { request, status, seen } of kinds) {
    const answer = await environment()(request(round));
    seen?.(expected(answer, status).id);
    all.push(asked(tap.take()));
  }
  return all;
};

const asked = (sent: readonly Sent[]): Asked => ({
  commands: sent.map(described),
  units: sent.reduce((sum, { units }) => sum + units, 0),
});

answerWith(measureOperations);
