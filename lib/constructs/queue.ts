import { Duration } from "aws-cdk-lib";
import { Queue as CdkQueue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { OrganizationStack } from "../organization-stack.ts";
import type { ServiceFunction } from "./service-function.ts";

export interface DeadLettersProps {
  /** `receive-sms`: the consumer that gave up. */
  readonly label: string;
  /** What a patient or a nurse notices while messages lie here. */
  readonly errorImpact: string;
}

/** Where messages wait for a person, 14 days at most; operations alarms on the first one. */
export class DeadLetters extends CdkQueue {
  readonly label: string;
  readonly name: string;
  readonly errorImpact: string;

  constructor(
    scope: Construct,
    id: string,
    { label, errorImpact }: DeadLettersProps,
  ) {
    const stack = OrganizationStack.of(scope);
    const name = stack.named(`${label}-dead-letters`);
    super(scope, id, {
      queueName: name,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: stack.key("messaging"),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: stack.removalPolicy,
    });
    this.label = label;
    this.name = name;
    this.errorImpact = errorImpact;
  }
}

export interface QueueProps extends DeadLettersProps {
  readonly consumer: ServiceFunction;
  /** Deliveries of one message before it becomes a dead letter. */
  readonly attempts?: number;
}

/** A queue in front of one function, with its dead letters. */
export class Queue extends Construct {
  readonly queue: CdkQueue;
  readonly deadLetters: DeadLetters;

  constructor(
    scope: Construct,
    id: string,
    { label, errorImpact, consumer, attempts = 5 }: QueueProps,
  ) {
    super(scope, id);
    const stack = OrganizationStack.of(this);
    this.deadLetters = new DeadLetters(this, "DeadLetters", {
      label,
      errorImpact,
    });
    this.queue = new CdkQueue(this, "Queue", {
      queueName: stack.named(label),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: stack.key("messaging"),
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      // AWS asks for six times the consumer's timeout, so that a throttled consumer loses nothing.
      visibilityTimeout: Duration.seconds(
        6 * (consumer.lambda.timeout?.toSeconds() ?? 30),
      ),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: attempts },
      removalPolicy: stack.removalPolicy,
    });
    new EventSourceMapping(this, "Consumer", {
      target: consumer.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: 5,
    });
    consumer
      .allow(
        [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
        ],
        [this.queue.queueArn],
      )
      .allow(["kms:Decrypt"], [stack.key("messaging").keyArn]);
  }
}
