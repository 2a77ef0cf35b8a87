import type { IConstruct } from "constructs";
import { awsMetric } from "./constructs/metrics.ts";
import { Journey } from "./constructs/journey.ts";
import { DeadLetters } from "./constructs/queue.ts";
import { ServiceFunction } from "./constructs/service-function.ts";
import type { Metric } from "aws-cdk-lib/aws-cloudwatch";

/** Everything of a stage that operations watch, found in its tree, so that nothing new can be forgotten. */
export interface Watched {
  readonly functions: readonly ServiceFunction[];
  readonly journeys: readonly Journey[];
  readonly deadLetters: readonly DeadLetters[];
}

export const watchedIn = (stage: IConstruct): Watched => {
  const all = stage.node.findAll();
  return {
    functions: all.filter((part) => part instanceof ServiceFunction),
    journeys: all.filter((part) => part instanceof Journey),
    deadLetters: all.filter((part) => part instanceof DeadLetters),
  };
};

export const functionMetric = (
  { functionName }: ServiceFunction,
  name: string,
  statistic?: string,
): Metric =>
  awsMetric("AWS/Lambda", name, { FunctionName: functionName }, statistic);

export const journeyMetric = ({ arn }: Journey, name: string): Metric =>
  awsMetric("AWS/States", name, { StateMachineArn: arn });

export const deadLetterMetric = ({ name }: DeadLetters): Metric =>
  awsMetric(
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    { QueueName: name },
    "Maximum",
  );

/** Of the organization's REST API, by its name. */
export const apiMetric = (
  apiName: string,
  name: string,
  statistic?: string,
): Metric =>
  awsMetric(
    "AWS/ApiGateway",
    name,
    { ApiName: apiName, Stage: "v1" },
    statistic,
  );
