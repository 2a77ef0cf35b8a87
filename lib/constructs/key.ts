import { Duration } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key as CdkKey, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";

export interface ServiceUse {
  /** AWS service that encrypts on our behalf: `sns.amazonaws.com`. */
  readonly service: string;
  readonly actions: readonly string[];
  /** For this account's resources alone, unless told. */
  readonly conditions?: Readonly<Record<string, Record<string, string>>>;
}

export interface KeyProps {
  readonly description: string;
  readonly alias: string;
  /** Decided here once: a stack that uses the key never edits its policy. */
  readonly services?: readonly ServiceUse[];
  /** Signs (ECDSA on P-256) instead of encrypting; KMS rotates no such key. */
  readonly signs?: boolean;
}

/** A customer-managed key that rotates every year, unless it signs. */
export class Key extends CdkKey {
  constructor(
    scope: Construct,
    id: string,
    { description, alias, services = [], signs = false }: KeyProps,
  ) {
    const stack = OrganizationStack.of(scope);
    super(scope, id, {
      description,
      alias: stack.named(alias),
      enableKeyRotation: !signs,
      ...(signs && {
        keySpec: KeySpec.ECC_NIST_P256,
        keyUsage: KeyUsage.SIGN_VERIFY,
      }),
      removalPolicy: stack.removalPolicy,
      pendingWindow: Duration.days(stack.organization.disposable ? 7 : 30),
    });
    for (const { service, actions, conditions } of services) {
      this.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(service)],
          actions: [...actions],
          resources: ["*"],
          conditions: conditions ?? {
            StringEquals: { "aws:SourceAccount": stack.account },
          },
        }),
      );
    }
  }
}
