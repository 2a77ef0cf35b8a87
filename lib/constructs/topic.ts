import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic as CdkTopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";

export interface TopicProps {
  readonly name: string;
  /** The AWS service that publishes to it: `cloudwatch.amazonaws.com`. */
  readonly publisher: string;
}

/** A topic under the organization's messaging key that one AWS service of this account may publish to. */
export class Topic extends CdkTopic {
  constructor(scope: Construct, id: string, { name, publisher }: TopicProps) {
    const stack = OrganizationStack.of(scope);
    super(scope, id, {
      topicName: stack.named(name),
      masterKey: stack.key("messaging"),
      enforceSSL: true,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(publisher)],
        actions: ["sns:Publish"],
        resources: [this.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
      }),
    );
  }
}
