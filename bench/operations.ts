import { localKeyProvider } from "../test/record.ts";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { answerWith, type Options } from "./child.ts";
import { clientOf, dynamoDbLocal, tables } from "./dynamodb.ts";
import { environments, expected, requestsWith } from "./front-desk.ts";
import { kindsOf } from "./kinds.ts";
import { inPairs } from "./pairs.ts";
import type { OperationResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { replay, tapped } from "./tap.ts";

/** Each kind of request through the whole handler, every sample followed by the same commands sent bare. */
const measureOperations = async ({
  quick,
}: Options): Promise<readonly OperationResult[]> => {
  const [warmUp, samples] = quick ? [5, 20] : [150, 400];
  const local = await dynamoDbLocal();
  const cognito = await signIn();
  try {
    const { endpoint } = local;
    const client = clientOf(endpoint);
    const bare = clientOf(endpoint);
    const tap = tapped(client);
    const environment = environments(dynamoTable(client, tables.ours), {
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
    return await inPairs(
      "operations",
      kinds,
      { environment, tap, mirrored },
      { warmUp, samples },
    );
  } finally {
    cognito.stop();
    await local.stop();
  }
};

answerWith(measureOperations);
