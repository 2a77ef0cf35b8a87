import {
  Alarm as CdkAlarm,
  ComparisonOperator,
  TreatMissingData,
  type IMetric,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";

export interface AlarmProps {
  /** What a patient or a nurse notices. */
  readonly errorImpact: string;
  readonly metric: IMetric;
  /** Rings above this value … */
  readonly above?: number;
  /** … or below this one, and where nothing at all is counted. */
  readonly below?: number;
  /** Periods of the metric in a row; one unless told. */
  readonly periods?: number;
  readonly topic: ITopic;
}

/** An alarm. Its title is its heading in docs/runbook.md. */
export class Alarm extends CdkAlarm {
  readonly title: string;

  constructor(
    scope: Construct,
    title: string,
    { errorImpact, metric, above = 0, below, periods = 1, topic }: AlarmProps,
  ) {
    super(scope, title, {
      alarmName: OrganizationStack.of(scope).named(anchor(title)),
      alarmDescription: `${title}. ${errorImpact} What to do: docs/runbook.md#${anchor(title)}`,
      metric,
      threshold: below ?? above,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData:
        below === undefined
          ? TreatMissingData.NOT_BREACHING
          : TreatMissingData.BREACHING,
    });
    this.title = title;
    const action = new SnsAction(topic);
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}

/** The fragment that a heading has on the rendered page. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
