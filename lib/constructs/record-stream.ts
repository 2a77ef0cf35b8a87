import { Duration } from "aws-cdk-lib";
import { EventSourceMapping, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import { DeadLetters } from "./queue.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { Table } from "./table.ts";

export interface RecordStreamProps {
  readonly records: Table;
  readonly consumer: ServiceFunction;
  /** The most that it takes at once, and how long it waits for more; 100 at once unless told. */
  readonly batch?: { readonly facts: number; readonly window: Duration };
  /** How long what fails is tried again; ten times within six hours unless told. */
  readonly patience?: Duration;
}

/** New facts of the record, in their patient's order, to one function. */
export class RecordStream extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { records, consumer, batch, patience }: RecordStreamProps,
  ) {
    super(scope, id);
    const stack = OrganizationStack.of(this);
    const stream = records.tableStreamArn;
    if (stream === undefined)
      throw new Error(`${records.node.path} has no stream`);
    const deadLetters = new DeadLetters(this, "DeadLetters", {
      label: consumer.label.replace("events-", ""),
      errorImpact: consumer.errorImpact,
    });
    new EventSourceMapping(this, "Consumer", {
      target: consumer.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: batch?.facts ?? 100,
      ...(batch !== undefined && { maxBatchingWindow: batch.window }),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      ...(patience === undefined && { retryAttempts: 10 }),
      maxRecordAge: patience ?? Duration.hours(6),
      onFailure: new SqsDlq(deadLetters),
      filters: [
        {
          pattern: JSON.stringify({
            eventName: ["INSERT"],
            dynamodb: { Keys: { sk: { S: [{ prefix: "F#" }] } } },
          }),
        },
      ],
    });
    consumer
      .allow(
        [
          "dynamodb:DescribeStream",
          "dynamodb:GetRecords",
          "dynamodb:GetShardIterator",
        ],
        [stream],
      )
      .allow(["dynamodb:ListStreams"], ["*"])
      .allow(["kms:Decrypt"], [records.key.keyArn], {
        StringEquals: {
          "kms:ViaService": `dynamodb.${stack.region}.amazonaws.com`,
        },
      })
      .allow(["sqs:SendMessage"], [deadLetters.queueArn])
      .allow(
        ["kms:Decrypt", "kms:GenerateDataKey"],
        [stack.key("messaging").keyArn],
      );
  }
}
