import { describe, expect, it } from "vitest";
import { allResources } from "../synthesized.ts";

export const hipaa = (): void => {
  describe("the HIPAA pack", () => {
    const acknowledged = () =>
      allResources().flatMap((resource) => resource.acknowledged);

    it("was answered with these exceptions only", () => {
      expect(new Set(acknowledged().map(({ id }) => id))).toEqual(
        new Set([
          "CloudFormation-Validate::W3696",
          "HIPAA.Security-APIGWCacheEnabledAndEncrypted",
          "HIPAA.Security-APIGWSSLEnabled",
          "HIPAA.Security-LambdaConcurrency",
          "HIPAA.Security-LambdaDLQ",
          "HIPAA.Security-LambdaInsideVPC",
          "HIPAA.Security-S3BucketLoggingEnabled",
          "HIPAA.Security-S3BucketReplicationEnabled",
        ]),
      );
    });

    it("finds the reason of each exception in the template", () => {
      expect(acknowledged().filter(({ reason }) => reason.length < 60)).toEqual(
        [],
      );
    });
  });
};
