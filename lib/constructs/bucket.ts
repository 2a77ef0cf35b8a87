import { Duration, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Bucket as CdkBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import { privateBucket } from "./private-bucket.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { Access } from "./table.ts";

export interface BucketProps {
  /** The environment variable through which functions learn its name. */
  readonly variable: string;
  readonly key: IKey;
  /** Days after which an object goes; for good unless told. */
  readonly keptDays?: number;
  /** Days for which what was removed or replaced can be brought back. */
  readonly recoveryDays: number;
}

/** Files under a key of the organization: nobody's but ours, over TLS only, restorable for a while. */
export class Bucket extends CdkBucket {
  readonly variable: string;
  readonly key: IKey;

  constructor(
    scope: Construct,
    id: string,
    { variable, key, keptDays, recoveryDays }: BucketProps,
  ) {
    const { removalPolicy } = OrganizationStack.of(scope);
    super(scope, id, {
      ...privateBucket(key),
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(recoveryDays),
          ...(keptDays !== undefined && {
            expiration: Duration.days(keptDays),
          }),
        },
      ],
      removalPolicy,
    });
    this.variable = variable;
    this.key = key;
    Validations.of(this).acknowledge(
      {
        id: "HIPAA.Security-S3BucketLoggingEnabled",
        reason:
          "Only our functions come here, and each access leaves a fact; a log of S3 would hold the signatures of links that are still valid.",
      },
      {
        id: "HIPAA.Security-S3BucketReplicationEnabled",
        reason:
          "One region holds the record and its files alike: a copy elsewhere could not be opened without the keys that are here.",
      },
    );
  }
}

/** Opens what objects of a bucket were before, to be counted or to be removed for good. */
export const openVersions = (
  { variable, bucketName, bucketArn }: Bucket,
  { to, access }: { readonly to: ServiceFunction; readonly access: Access },
): ServiceFunction => {
  to.know({ [variable]: bucketName }).allow(
    ["s3:ListBucketVersions"],
    [bucketArn],
  );
  return access === "write"
    ? to.allow(
        ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        [`${bucketArn}/*`],
      )
    : to;
};

/** Where files lie: bodies of documents, sealed by us, and what bulk exports and imports exchange. */
export interface Files {
  readonly documents: Bucket;
  readonly exchange: Bucket;
}

/** Opens a bucket to a function, and tells it the bucket's name. */
export const openBucket = (
  { variable, key, bucketName, bucketArn }: Bucket,
  { to, access }: { readonly to: ServiceFunction; readonly access: Access },
): ServiceFunction => {
  const { region } = OrganizationStack.of(to);
  const writes = access === "write";
  return (
    to
      .know({ [variable]: bucketName })
      // Without it S3 says "forbidden" of what is not there.
      .allow(["s3:ListBucket"], [bucketArn])
      .allow(
        [
          "s3:GetObject",
          ...(writes
            ? ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
            : []),
        ],
        [`${bucketArn}/*`],
      )
      .allow(
        ["kms:Decrypt", ...(writes ? ["kms:GenerateDataKey"] : [])],
        [key.keyArn],
        { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
      )
  );
};
