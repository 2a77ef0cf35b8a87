import { describe, expect, it } from "vitest";
import { acme, everyOne, ofType } from "../synthesized.ts";

export const edge = (): void => {
  describe("the edge", () => {
    it("speaks modern TLS only, traces and throttles", () => {
      everyOne("AWS::ApiGateway::RestApi", {
        SecurityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
        EndpointAccessMode: "STRICT",
        BinaryMediaTypes: ["*/*"],
      });
      everyOne("AWS::ApiGateway::Stage", {
        TracingEnabled: true,
        MethodSettings: [
          {
            ThrottlingRateLimit: 200,
            ThrottlingBurstLimit: 400,
            MetricsEnabled: true,
          },
        ],
      });
    });

    it("logs neither bodies nor queries nor ids", () => {
      for (const { properties } of ofType("AWS::ApiGateway::Stage")) {
        expect(properties.MethodSettings).toMatchObject([
          { DataTraceEnabled: false, LoggingLevel: "ERROR" },
        ]);
        expect(JSON.stringify(properties.MethodSettings)).not.toContain(
          '"CachingEnabled":true',
        );
        const { Format } = properties.AccessLogSetting as { Format: string };
        expect(Format).toContain("$context.resourcePath");
        expect(Format).not.toMatch(
          /\$context\.(path|identity|authorizer|requestOverride)|querystring/i,
        );
      }
    });

    it("stands behind a firewall whose log carries no query and no credentials", () => {
      expect(ofType("AWS::WAFv2::WebACLAssociation")).toHaveLength(2);
      everyOne("AWS::WAFv2::LoggingConfiguration", {
        RedactedFields: [
          { QueryString: {} },
          { SingleHeader: { Name: "authorization" } },
          { SingleHeader: { Name: "cookie" } },
        ],
      });
      expect(JSON.stringify(ofType("AWS::WAFv2::WebACL"))).not.toContain(
        '"SampledRequestsEnabled":true',
      );
    });

    it("sends e-mail over TLS only and tracks nobody", () => {
      everyOne("AWS::SES::ConfigurationSet", {
        DeliveryOptions: { TlsPolicy: "REQUIRE" },
      });
      for (const type of [
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
      ]) {
        expect(JSON.stringify(ofType(type))).not.toMatch(
          /"(open|click)"|TrackingOptions/i,
        );
      }
    });

    it("takes in only the receipts of its own number and configuration set", () => {
      const patterns = ofType("AWS::Events::Rule", "acme").map(
        // A schedule has none.
        ({ properties }) => JSON.stringify(properties.EventPattern ?? {}),
      );
      const naming = (source: string): readonly string[] =>
        patterns.filter((pattern) => pattern.includes(source));
      expect(naming("aws.sms-voice")).toEqual([
        expect.stringContaining(acme.sms.phoneNumber),
      ]);
      expect(naming("aws.ses")).toEqual([
        expect.stringContaining("sojourn-acme-email"),
      ]);
    });
  });
};
