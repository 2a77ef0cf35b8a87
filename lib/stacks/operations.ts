import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { Alarms } from "../constructs/alarms.ts";
import { Dashboard } from "../constructs/dashboard.ts";
import { Topic } from "../constructs/topic.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";
import { watchedIn } from "../watched.ts";

export interface OperationsStackProps extends OrganizationStackProps {
  /** The stage whose functions, journeys and queues are watched. */
  readonly stage: Construct;
}

/** What people look at, and what calls them. */
export class OperationsStack extends OrganizationStack {
  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props);
    const topic = new Topic(this, "AlarmTopic", {
      name: "alarms",
      publisher: "cloudwatch.amazonaws.com",
    });
    for (const operator of this.organization.operators)
      topic.addSubscription(new EmailSubscription(operator));
    const watched = watchedIn(stage);
    new Alarms(this, "Alarms", { watched, topic });
    new Dashboard(this, "Dashboard", watched);
  }
}
