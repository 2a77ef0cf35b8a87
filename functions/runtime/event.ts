import middy from "@middy/core";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";
import { failing } from "./failing.ts";
import { powertoolsLog } from "./log.ts";

export interface Message<Body> {
  /** Of the queue's message or the stream's record: what a partial failure names. */
  readonly id: string;
  readonly body: Body;
}

const Sqs = z.object({
  eventSource: z.literal("aws:sqs"),
  messageId: z.string(),
  body: z.string(),
});
const Stream = z.object({
  eventSource: z.literal("aws:dynamodb"),
  dynamodb: z.object({
    SequenceNumber: z.string(),
    NewImage: z.record(z.string(), z.unknown()),
  }),
});
const Batch = z.object({ Records: z.array(z.union([Sqs, Stream])) });

interface Answer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** Consumes messages of a queue or records of the table's stream together; `handle` returns the ids that failed. */
export const batch = <Body>(
  schema: z.ZodType<Body>,
  handle: (messages: readonly Message<Body>[]) => Promise<readonly string[]>,
) =>
  middy<unknown, Answer>()
    .use(failing())
    .handler(async (event) => {
      const failed: string[] = [];
      const messages: Message<Body>[] = [];
      for (const record of Batch.parse(event).Records) {
        const id =
          record.eventSource === "aws:sqs"
            ? record.messageId
            : record.dynamodb.SequenceNumber;
        try {
          messages.push({ id, body: schema.parse(bodyOf(record)) });
        } catch (error) {
          powertoolsLog().error("MessageMalformed", { id }, error);
          failed.push(id);
        }
      }
      if (messages.length > 0) failed.push(...(await handle(messages)));
      return {
        batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
      };
    });

/** Consumes messages one by one, in order; one that throws is delivered again and in the end becomes a dead letter. */
export const event = <Body>(
  schema: z.ZodType<Body>,
  handle: (body: Body, message: { readonly id: string }) => Promise<void>,
) =>
  batch(schema, async (messages) => {
    const failed: string[] = [];
    for (const { id, body } of messages) {
      try {
        await handle(body, { id });
      } catch (error) {
        powertoolsLog().error("MessageFailed", { id }, error);
        failed.push(id);
      }
    }
    return failed;
  });

const bodyOf = (record: z.infer<typeof Batch>["Records"][number]): unknown =>
  record.eventSource === "aws:sqs"
    ? JSON.parse(record.body)
    : unmarshall(record.dynamodb.NewImage as Parameters<typeof unmarshall>[0]);
