import { Duration } from "aws-cdk-lib";
import {
  MathExpression,
  Metric,
  Stats,
  type IMetric,
} from "aws-cdk-lib/aws-cloudwatch";

const fiveMinutes = Duration.minutes(5);

/** A metric that AWS keeps of one of our resources, summed over five minutes unless told. */
export const awsMetric = (
  namespace: string,
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  statistic: string = Stats.SUM,
): Metric =>
  new Metric({
    namespace,
    metricName,
    dimensionsMap,
    statistic,
    period: fiveMinutes,
  });

/** Several metrics as one; what was not counted is nothing. */
export const total = (
  label: string,
  metrics: readonly IMetric[],
): MathExpression =>
  new MathExpression({
    label,
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(
      metrics.map((metric, index) => [`m${index}`, metric]),
    ),
    period: fiveMinutes,
  });

/** How often a fact of an organization happened, whatever channel or reason it carries. The only form that an alarm accepts. */
export const factCount = (
  slug: string,
  fact: string,
  period: Duration,
): MathExpression =>
  new MathExpression({
    label: fact,
    expression: `SELECT SUM(${fact}) FROM "Sojourn" WHERE service = '${slug}'`,
    usingMetrics: {},
    period,
  });

/** A line per channel or reason of a fact, by the hour, for graphs. */
export const factLines = (slug: string, fact: string): MathExpression =>
  new MathExpression({
    label: "",
    expression: `SEARCH('Namespace="Sojourn" MetricName="${fact}" service="${slug}"', 'Sum', 3600)`,
    usingMetrics: {},
    period: Duration.hours(1),
  });

/** One line for a fact, by the hour, for graphs. */
export const factSum = (
  slug: string,
  fact: string,
  label: string,
): MathExpression =>
  new MathExpression({
    label,
    expression: `SUM(SEARCH('Namespace="Sojourn" MetricName="${fact}" service="${slug}"', 'Sum', 3600))`,
    usingMetrics: {},
    period: Duration.hours(1),
  });
