import type { Construct } from "constructs";
import { Topic } from "../constructs/topic.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";

export class OperationsStack extends OrganizationStack {
  constructor(scope: Construct, id: string, props: OrganizationStackProps) {
    super(scope, id, props);
    new Topic(this, "Alarms", {
      name: "alarms",
      publisher: "cloudwatch.amazonaws.com",
    });
  }
}
