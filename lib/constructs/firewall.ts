import { ArnFormat } from "aws-cdk-lib";
import type { Stage } from "aws-cdk-lib/aws-apigateway";
import {
  CfnLoggingConfiguration,
  CfnWebACL,
  CfnWebACLAssociation,
} from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import { LogGroup } from "./log-group.ts";

export interface FirewallProps {
  readonly stage: Stage;
  /** Requests that one address may make in five minutes. */
  readonly perAddress: number;
}

interface ManagedRules {
  readonly name: string;
  /** Rules that are counted instead of enforced. */
  readonly counted?: readonly string[];
}

const managed: readonly ManagedRules[] = [
  { name: "AWSManagedRulesAmazonIpReputationList" },
  {
    name: "AWSManagedRulesCommonRuleSet",
    // FHIR bodies are larger than 8 KB, and narratives are XHTML with links.
    counted: [
      "SizeRestrictions_BODY",
      "CrossSiteScripting_BODY",
      "GenericRFI_BODY",
    ],
  },
  { name: "AWSManagedRulesKnownBadInputsRuleSet" },
];

/** The web ACL in front of an API stage. Its log carries neither queries nor credentials. */
export class Firewall extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage, perAddress }: FirewallProps,
  ) {
    super(scope, id);
    const stack = OrganizationStack.of(this);
    const seen = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      metricName,
      cloudWatchMetricsEnabled: true,
      // A sampled request would show its query in the console.
      sampledRequestsEnabled: false,
    });
    const acl = new CfnWebACL(this, "Acl", {
      name: stack.named("api"),
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: seen("api"),
      rules: [
        {
          name: "TooMuchFromOneAddress",
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: { limit: perAddress, aggregateKeyType: "IP" },
          },
          visibilityConfig: seen("TooMuchFromOneAddress"),
        },
        ...managed.map(({ name, counted = [] }, index) => ({
          name,
          priority: index + 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: {
              vendorName: "AWS",
              name,
              ruleActionOverrides: counted.map((rule) => ({
                name: rule,
                actionToUse: { count: {} },
              })),
            },
          },
          visibilityConfig: seen(name),
        })),
      ],
    });
    new CfnWebACLAssociation(this, "Association", {
      webAclArn: acl.attrArn,
      resourceArn: stage.stageArn,
    });
    const logGroupName = `aws-waf-logs-${stack.named("api")}`;
    const logging = new CfnLoggingConfiguration(this, "Logging", {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [
        stack.formatArn({
          service: "logs",
          resource: "log-group",
          resourceName: logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [
        { queryString: {} },
        { singleHeader: { Name: "authorization" } },
        { singleHeader: { Name: "cookie" } },
      ],
    });
    logging.node.addDependency(new LogGroup(this, "Logs", logGroupName));
  }
}
