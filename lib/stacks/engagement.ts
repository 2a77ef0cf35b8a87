import { CfnOutput, Duration } from "aws-cdk-lib";
import {
  EventBus,
  Rule,
  Schedule,
  type EventPattern,
} from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { Channels } from "../constructs/channels.ts";
import {
  openRecord,
  type PatientRecord,
} from "../constructs/patient-record.ts";
import { DeadLetters, Queue } from "../constructs/queue.ts";
import { RecordStream } from "../constructs/record-stream.ts";
import { ServiceFunction } from "../constructs/service-function.ts";
import { Topic } from "../constructs/topic.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";
import { packedRegister } from "../vendors.ts";

export interface EngagementStackProps extends OrganizationStackProps {
  readonly record: PatientRecord;
}

/** What comes and goes between the record and the world: facts, messages, replies, receipts. */
export class EngagementStack extends OrganizationStack {
  readonly bus: EventBus;
  readonly channels: Channels;
  readonly #record: PatientRecord;

  constructor(
    scope: Construct,
    id: string,
    { record, ...props }: EngagementStackProps,
  ) {
    super(scope, id, props);
    this.#record = record;
    this.bus = this.#createBus();
    this.#publishFacts();
    const replies = new Topic(this, "Replies", {
      name: "replies",
      publisher: "sms-voice.amazonaws.com",
    });
    this.channels = new Channels(this, "Channels", { replies });
    this.#receiveSms(replies);
    this.#recordReceipts();
    this.#findDuplicates();
    this.#notifySubscribers();
    this.#reviewVendors();
    new CfnOutput(this, "EventBus", { value: this.bus.eventBusName });
    new CfnOutput(this, "RepliesTopicArn", { value: replies.topicArn });
  }

  #createBus(): EventBus {
    const deadLetters = new DeadLetters(this, "FactsDeadLetters", {
      label: "facts",
      errorImpact:
        "Journeys may not start or stop: patients get no confirmation, or reminders of a cancelled visit.",
    });
    const bus = new EventBus(this, "Facts", {
      eventBusName: this.named("facts"),
      description: "What happened in the record: ids only",
      kmsKey: this.key("messaging"),
      deadLetterQueue: deadLetters,
    });
    const fromBus = { ArnEquals: { "aws:SourceArn": bus.eventBusArn } };
    deadLetters.grantSendMessages(
      new ServicePrincipal("events.amazonaws.com", { conditions: fromBus }),
    );
    return bus;
  }

  #publishFacts(): void {
    const publishFacts = new ServiceFunction(this, "PublishFacts", {
      entry: "events/publish-facts",
      errorImpact:
        "Bookings and cancellations reach no journey: patients get no confirmation, or reminders of a cancelled visit.",
      timeout: Duration.minutes(1),
    })
      .know({ EVENT_BUS: this.bus.eventBusName })
      .allow(["events:PutEvents"], [this.bus.eventBusArn]);
    new RecordStream(this, "NewFacts", {
      records: this.#record.records,
      consumer: publishFacts,
    });
  }

  #receiveSms(replies: Topic): void {
    const errorImpact =
      "Patients' replies are not heard: a cancellation, a question or a STOP waits unseen.";
    const receiveSms = new ServiceFunction(this, "ReceiveSms", {
      entry: "events/receive-sms",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#record, { to: receiveSms, keys: "read" });
    this.channels.sentBy(receiveSms);
    const { queue } = new Queue(this, "ReceivedSms", {
      label: "receive-sms",
      errorImpact,
      consumer: receiveSms,
    });
    replies.addSubscription(
      new SqsSubscription(queue, { rawMessageDelivery: true }),
    );
  }

  #findDuplicates(): void {
    const errorImpact =
      "A patient who is in the record twice stays so unnoticed, each record with a part of what is known.";
    const findDuplicates = new ServiceFunction(this, "FindDuplicates", {
      entry: "events/find-duplicates",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#record, { to: findDuplicates, keys: "read" });
    const { queue } = new Queue(this, "ChangedPatients", {
      label: "find-duplicates",
      errorImpact,
      consumer: findDuplicates,
    });
    new Rule(this, "PatientChanges", {
      eventBus: this.bus,
      description: "Facts that may make two records alike",
      eventPattern: {
        source: ["sojourn"],
        detailType: ["PatientCreated", "PatientUpdated"],
      },
      targets: [new SqsQueue(queue)],
    });
  }

  #reviewVendors(): void {
    const errorImpact =
      "Nobody is told that an agreement with a vendor ends; from the day after, what goes through the vendor is not sent.";
    const reviewVendors = new ServiceFunction(this, "ReviewVendors", {
      entry: "events/review-vendors",
      errorImpact,
      reserved: 5,
    }).know({ VENDORS: packedRegister(this.organization.vendors) });
    openRecord(this.#record, { to: reviewVendors, keys: "read" });
    const { queue } = new Queue(this, "VendorReviews", {
      label: "review-vendors",
      errorImpact,
      consumer: reviewVendors,
    });
    new Rule(this, "EveryMorning", {
      description: "Time to look which agreements with vendors end",
      schedule: Schedule.cron({ hour: "11", minute: "0" }),
      targets: [new SqsQueue(queue)],
    });
  }

  #recordReceipts(): void {
    const errorImpact =
      "Nobody learns that a message did not arrive, and no other channel is tried.";
    const recordReceipt = new ServiceFunction(this, "RecordReceipt", {
      entry: "events/record-receipt",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#record, { to: recordReceipt, keys: "read" });
    const { queue } = new Queue(this, "Receipts", {
      label: "record-receipt",
      errorImpact,
      consumer: recordReceipt,
    });
    const patterns: Record<string, EventPattern> = {
      // The events name no configuration set; the sending number tells this organization's from others in the account.
      SmsReceipts: {
        source: ["aws.sms-voice"],
        detailType: ["Text Message Delivery Status Updated"],
        detail: { originationPhoneNumber: [this.organization.sms.phoneNumber] },
      },
      EmailReceipts: {
        source: ["aws.ses"],
        detail: {
          mail: {
            tags: {
              "ses:configuration-set": [this.channels.emailConfigurationSet],
            },
          },
        },
      },
    };
    for (const [name, eventPattern] of Object.entries(patterns)) {
      new Rule(this, name, { eventPattern, targets: [new SqsQueue(queue)] });
    }
  }

  /** Apart from everything that patients wait for: a slow endpoint holds up other endpoints at most. */
  #notifySubscribers(): void {
    const errorImpact =
      "Connected systems are not told of changes: they show staff and patients what was true before.";
    const deliver = new ServiceFunction(this, "DeliverNotification", {
      entry: "events/deliver-notification",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#record, { to: deliver, keys: "read" });
    const { queue, deadLetters } = new Queue(this, "Notifications", {
      label: "deliver-notification",
      errorImpact,
      consumer: deliver,
    });
    const find = new ServiceFunction(this, "NotifySubscribers", {
      entry: "events/notify-subscribers",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#record, { to: find, keys: "read" });
    find.know({
      CLIENT_SCOPES: JSON.stringify(
        Object.fromEntries(
          Object.entries(this.organization.clients).map(
            ([name, { scopes }]) => [name, scopes],
          ),
        ),
      ),
    });
    deliver.know({ NOTIFICATIONS_DEAD_LETTERS: deadLetters.queueUrl });
    for (const sender of [find, deliver]) {
      sender
        .know({ NOTIFICATIONS_QUEUE: queue.queueUrl })
        .allow(
          ["sqs:SendMessage"],
          [
            queue.queueArn,
            ...(sender === deliver ? [deadLetters.queueArn] : []),
          ],
        )
        .allow(
          ["kms:Decrypt", "kms:GenerateDataKey"],
          [this.key("messaging").keyArn],
        );
    }
    const { queue: changes } = new Queue(this, "Changes", {
      label: "notify-subscribers",
      errorImpact,
      consumer: find,
    });
    new Rule(this, "EveryChange", {
      eventBus: this.bus,
      description: "What subscribers may want to know of",
      eventPattern: { source: ["sojourn"] },
      targets: [new SqsQueue(changes)],
    });
  }
}
