import { Duration, Validations } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Bucket, ObjectLockRetention } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import { privateBucket } from "./private-bucket.ts";
import type { ServiceFunction } from "./service-function.ts";

export interface ArchiveProps {
  readonly key: IKey;
}

/**
 * Where nothing is changed or removed before its time, by nobody: Object Lock in compliance mode. A throw-away
 * organization's archive is locked for a day, and whoever may bypass governance can clear it.
 */
export class Archive extends Bucket {
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key }: ArchiveProps) {
    const { organization, removalPolicy } = OrganizationStack.of(scope);
    const { auditYears } = organization.retention;
    const kept = Duration.days(Math.ceil(auditYears * 365.25));
    super(scope, id, {
      ...privateBucket(key),
      objectLockEnabled: true,
      objectLockDefaultRetention: organization.disposable
        ? ObjectLockRetention.governance(Duration.days(1))
        : ObjectLockRetention.compliance(kept),
      lifecycleRules: [
        {
          expiration: kept,
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy,
    });
    this.#key = key;
    this.#refuse("WritesOverWhatIsThere", ["s3:PutObject"], {
      Null: { "s3:if-none-match": "true" },
    });
    // A delete marker hides what the lock keeps. What expires is removed by S3 itself, which no policy binds.
    if (!organization.disposable)
      this.#refuse("Removals", ["s3:DeleteObject", "s3:DeleteObjectVersion"]);
    Validations.of(this).acknowledge(
      {
        id: "HIPAA.Security-S3BucketLoggingEnabled",
        reason:
          "Three functions come here: one adds, one signs, one reads; whatever else anybody did shows when the archive is verified.",
      },
      {
        id: "HIPAA.Security-S3BucketReplicationEnabled",
        reason:
          "One region holds the record and its archive alike; whoever wants a copy outside the account syncs one, which verifies by itself.",
      },
    );
  }

  /** Lets a function add objects, read them or, to sign them, both; nobody may do more. */
  open(to: ServiceFunction, access: "add" | "read" | "sign"): ServiceFunction {
    const { region } = OrganizationStack.of(to);
    const [adds, reads] = [access !== "read", access !== "add"];
    to.know({ ARCHIVE_BUCKET: this.bucketName });
    if (adds)
      to.allow(
        ["s3:PutObject"],
        // Who adds facts signs nothing, and who signs adds no facts.
        (access === "add" ? ["facts"] : ["links", "roots", "keys"]).map(
          (folder) => this.arnForObjects(`${folder}/*`),
        ),
      );
    if (reads) to.allow(["s3:GetObject"], [this.arnForObjects("*")]);
    if (reads) to.allow(["s3:ListBucket"], [this.bucketArn]);
    return to.allow(
      [
        ...(adds ? ["kms:GenerateDataKey"] : []),
        ...(reads ? ["kms:Decrypt"] : []),
      ],
      [this.#key.keyArn],
      { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
    );
  }

  #refuse(
    sid: string,
    actions: readonly string[],
    conditions: Record<string, Record<string, string>> = {},
  ): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: `Refuse${sid}`,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [...actions],
        resources: [this.arnForObjects("*")],
        conditions,
      }),
    );
  }
}
