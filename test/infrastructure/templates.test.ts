import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../functions/core/organization.ts";
import { anchor } from "../../lib/constructs/alarm.ts";
import { demo } from "../../organizations/demo.ts";
import {
  acme,
  anApp,
  resourcesOf,
  type Json,
  type Resource,
} from "./synthesized.ts";

let resources: readonly Resource[];

beforeAll(async () => {
  using app = await anApp([acme, demo]);
  resources = resourcesOf(app);
});

const ofType = (type: string, stage = ""): readonly Resource[] => {
  const found = resources.filter(
    (resource) => resource.type === type && resource.stack.startsWith(stage),
  );
  expect(found, `${type} in the templates`).not.toHaveLength(0);
  return found;
};

/** Of the resources of a type, those that break the rule; the failure names them. */
const breaking = (
  type: string,
  rule: (properties: Resource["properties"], resource: Resource) => boolean,
): readonly string[] =>
  ofType(type)
    .filter((resource) => !rule(resource.properties, resource))
    .map(({ stack, logicalId }) => `${stack}/${logicalId}`);

const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

interface Statement {
  readonly at: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly Json[];
}

const statementsOf = (
  type: string,
  documentOf: (properties: Resource["properties"]) => Json,
): readonly Statement[] =>
  ofType(type).flatMap(({ stack, logicalId, properties }) =>
    asList<Json>(documentOf(properties)?.Statement).map(
      ({ Effect, Action, Resource }) => ({
        at: `${stack}/${logicalId}`,
        effect: Effect,
        actions: asList<string>(Action),
        resources: asList<Json>(Resource),
      }),
    ),
  );

const granted = (): readonly Statement[] =>
  statementsOf(
    "AWS::IAM::ManagedPolicy",
    ({ PolicyDocument }) => PolicyDocument,
  );

describe("encryption and retention", () => {
  it("keeps every log group under a key and for years", () => {
    expect(
      breaking(
        "AWS::Logs::LogGroup",
        ({ KmsKeyId, RetentionInDays }) =>
          KmsKeyId !== undefined && RetentionInDays >= 365,
      ),
    ).toEqual([]);
  });

  it("rotates every key", () => {
    expect(
      breaking(
        "AWS::KMS::Key",
        ({ EnableKeyRotation }) => EnableKeyRotation === true,
      ),
    ).toEqual([]);
  });

  it("puts queues, topics and the bus under a key of the organization", () => {
    expect(
      breaking(
        "AWS::SQS::Queue",
        ({ KmsMasterKeyId }) => KmsMasterKeyId !== undefined,
      ),
    ).toEqual([]);
    expect(
      breaking(
        "AWS::SNS::Topic",
        ({ KmsMasterKeyId }) => KmsMasterKeyId !== undefined,
      ),
    ).toEqual([]);
    expect(
      breaking(
        "AWS::Events::EventBus",
        ({ KmsKeyIdentifier }) => KmsKeyIdentifier !== undefined,
      ),
    ).toEqual([]);
  });

  it("keeps tables under a key, restorable, and protected where they are to stay", () => {
    const isSafe = ({ SSESpecification, Replicas: [replica] }: Json): boolean =>
      SSESpecification.SSEType === "KMS" &&
      replica.SSESpecification.KMSMasterKeyId !== undefined &&
      replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled ===
        true;
    expect(breaking("AWS::DynamoDB::GlobalTable", isSafe)).toEqual([]);
    for (const { properties, deletionPolicy } of ofType(
      "AWS::DynamoDB::GlobalTable",
      "acme",
    )) {
      expect(properties["Replicas"][0].DeletionProtectionEnabled).toBe(true);
      expect(deletionPolicy).toBe("Retain");
    }
  });

  it("lets nothing of the keys' table outlive its short recovery period", () => {
    const [keys, ...others] = ofType(
      "AWS::DynamoDB::GlobalTable",
      "acme",
    ).filter(({ logicalId }) => logicalId.startsWith("Keys"));
    expect(others).toEqual([]);
    expect(keys?.properties["StreamSpecification"]).toBeUndefined();
    expect(
      keys?.properties["Replicas"][0].PointInTimeRecoverySpecification
        .RecoveryPeriodInDays,
    ).toBe(acme.retention.keyRecoveryDays);
    for (const { properties } of ofType("AWS::Backup::BackupSelection")) {
      const selected = JSON.stringify(properties["BackupSelection"].Resources);
      expect(selected).toContain("Records");
      expect(selected).not.toContain("Keys");
    }
  });

  it("refuses queues and topics without TLS", () => {
    for (const type of ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"]) {
      const refuses = ({ PolicyDocument }: Json): boolean =>
        asList<Json>(PolicyDocument.Statement).some(
          ({ Effect, Condition }) =>
            Effect === "Deny" &&
            Condition?.Bool?.["aws:SecureTransport"] === "false",
        );
      expect(breaking(type, refuses)).toEqual([]);
    }
    expect(ofType("AWS::SQS::QueuePolicy")).toHaveLength(
      ofType("AWS::SQS::Queue").length,
    );
    expect(ofType("AWS::SNS::TopicPolicy")).toHaveLength(
      ofType("AWS::SNS::Topic").length,
    );
  });
});

describe("functions and queues", () => {
  it("runs every function on Node 24 and arm64, traced, with a log group of its own", () => {
    const isOurs = ({
      Runtime,
      Architectures,
      TracingConfig,
      LoggingConfig,
      Handler,
    }: Json): boolean =>
      Runtime === "nodejs24.x" &&
      Architectures[0] === "arm64" &&
      TracingConfig.Mode === "Active" &&
      LoggingConfig.LogGroup !== undefined &&
      /^(api|tasks|events)\/[a-z-]+\.handler$/.test(Handler);
    expect(breaking("AWS::Lambda::Function", isOurs)).toEqual([]);
  });

  it("deploys one bundle, whatever the number of functions and organizations", () => {
    const assets = new Set(
      ofType("AWS::Lambda::Function").map(
        ({ properties }) => properties["Code"].S3Key as string,
      ),
    );
    expect(assets.size).toBe(1);
  });

  it("gives every queue its dead letters, and every stream an end to its retries", () => {
    expect(
      breaking(
        "AWS::SQS::Queue",
        ({ RedrivePolicy, QueueName }) =>
          RedrivePolicy !== undefined ||
          String(QueueName).endsWith("-dead-letters"),
      ),
    ).toEqual([]);
    const isBounded = ({
      EventSourceArn,
      DestinationConfig,
      MaximumRecordAgeInSeconds,
      FunctionResponseTypes,
    }: Json): boolean =>
      FunctionResponseTypes.includes("ReportBatchItemFailures") &&
      (!JSON.stringify(EventSourceArn).includes("Stream") ||
        (DestinationConfig.OnFailure.Destination !== undefined &&
          MaximumRecordAgeInSeconds > 0));
    expect(breaking("AWS::Lambda::EventSourceMapping", isBounded)).toEqual([]);
  });
});

describe("permissions", () => {
  it("grants named actions only", () => {
    expect(
      granted().filter(
        ({ effect, actions }) =>
          effect === "Allow" && actions.some((action) => action.includes("*")),
      ),
    ).toEqual([]);
  });

  it("never lets a role scan a table", () => {
    expect(
      granted().filter(({ actions }) => actions.includes("dynamodb:Scan")),
    ).toEqual([]);
  });

  it("asks for every resource only where AWS knows no narrower one", () => {
    const everywhere = granted()
      .filter(({ resources: on }) => on.includes("*"))
      .flatMap(({ actions }) => actions);
    const allowed =
      /^(xray:\w+|logs:(\w+LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|dynamodb:ListStreams)$/;
    expect(everywhere.filter((action) => !allowed.test(action))).toEqual([]);
  });

  it("puts no policy inside a role", () => {
    expect(resources.filter(({ type }) => type === "AWS::IAM::Policy")).toEqual(
      [],
    );
    expect(
      breaking("AWS::IAM::Role", ({ Policies }) => Policies === undefined),
    ).toEqual([]);
  });

  it("lets only the FHIR API seal new patients", () => {
    const keepers = granted().filter(
      ({ actions, resources: on }) =>
        actions.includes("dynamodb:PutItem") &&
        JSON.stringify(on).includes("GetAttKeys"),
    );
    expect(new Set(keepers.map(({ at }) => at.replace(/^\w+\//, "")))).toEqual(
      new Set([expect.stringMatching(/^api\/fhirPolicy/)]),
    );
  });
});

describe("identity", () => {
  it("asks everybody for a second factor and lets nobody sign up alone", () => {
    const isStrict = ({
      MfaConfiguration,
      AdminCreateUserConfig,
      UserPoolTier,
      Policies,
    }: Json): boolean =>
      MfaConfiguration === "ON" &&
      AdminCreateUserConfig.AllowAdminCreateUserOnly === true &&
      UserPoolTier === "PLUS" &&
      Policies.PasswordPolicy.MinimumLength >= 14;
    expect(breaking("AWS::Cognito::UserPool", isStrict)).toEqual([]);
  });

  it("has a group per role of staff", () => {
    expect(
      ofType("AWS::Cognito::UserPoolGroup", "acme")
        .map(({ properties }) => properties["GroupName"] as string)
        .sort(),
    ).toEqual([...roles].sort());
  });

  it("lets access tokens live ten minutes, and passwords in requests only where a deployment is thrown away", () => {
    expect(
      breaking(
        "AWS::Cognito::UserPoolClient",
        ({ AccessTokenValidity, TokenValidityUnits }) =>
          AccessTokenValidity === 10 &&
          TokenValidityUnits.AccessToken === "minutes",
      ),
    ).toEqual([]);
    const flows = ofType("AWS::Cognito::UserPoolClient", "acme").flatMap(
      ({ properties }) => asList<string>(properties["ExplicitAuthFlows"]),
    );
    expect(flows).not.toContain("ALLOW_ADMIN_USER_PASSWORD_AUTH");
    expect(flows).not.toContain("ALLOW_USER_PASSWORD_AUTH");
  });

  it("grants a clinic system the scopes that its organization gives it", () => {
    const system = ofType("AWS::Cognito::UserPoolClient", "acme").find(
      ({ properties }) =>
        properties["ClientName"] === "sojourn-acme-system-ehr",
    );
    expect(system?.properties["AllowedOAuthFlows"]).toEqual([
      "client_credentials",
    ]);
    expect(JSON.stringify(system?.properties["AllowedOAuthScopes"])).toContain(
      "/*.cruds",
    );
  });
});

describe("the edge", () => {
  it("speaks modern TLS only, traces, throttles, and logs neither bodies nor queries nor ids", () => {
    expect(
      breaking(
        "AWS::ApiGateway::RestApi",
        ({ SecurityPolicy }) =>
          SecurityPolicy === "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
      ),
    ).toEqual([]);
    for (const { properties } of ofType("AWS::ApiGateway::Stage")) {
      const [all] = properties["MethodSettings"];
      expect(all).toMatchObject({
        DataTraceEnabled: false,
        LoggingLevel: "ERROR",
        MetricsEnabled: true,
        ThrottlingRateLimit: 200,
      });
      expect(all.CachingEnabled).not.toBe(true);
      expect(properties["TracingEnabled"]).toBe(true);
      const format = properties["AccessLogSetting"].Format as string;
      expect(format).toContain("$context.resourcePath");
      expect(format).not.toMatch(
        /\$context\.(path|identity|authorizer|requestOverride|customDomain)|querystring/i,
      );
    }
  });

  it("stands behind a firewall whose log carries no query and no credentials", () => {
    expect(ofType("AWS::WAFv2::WebACLAssociation")).toHaveLength(2);
    const isDiscreet = ({ RedactedFields }: Json): boolean =>
      JSON.stringify(RedactedFields) ===
      JSON.stringify([
        { QueryString: {} },
        { SingleHeader: { Name: "authorization" } },
        { SingleHeader: { Name: "cookie" } },
      ]);
    expect(breaking("AWS::WAFv2::LoggingConfiguration", isDiscreet)).toEqual(
      [],
    );
    const isAttentive = ({ VisibilityConfig, Rules }: Json): boolean =>
      [
        VisibilityConfig,
        ...Rules.map((rule: Json) => rule.VisibilityConfig),
      ].every(({ SampledRequestsEnabled }) => SampledRequestsEnabled === false);
    expect(breaking("AWS::WAFv2::WebACL", isAttentive)).toEqual([]);
  });

  it("sends e-mail over TLS only and tracks nobody", () => {
    expect(
      breaking(
        "AWS::SES::ConfigurationSet",
        ({ DeliveryOptions, TrackingOptions }) =>
          DeliveryOptions.TlsPolicy === "REQUIRE" &&
          TrackingOptions === undefined,
      ),
    ).toEqual([]);
    const tracksNobody = ({ EventDestination }: Json): boolean =>
      !EventDestination.MatchingEventTypes.some((kind: string) =>
        ["open", "click"].includes(kind.toLowerCase()),
      );
    expect(
      breaking("AWS::SES::ConfigurationSetEventDestination", tracksNobody),
    ).toEqual([]);
  });

  it("takes in only the receipts of its own number and configuration set", () => {
    const patterns = ofType("AWS::Events::Rule", "acme").map(({ properties }) =>
      JSON.stringify(properties["EventPattern"]),
    );
    expect(
      patterns.filter((pattern) => pattern.includes("aws.sms-voice")),
    ).toEqual([expect.stringContaining(acme.sms.phoneNumber)]);
    expect(patterns.filter((pattern) => pattern.includes("aws.ses"))).toEqual([
      expect.stringContaining("sojourn-acme-email"),
    ]);
  });
});

describe("journeys", () => {
  it("keeps histories under a key, without data", () => {
    const isDiscreet = ({
      StateMachineType,
      EncryptionConfiguration,
      LoggingConfiguration,
      TracingConfiguration,
    }: Json): boolean =>
      StateMachineType === "STANDARD" &&
      EncryptionConfiguration.Type === "CUSTOMER_MANAGED_KMS_KEY" &&
      LoggingConfiguration.Level === "ALL" &&
      LoggingConfiguration.IncludeExecutionData === false &&
      TracingConfiguration.Enabled === true;
    expect(breaking("AWS::StepFunctions::StateMachine", isDiscreet)).toEqual(
      [],
    );
  });

  it("leaves no token of a definition open", () => {
    for (const { properties } of ofType("AWS::StepFunctions::StateMachine")) {
      const tokens = [
        ...String(properties["DefinitionString"]).matchAll(/\$\{(\w+)\}/g),
      ].map(([, token = ""]) => token);
      expect(tokens).not.toHaveLength(0);
      expect(new Set(tokens)).toEqual(
        new Set(Object.keys(properties["DefinitionSubstitutions"])),
      );
    }
  });
});

describe("names", () => {
  const named = [
    "QueueName",
    "TopicName",
    "FunctionName",
    "StateMachineName",
    "AlarmName",
    "LogGroupName",
    "UserPoolName",
    "ClientName",
    "ConfigurationSetName",
    "DashboardName",
    "AliasName",
    "Name",
  ];

  it("are made of the organization's slug and our own words", () => {
    const strange = resources.flatMap(({ stack, properties }) =>
      named.flatMap((property) => {
        const name: unknown = properties[property];
        return typeof name === "string" &&
          !/^(alias\/|aws-waf-logs-|\/aws\/vendedlogs\/states\/)?(sojourn-(acme|demo)-[a-z-]+|\/sojourn\/(acme|demo)\/[a-z-]+|live|system)$/.test(
            name,
          )
          ? [`${stack} ${property} ${name}`]
          : [];
      }),
    );
    expect(strange).toEqual([]);
  });

  it("of what keeps state do not change", () => {
    const stateful = [
      "AWS::DynamoDB::GlobalTable",
      "AWS::KMS::Key",
      "AWS::Cognito::UserPool",
      "AWS::Backup::BackupVault",
      "AWS::SMSVOICE::OptOutList",
    ];
    expect(
      resources
        .filter(
          ({ type, stack }) =>
            stateful.includes(type) && stack.startsWith("acme"),
        )
        .map(({ stack, logicalId }) => `${stack} ${logicalId}`)
        .sort(),
    ).toMatchInlineSnapshot(`
      [
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
      ]
    `);
  });
});

describe("environment", () => {
  const needs: Readonly<Record<string, readonly string[]>> = {
    records: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
    channels: [
      "SMS_ORIGINATION",
      "SMS_CONFIGURATION_SET",
      "EMAIL_FROM",
      "EMAIL_CONFIGURATION_SET",
      "PUSH_APPLICATION_ID",
    ],
    journeys: ["JOURNEYS"],
    liveAuthenticate: [
      "PATIENT_POOL_ID",
      "PATIENT_CLIENT_IDS",
      "STAFF_POOL_ID",
      "STAFF_CLIENT_IDS",
      "CLINIC_CLIENTS",
    ],
  };
  const always = [
    "ORGANIZATION",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
  ];

  /** What the entry's source takes of its dependencies, and the variables it names itself. */
  const neededBy = (handler: string): readonly string[] => {
    const source = readFileSync(
      `functions/${handler.replace(/\.handler$/, ".ts")}`,
      "utf8",
    );
    const taken = Object.entries(needs).flatMap(([dependency, variables]) =>
      new RegExp(`\\b${dependency}\\b`).test(source) ? variables : [],
    );
    const named = [...source.matchAll(/environment\("(\w+)"\)/g)].map(
      ([, name = ""]) => name,
    );
    return [...always, ...taken, ...named];
  };

  it("of a function is what its code reads, no more and no less", () => {
    for (const { properties } of ofType("AWS::Lambda::Function")) {
      expect(
        Object.keys(properties["Environment"].Variables).sort(),
        properties["Handler"],
      ).toEqual([...neededBy(properties["Handler"])].sort());
    }
  });

  it("stays under the 4 KB that Lambda allows", () => {
    for (const { properties } of ofType("AWS::Lambda::Function")) {
      // References become names and ARNs: 128 characters is more than any of them has.
      const text = JSON.stringify(
        properties["Environment"].Variables,
      ).replaceAll(
        /\{"(Fn::GetStackOutput|Fn::GetAtt|Fn::ImportValue|Ref)":.*?\}/g,
        "x".repeat(128),
      );
      expect(text.length, properties["Handler"]).toBeLessThan(4096);
    }
  });
});

describe("alarms", () => {
  const alarms = (): readonly Resource[] => [
    ...ofType("AWS::CloudWatch::Alarm", "demo"),
    ...ofType("AWS::CloudWatch::CompositeAlarm", "demo"),
  ];

  it("ring somewhere and say what a person notices", () => {
    for (const { properties } of alarms()) {
      expect(properties["AlarmActions"], properties["AlarmName"]).toHaveLength(
        1,
      );
      expect(properties["AlarmDescription"]).toMatch(
        /^.+\. .{20,}[.)] What to do: docs\/runbook\.md#[a-z-]+$/,
      );
    }
  });

  it("each have their heading in the runbook, and the reverse", () => {
    const headings = [
      ...readFileSync("docs/runbook.md", "utf8").matchAll(/^### (.+)$/gm),
    ].map(([, heading = ""]) => anchor(heading));
    const linked = alarms().map(
      ({ properties }) =>
        /#([a-z-]+)$/.exec(properties["AlarmDescription"])?.[1],
    );
    expect(headings.sort()).toEqual(linked.sort());
  });

  it("watch every function, every dead-letter queue and every journey", () => {
    const watched = JSON.stringify(alarms());
    const names = [
      ...ofType("AWS::Lambda::Function", "demo").map(
        ({ properties }) => properties["FunctionName"] as string,
      ),
      ...ofType("AWS::SQS::Queue", "demo")
        .map(({ properties }) => properties["QueueName"] as string)
        .filter((name) => name.endsWith("-dead-letters")),
      ...ofType("AWS::StepFunctions::StateMachine", "demo").map(
        ({ properties }) => properties["StateMachineName"] as string,
      ),
    ];
    expect(names.filter((name) => !watched.includes(name))).toEqual([]);
  });
});

describe("tasks", () => {
  it("are deployed one by one: each file with a handler is a token of some workflow", () => {
    const deployed = ofType("AWS::Lambda::Function", "demo").map(
      ({ properties }) => properties["Handler"] as string,
    );
    const files = ["api", "tasks", "events"].flatMap((room) =>
      readdirSync(`functions/${room}`)
        .filter((name) => name.endsWith(".ts"))
        .filter((name) =>
          /^export const handler\b/m.test(
            readFileSync(`functions/${room}/${name}`, "utf8"),
          ),
        )
        .map((name) => `${room}/${name.replace(/\.ts$/, "")}.handler`),
    );
    expect([...deployed].sort()).toEqual(files.sort());
  });
});
