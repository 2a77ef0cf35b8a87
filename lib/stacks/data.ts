import { CfnOutput, Duration } from "aws-cdk-lib";
import {
  BackupPlan,
  BackupPlanRule,
  BackupResource,
  BackupVault,
} from "aws-cdk-lib/aws-backup";
import { StreamViewType } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Schedule } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";
import { Bucket, type Files } from "../constructs/bucket.ts";
import { Key, type ServiceUse } from "../constructs/key.ts";
import type { PatientRecord } from "../constructs/patient-record.ts";
import { Table } from "../constructs/table.ts";
import {
  OrganizationStack,
  type Keys,
  type OrganizationStackProps,
} from "../organization-stack.ts";

const symmetric = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"];

/** The organization's keys, its record and files, and the record's backups. */
export class DataStack extends OrganizationStack {
  readonly keys: Keys;
  readonly record: PatientRecord;
  readonly files: Files;

  constructor(
    scope: Construct,
    id: string,
    props: Pick<OrganizationStackProps, "organization">,
  ) {
    super(scope, id, props);
    this.keys = this.#createKeys();
    this.record = this.#createRecord();
    this.files = this.#createFiles();
    this.#backUp(this.record.records);
    new CfnOutput(this, "RecordsTable", {
      value: this.record.records.tableName,
    });
    new CfnOutput(this, "KeysTable", { value: this.record.keys.tableName });
  }

  #createKeys(): Keys {
    const messagingServices = ["events", "sns", "sms-voice", "cloudwatch"].map(
      (name): ServiceUse => ({
        service: `${name}.amazonaws.com`,
        actions: symmetric,
      }),
    );
    return {
      records: new Key(this, "RecordsKey", {
        alias: "records",
        description:
          "The record at rest, its backups, and the organization keys that wrap the patients' keys",
      }),
      keys: new Key(this, "KeysKey", {
        alias: "keys",
        description:
          "The table of wrapped patient keys at rest; apart from the record, whose backups live longer",
      }),
      logs: new Key(this, "LogsKey", {
        alias: "logs",
        description: "Every log group",
        services: [
          {
            service: `logs.${this.region}.amazonaws.com`,
            actions: [
              "kms:Encrypt",
              "kms:Decrypt",
              "kms:ReEncryptFrom",
              "kms:ReEncryptTo",
              "kms:GenerateDataKey",
              "kms:DescribeKey",
            ],
            conditions: {
              ArnLike: {
                "kms:EncryptionContext:aws:logs:arn": this.formatArn({
                  service: "logs",
                  resource: "log-group",
                  resourceName: "*",
                }).replace("log-group/", "log-group:"),
              },
            },
          },
        ],
      }),
      messaging: new Key(this, "MessagingKey", {
        alias: "messaging",
        description: "Queues, topics and the event bus",
        services: messagingServices,
      }),
      journeys: new Key(this, "JourneysKey", {
        alias: "journeys",
        description: "Definitions and histories of journeys",
        services: [
          {
            service: "delivery.logs.amazonaws.com",
            actions: ["kms:Decrypt"],
            conditions: {
              StringEquals: {
                "kms:EncryptionContext:SourceArn": this.formatArn({
                  service: "logs",
                  resource: "*",
                }),
              },
            },
          },
        ],
      }),
    };
  }

  #createRecord(): PatientRecord {
    const write = ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"];
    const read = ["dynamodb:BatchGetItem"];
    return {
      records: new Table(this, "Records", {
        variable: "RECORDS_TABLE",
        key: this.keys.records,
        recoveryDays: 35,
        expires: "expires",
        stream: StreamViewType.NEW_IMAGE,
        actions: {
          read: [...read, "dynamodb:Query"],
          write: [
            ...read,
            "dynamodb:Query",
            ...write,
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
          ],
        },
      }),
      keys: new Table(this, "Keys", {
        variable: "KEYS_TABLE",
        key: this.keys.keys,
        recoveryDays: this.organization.retention.keyRecoveryDays,
        actions: {
          read: [...read, "dynamodb:ConditionCheckItem"],
          write: [...read, ...write],
        },
      }),
      dataKey: this.keys.records,
    };
  }

  #createFiles(): Files {
    const { records: key } = this.keys;
    return {
      documents: new Bucket(this, "Documents", {
        variable: "DOCUMENTS_BUCKET",
        key,
        recoveryDays: 35,
      }),
      exchange: new Bucket(this, "Exchange", {
        variable: "EXCHANGE_BUCKET",
        key,
        keptDays: 2,
        recoveryDays: 1,
      }),
    };
  }

  #backUp(records: Table): void {
    const vault = new BackupVault(this, "Vault", {
      encryptionKey: this.keys.records,
      removalPolicy: this.removalPolicy,
      blockRecoveryPointDeletion: !this.organization.disposable,
    });
    const plan = new BackupPlan(this, "Backups", { backupVault: vault });
    plan.addRule(
      new BackupPlanRule({
        ruleName: "daily",
        scheduleExpression: Schedule.cron({ hour: "5", minute: "0" }),
        deleteAfter: Duration.days(35),
      }),
    );
    plan.addRule(
      new BackupPlanRule({
        ruleName: "monthly",
        scheduleExpression: Schedule.cron({ day: "1", hour: "6", minute: "0" }),
        deleteAfter: Duration.days(365),
      }),
    );
    const role = new Role(this, "BackupRole", {
      assumedBy: new ServicePrincipal("backup.amazonaws.com"),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName(
          "service-role/AWSBackupServiceRolePolicyForBackup",
        ),
      ],
    });
    // The keys' table stays out for good: a backup of a key would outlive the patient's erasure.
    plan.addSelection("RecordsOnly", {
      resources: [BackupResource.fromDynamoDbTable(records)],
      role,
    });
  }
}
