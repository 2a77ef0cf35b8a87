import { LogGroup as CdkLogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Organization } from "../../functions/core/organization.ts";
import { OrganizationStack } from "../organization-stack.ts";

const retentions: Readonly<
  Record<Organization["retention"]["logDays"], RetentionDays>
> = {
  365: RetentionDays.ONE_YEAR,
  400: RetentionDays.THIRTEEN_MONTHS,
  545: RetentionDays.EIGHTEEN_MONTHS,
  731: RetentionDays.TWO_YEARS,
  1827: RetentionDays.FIVE_YEARS,
  2192: RetentionDays.SIX_YEARS,
  2557: RetentionDays.SEVEN_YEARS,
  3653: RetentionDays.TEN_YEARS,
};

/** A log group under the organization's log key, kept as long as the organization says. */
export class LogGroup extends CdkLogGroup {
  constructor(scope: Construct, id: string, logGroupName: string) {
    const stack = OrganizationStack.of(scope);
    super(scope, id, {
      logGroupName,
      encryptionKey: stack.key("logs"),
      retention: retentions[stack.organization.retention.logDays],
      removalPolicy: stack.removalPolicy,
    });
  }
}
