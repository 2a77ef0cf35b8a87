import { CfnOutput, Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";
import { Archive } from "../constructs/archive.ts";
import { Key } from "../constructs/key.ts";
import {
  openRecord,
  type PatientRecord,
} from "../constructs/patient-record.ts";
import { Queue } from "../constructs/queue.ts";
import { RecordStream } from "../constructs/record-stream.ts";
import { ServiceFunction } from "../constructs/service-function.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";

export interface AuditStackProps extends OrganizationStackProps {
  readonly record: PatientRecord;
}

/** Facts beyond anybody's reach: the archive, and the roots that show that nothing in it was changed. */
export class AuditStack extends OrganizationStack {
  readonly #archive: Archive;

  constructor(
    scope: Construct,
    id: string,
    { record, ...props }: AuditStackProps,
  ) {
    super(scope, id, props);
    this.#archive = new Archive(this, "Archive", {
      key: new Key(this, "AuditKey", {
        alias: "audit",
        description: "The archive of facts at rest",
      }),
    });
    this.#archiveFacts(record);
    this.#signRoots();
    this.#sumUpActivity(record);
    this.#reviewRetention(record);
    new CfnOutput(this, "ArchiveBucket", { value: this.#archive.bucketName });
  }

  #archiveFacts({ records }: PatientRecord): void {
    const archiveFacts = new ServiceFunction(this, "ArchiveFacts", {
      entry: "events/archive-facts",
      errorImpact:
        "Patients notice nothing; who looked at whose record is not yet beyond the reach of whoever may write to the table.",
      timeout: Duration.minutes(1),
    });
    this.#archive.open(archiveFacts, "add");
    new RecordStream(this, "NewFacts", {
      records,
      consumer: archiveFacts,
      batch: { facts: 1000, window: Duration.seconds(30) },
      // Nothing in a fact can be wrong, so whatever fails is tried until the stream forgets, after 24 hours.
      patience: Duration.hours(22),
    });
  }

  #signRoots(): void {
    const errorImpact =
      "Patients notice nothing; that the archive is unchanged cannot be shown for the hours that have no root.";
    const signRoots = new ServiceFunction(this, "SignRoots", {
      entry: "events/sign-roots",
      errorImpact,
      timeout: Duration.minutes(10),
      memory: 2048,
    });
    const key = new Key(this, "RootsKey", {
      alias: "roots",
      description: "Signs the hourly roots of the archive of facts",
      signs: true,
    });
    this.#archive
      .open(signRoots, "sign")
      .know({ ROOTS_KEY_ID: key.keyId })
      .allow(["kms:Sign", "kms:GetPublicKey"], [key.keyArn]);
    const { queue } = new Queue(this, "EndedHours", {
      label: "sign-roots",
      errorImpact,
      consumer: signRoots,
    });
    new Rule(this, "EveryHour", {
      description: "An hour of facts has ended and settled",
      schedule: Schedule.cron({ minute: "20" }),
      targets: [new SqsQueue(queue)],
    });
    new CfnOutput(this, "RootsKeyId", { value: key.keyId });
  }

  #reviewRetention(record: PatientRecord): void {
    const errorImpact =
      "Patients notice nothing; records that need not be kept any longer stay, and nobody is asked about them.";
    const reviewRetention = new ServiceFunction(this, "ReviewRetention", {
      entry: "events/review-retention",
      errorImpact,
      timeout: Duration.minutes(10),
      reserved: 1,
    });
    openRecord(record, { to: reviewRetention, keys: "read" });
    const { queue } = new Queue(this, "Months", {
      label: "review-retention",
      errorImpact,
      consumer: reviewRetention,
    });
    new Rule(this, "EveryMorning", {
      description: "Records may have come to the end of their time",
      schedule: Schedule.cron({ hour: "4", minute: "10" }),
      targets: [new SqsQueue(queue)],
    });
  }

  #sumUpActivity(record: PatientRecord): void {
    const errorImpact =
      "Patients notice nothing; the next review of staff's access lacks days.";
    const sumUpActivity = new ServiceFunction(this, "SumUpActivity", {
      entry: "events/sum-up-activity",
      errorImpact,
      timeout: Duration.minutes(10),
      memory: 2048,
      reserved: 1,
    });
    this.#archive.open(sumUpActivity, "read");
    openRecord(record, { to: sumUpActivity, keys: "read" });
    const { queue } = new Queue(this, "EndedDays", {
      label: "sum-up-activity",
      errorImpact,
      consumer: sumUpActivity,
    });
    new Rule(this, "EveryNight", {
      description: "A day of facts has ended and settled",
      schedule: Schedule.cron({ hour: "3", minute: "40" }),
      targets: [new SqsQueue(queue)],
    });
  }
}
