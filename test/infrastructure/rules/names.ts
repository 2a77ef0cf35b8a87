import { describe, expect, it } from "vitest";
import { allResources } from "../synthesized.ts";

/** Names go to bills and diagnostic logs of AWS. */
const properties = [
  "AlarmName",
  "AliasName",
  "ClientName",
  "ConfigurationSetName",
  "DashboardName",
  "FunctionName",
  "LogGroupName",
  "Name",
  "QueueName",
  "StateMachineName",
  "TopicName",
  "UserPoolName",
];
const ours =
  /^((alias\/|aws-waf-logs-|\/aws\/vendedlogs\/states\/)?sojourn-(acme|demo)-[a-z-]+|\/sojourn\/(acme|demo)\/[a-z-]+|live|system)$/;

const stateful = [
  "AWS::Backup::BackupVault",
  "AWS::Cognito::UserPool",
  "AWS::DynamoDB::GlobalTable",
  "AWS::KMS::Key",
  "AWS::S3::Bucket",
  "AWS::SMSVOICE::OptOutList",
];

/** Another id here would be another table, key or pool, and an empty one. */
const pinned = [
  "acme/audit ArchiveDA4CB258",
  "acme/audit AuditKeyB2DBB069",
  "acme/audit RootsKey04C07244",
  "acme/data Documents7E5B2978",
  "acme/data Exchange6745BA1E",
  "acme/data JourneysKeyB0E35F54",
  "acme/data Keys4E30B592",
  "acme/data KeysKey6A759AB6",
  "acme/data LogsKeyA6AB43B2",
  "acme/data MessagingKey9A79A2B1",
  "acme/data Records091F6ECA",
  "acme/data RecordsKey31CDF3C4",
  "acme/data Vault23237E5B",
  "acme/engagement ChannelsOptOuts9F5FA30B",
  "acme/identity patientsE885E6D7",
  "acme/identity staff8D808B6E",
  "acme/journeys CertificatesKey2A64855A",
];

export const names = (): void => {
  describe("names", () => {
    it("are made of the organization's slug and our own words", () => {
      const given = allResources().flatMap((resource) =>
        properties.map((property) => resource.properties[property]),
      );
      const texts = given.filter((name) => typeof name === "string");
      expect(texts).not.toHaveLength(0);
      expect(texts.filter((name) => !ours.test(name))).toEqual([]);
    });

    it("of what keeps state do not change", () => {
      const kept = allResources().filter(
        ({ type, stack }) =>
          stateful.includes(type) && stack.startsWith("acme"),
      );
      expect(
        kept.map(({ stack, logicalId }) => `${stack} ${logicalId}`).sort(),
      ).toEqual(pinned);
    });
  });
};
