import { CfnOutput, Duration, Validations } from "aws-cdk-lib";
import {
  AccessLogField,
  AccessLogFormat,
  ApiDefinition,
  CfnRestApi,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SecurityPolicy,
  SpecRestApi,
} from "aws-cdk-lib/aws-apigateway";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { routes } from "../../functions/api/routes.ts";
import { openBucket, type Files } from "../constructs/bucket.ts";
import type { Journey } from "../constructs/journey.ts";
import { Firewall } from "../constructs/firewall.ts";
import { LogGroup } from "../constructs/log-group.ts";
import {
  openRecord,
  type PatientRecord,
} from "../constructs/patient-record.ts";
import { ServiceFunction } from "../constructs/service-function.ts";
import { restApiDocument, type Area } from "../open-api.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";
import { packedRegister } from "../vendors.ts";
import type { IdentityStack } from "./identity.ts";

export interface ApiStackProps extends OrganizationStackProps {
  readonly record: PatientRecord;
  readonly files: Files;
  readonly identity: IdentityStack;
  readonly journeys: ReadonlyMap<string, Journey>;
}

const stageName = "v1";

const errorImpacts: Readonly<Record<Area, string>> = {
  fhir: "The portal, the console and clinic systems cannot read or change records; nobody can book.",
  bulk: "Whoever asked for a bulk export cannot learn how far it is, nor fetch or remove its files; nobody can hand records over in bulk.",
  privacy:
    "Nobody can open a record in an emergency; patients cannot learn who saw it, nor use their rights.",
  engagement:
    "Staff and patients cannot work with messages and journeys; the record itself is not affected.",
};

const privacyJourneys = ["erasure"];

/** The REST API: one function per area of `routes`. */
export class ApiStack extends OrganizationStack {
  constructor(
    scope: Construct,
    id: string,
    { record, files, identity, journeys, ...props }: ApiStackProps,
  ) {
    super(scope, id, props);
    const areas = new Set(Object.values(routes).map(({ area }) => area));
    const functions = new Map(
      [...areas].map((area) => [area, this.#serve(area, record, identity)]),
    );
    const fhir = functions.get("fhir");
    if (fhir !== undefined)
      openBucket(files.documents, {
        to: fhir.know({ SIGN_IN_URL: identity.signInUrl }),
        access: "write",
      });
    functions
      .get("privacy")
      ?.know({
        RECIPIENTS: JSON.stringify(this.organization.recipients),
        VENDORS: packedRegister(this.organization.vendors),
      })
      .allow(["cognito-idp:ListUsersInGroup"], [identity.staff.userPoolArn]);
    this.#exchange(functions, files, journeys);
    this.#startPrivacy(functions, journeys);
    const privacy = functions.get("privacy");
    if (privacy !== undefined)
      openBucket(files.documents, { to: privacy, access: "read" });
    const api = this.#createApi(functions, identity);
    for (const { lambda } of functions.values()) {
      lambda.addPermission("Api", {
        principal: new ServicePrincipal("apigateway.amazonaws.com"),
        sourceArn: api.arnForExecuteApi("*", "/*", stageName),
      });
    }
    new Firewall(this, "Firewall", {
      stage: api.deploymentStage,
      perAddress: 10_000,
    });
    new CfnOutput(this, "ApiId", { value: api.restApiId });
    new CfnOutput(this, "ApiStage", { value: stageName });
    new CfnOutput(this, "ApiUrl", { value: api.url });
  }

  #serve(
    area: Area,
    record: PatientRecord,
    identity: IdentityStack,
  ): ServiceFunction {
    const served = new ServiceFunction(this, area, {
      entry: `api/${area}`,
      errorImpact: errorImpacts[area],
      // API Gateway gives up after 29.
      timeout: Duration.seconds(28),
    });
    // Of the API, FHIR alone creates patients, and with them their keys.
    openRecord(record, {
      to: served,
      keys: area === "fhir" ? "write" : "read",
    });
    return identity.verifiedBy(served);
  }

  /** Journeys that the privacy area starts. */
  #startPrivacy(
    functions: ReadonlyMap<Area, ServiceFunction>,
    journeys: ReadonlyMap<string, Journey>,
  ): void {
    const privacy = functions.get("privacy");
    if (privacy === undefined) return;
    const started = privacyJourneys.flatMap((name) => journeys.get(name) ?? []);
    for (const journey of started) journey.startedBy(privacy);
    journeys.get("privacy-request")?.answeredBy(privacy);
    privacy.know({
      JOURNEYS: JSON.stringify(
        Object.fromEntries(started.map(({ label, arn }) => [label, arn])),
      ),
    });
  }

  /** Who asks for an export is answered by FHIR; only `bulk` can give its files to anybody, or end it. Imports are its own. */
  #exchange(
    functions: ReadonlyMap<Area, ServiceFunction>,
    { exchange }: Files,
    journeys: ReadonlyMap<string, Journey>,
  ): void {
    const [fhir, bulk] = [functions.get("fhir"), functions.get("bulk")];
    const [exported, imported] = [
      journeys.get("bulk-export"),
      journeys.get("bulk-import"),
    ];
    if (
      fhir === undefined ||
      bulk === undefined ||
      exported === undefined ||
      imported === undefined
    )
      return;
    exported.startedBy(
      fhir.know({
        JOURNEYS: JSON.stringify({ [exported.label]: exported.arn }),
      }),
    );
    exported.stoppedBy(bulk);
    imported.managedBy(
      bulk.know({
        JOURNEYS: JSON.stringify({
          [exported.label]: exported.arn,
          [imported.label]: imported.arn,
        }),
      }),
    );
    openBucket(exchange, { to: bulk, access: "write" });
  }

  #createApi(
    functions: ReadonlyMap<Area, ServiceFunction>,
    identity: IdentityStack,
  ): SpecRestApi {
    const document = restApiDocument({
      title: `${this.organization.settings.displayName}: Sojourn`,
      routes,
      pools: [identity.patients.userPoolArn, identity.staff.userPoolArn],
      scopes: identity.accessScopes,
      invocationUri: (area) => {
        const served = functions.get(area);
        if (served === undefined) throw new Error(`no function serves ${area}`);
        return this.formatArn({
          service: "apigateway",
          account: "lambda",
          resource: "path",
          resourceName: `2015-03-31/functions/${served.lambda.functionArn}/invocations`,
        });
      },
    });
    const api = new SpecRestApi(this, "Api", {
      restApiName: this.named("api"),
      description: "FHIR R4 under /fhir/R4, everything else under /v1",
      apiDefinition: ApiDefinition.fromInline(document),
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      deployOptions: {
        stageName,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingRateLimit: 200,
        throttlingBurstLimit: 400,
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(this, "AccessLogs", `/sojourn/${this.slug}/api-access`),
        ),
        accessLogFormat: accessLog,
      },
    });
    const { defaultChild } = api.node;
    if (!(defaultChild instanceof CfnRestApi))
      throw new Error("the REST API has no resource of its own");
    defaultChild.securityPolicy = SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
    defaultChild.endpointAccessMode = "STRICT";
    // Files come and go as the bytes that they are, under any content type.
    defaultChild.binaryMediaTypes = ["*/*"];
    // API Gateway would create this group itself, unencrypted and for ever.
    const executionLogs = new LogGroup(
      this,
      "ExecutionLogs",
      `API-Gateway-Execution-Logs_${api.restApiId}/${stageName}`,
    );
    api.deploymentStage.node.addDependency(executionLogs);
    Validations.of(api.deploymentStage).acknowledge(
      {
        id: "HIPAA.Security-APIGWCacheEnabledAndEncrypted",
        reason:
          "Nothing is cached: a cached answer would be patient data outside the record, served past permission and audit.",
      },
      {
        id: "HIPAA.Security-APIGWSSLEnabled",
        reason:
          "A client certificate proves API Gateway to an HTTP backend; the only backends are Lambda functions, which check the caller through IAM.",
      },
    );
    return api;
  }
}

/** The resource's path is a template (`/v1/threads/{id}`): neither ids nor queries are in it. */
const accessLog = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    method: AccessLogField.contextHttpMethod(),
    resourcePath: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorResponseType(),
    milliseconds: AccessLogField.contextResponseLatency(),
    functionMilliseconds: AccessLogField.contextIntegrationLatency(),
    bytes: AccessLogField.contextResponseLength(),
    tls: "$context.tlsVersion",
    firewall: "$context.wafResponseCode",
    trace: AccessLogField.contextXrayTraceId(),
  }),
);
