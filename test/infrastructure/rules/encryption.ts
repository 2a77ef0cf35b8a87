import { describe, expect, it } from "vitest";
import { acme, everyOne, ofType, some } from "../synthesized.ts";

export const encryption = (): void => {
  describe("encryption and retention", () => {
    it("keeps every log group under a key and for years", () => {
      everyOne("AWS::Logs::LogGroup", {
        KmsKeyId: some,
        RetentionInDays: acme.retention.logDays,
      });
    });

    it("rotates every key, but those that KMS cannot: keys that sign", () => {
      for (const { properties, stack } of ofType("AWS::KMS::Key"))
        expect(properties, stack).toMatchObject(
          properties.KeyUsage === "SIGN_VERIFY"
            ? { KeySpec: "ECC_NIST_P256" }
            : { EnableKeyRotation: true },
        );
    });

    it("locks the archive of facts for years where it is to stay, and for everybody", () => {
      const lockOf = (slug: string): unknown =>
        ofType("AWS::S3::Bucket", slug)
          .map(({ properties }) => properties)
          .filter(({ ObjectLockEnabled }) => ObjectLockEnabled === true)
          .map(({ ObjectLockConfiguration }) => ObjectLockConfiguration);
      const locked = (retention: object) => [
        {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: retention },
        },
      ];
      expect(acme.retention.auditYears).toBeGreaterThanOrEqual(6);
      expect(lockOf("acme")).toEqual(
        locked({ Mode: "COMPLIANCE", Days: 2557 }),
      );
      expect(lockOf("demo")).toEqual(locked({ Mode: "GOVERNANCE", Days: 1 }));
      const [policy] = ofType("AWS::S3::BucketPolicy", "acme/audit");
      const statements: unknown = expect.arrayContaining([
        expect.objectContaining({
          Effect: "Deny",
          Action: "s3:PutObject",
          Condition: { Null: { "s3:if-none-match": "true" } },
        }),
        expect.objectContaining({
          Effect: "Deny",
          Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        }),
      ]);
      expect(policy?.properties).toMatchObject({
        PolicyDocument: { Statement: statements },
      });
    });

    it("puts queues, topics and the bus under a key of the organization", () => {
      everyOne("AWS::SQS::Queue", { KmsMasterKeyId: some });
      everyOne("AWS::SNS::Topic", { KmsMasterKeyId: some });
      everyOne("AWS::Events::EventBus", { KmsKeyIdentifier: some });
    });

    it("keeps tables under a key, restorable, and protected where they are to stay", () => {
      const replica = {
        SSESpecification: { KMSMasterKeyId: some },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      };
      everyOne("AWS::DynamoDB::GlobalTable", {
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
        Replicas: [replica],
      });
      everyOne(
        "AWS::DynamoDB::GlobalTable",
        { Replicas: [{ DeletionProtectionEnabled: true }] },
        "acme",
      );
      for (const type of [
        "AWS::DynamoDB::GlobalTable",
        "AWS::KMS::Key",
        "AWS::Cognito::UserPool",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
      ]) {
        expect(
          new Set(
            ofType(type, "acme").map(({ deletionPolicy }) => deletionPolicy),
          ),
          type,
        ).toEqual(new Set(["Retain"]));
      }
    });

    it("lets nothing of the keys' table outlive its short recovery period", () => {
      const tables = ofType("AWS::DynamoDB::GlobalTable", "acme");
      const keys = tables.filter(({ logicalId }) =>
        logicalId.startsWith("Keys"),
      );
      expect(keys).toHaveLength(1);
      expect(keys[0]?.properties).toMatchObject({
        Replicas: [
          {
            PointInTimeRecoverySpecification: {
              RecoveryPeriodInDays: acme.retention.keyRecoveryDays,
            },
          },
        ],
      });
      expect(keys[0]?.properties).not.toHaveProperty("StreamSpecification");
      for (const { properties } of ofType("AWS::Backup::BackupSelection")) {
        const selection = JSON.stringify(properties);
        expect(selection).toContain('"Records');
        expect(selection).not.toContain('"Keys');
      }
    });

    it("keeps files under a key, restorable, and out of the public's reach", () => {
      everyOne("AWS::S3::Bucket", {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: "aws:kms",
                KMSMasterKeyID: some,
              },
            },
          ],
        },
        VersioningConfiguration: { Status: "Enabled" },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: {
          Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }],
        },
      });
    });

    it("forgets what was exchanged after two days", () => {
      const [exchange] = ofType("AWS::S3::Bucket", "acme").filter(
        ({ logicalId }) => logicalId.startsWith("Exchange"),
      );
      expect(exchange?.properties).toMatchObject({
        LifecycleConfiguration: {
          Rules: [
            {
              ExpirationInDays: 2,
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            },
          ],
        },
      });
    });

    it("refuses queues, topics and buckets without TLS", () => {
      const refusal = {
        Effect: "Deny",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      };
      for (const [policy, what] of [
        ["AWS::SQS::QueuePolicy", "AWS::SQS::Queue"],
        ["AWS::SNS::TopicPolicy", "AWS::SNS::Topic"],
        ["AWS::S3::BucketPolicy", "AWS::S3::Bucket"],
      ] as const) {
        const statements: unknown = expect.arrayContaining([
          expect.objectContaining(refusal),
        ]);
        everyOne(policy, { PolicyDocument: { Statement: statements } });
        expect(ofType(policy)).toHaveLength(ofType(what).length);
      }
    });
  });
};
