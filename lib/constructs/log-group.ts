import { LogGroup as CdkLogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";

/** A log group under the organization's log key, kept as long as the organization says. */
export class LogGroup extends CdkLogGroup {
  constructor(scope: Construct, id: string, logGroupName: string) {
    const stack = OrganizationStack.of(scope);
    super(scope, id, {
      logGroupName,
      encryptionKey: stack.key("logs"),
      retention: stack.organization.retention.logDays,
      removalPolicy: stack.removalPolicy,
    });
  }
}
