import {
  AttributeType,
  TableEncryptionV2,
  TableV2,
  type StreamViewType,
} from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";

export type Access = "read" | "write";

export interface TableProps {
  /** The environment variable through which functions learn its name. */
  readonly variable: string;
  readonly key: IKey;
  /** Days back to which it can be restored. */
  readonly recoveryDays: number;
  /** The DynamoDB actions that each access needs; writing includes reading. */
  readonly actions: Readonly<Record<Access, readonly string[]>>;
  readonly expires?: string;
  readonly stream?: StreamViewType;
}

/** A table with `pk` and `sk`: on demand, under a key of the organization, restorable, protected from deletion. */
export class Table extends TableV2 {
  readonly variable: string;
  readonly key: IKey;
  readonly actions: TableProps["actions"];

  constructor(
    scope: Construct,
    id: string,
    { variable, key, recoveryDays, actions, expires, stream }: TableProps,
  ) {
    const { organization, removalPolicy } = OrganizationStack.of(scope);
    super(scope, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: recoveryDays,
      },
      deletionProtection: !organization.disposable,
      removalPolicy,
      ...(expires !== undefined && { timeToLiveAttribute: expires }),
      ...(stream !== undefined && { dynamoStream: stream }),
    });
    this.variable = variable;
    this.key = key;
    this.actions = actions;
  }
}
