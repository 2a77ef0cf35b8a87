import { Duration, Validations } from "aws-cdk-lib";
import {
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  Code,
  Function as CdkFunction,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { functionCode } from "../bundle.ts";
import { OrganizationStack } from "../organization-stack.ts";
import { LogGroup } from "./log-group.ts";
import type { Access, Table } from "./table.ts";

export interface ServiceFunctionProps {
  /** Its file under `functions/`, without extension: `tasks/send-message`. */
  readonly entry: string;
  /** What a patient or a nurse notices when it fails. */
  readonly errorImpact: string;
  /** 30 seconds unless told. */
  readonly timeout?: Duration;
  /** MB; 1024 unless told. Processor time grows with it. */
  readonly memory?: number;
  /** Invocations kept free for it, and the most it may have at once. */
  readonly reserved?: number;
}

/** A Lambda function of ours with a role and a policy of its own, to which each capability adds what it needs. */
export class ServiceFunction extends Construct {
  /** `api-fhir`: how people, alarms and dashboards call it. */
  readonly label: string;
  /** Known before deployment, so that alarms need no reference across stacks. */
  readonly functionName: string;
  readonly errorImpact: string;
  readonly lambda: CdkFunction;
  readonly #policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const {
      entry,
      errorImpact,
      timeout = Duration.seconds(30),
      memory = 1024,
      reserved,
    } = props;
    const stack = OrganizationStack.of(this);
    const { directory, entries } = functionCode();
    if (entries[entry] === undefined) {
      throw new Error(
        `${this.node.path}: functions/${entry}.ts must exist and export a handler`,
      );
    }
    this.label = entry.replace("/", "-");
    this.functionName = stack.named(this.label);
    this.errorImpact = errorImpact;

    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    this.#policy = new ManagedPolicy(this, "Policy", { roles: [role] });
    const logGroup = new LogGroup(
      this,
      "Logs",
      `/sojourn/${stack.slug}/${this.label}`,
    );
    this.lambda = new CdkFunction(this, "Function", {
      functionName: this.functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(directory),
      handler: `${entry}.handler`,
      memorySize: memory,
      timeout,
      role: role.withoutPolicyUpdates(),
      logGroup,
      tracing: Tracing.ACTIVE,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      environment: {
        ORGANIZATION: JSON.stringify(stack.organization.settings),
        JURISDICTIONS: stack.organization.jurisdictions.join(","),
        POWERTOOLS_SERVICE_NAME: stack.slug,
        POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
        POWERTOOLS_LOG_LEVEL: "INFO",
      },
    });
    // A consumer of a queue or a stream is refused before its permissions exist.
    this.lambda.node.addDependency(this.#policy);
    this.allow(
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [logGroup.logGroupArn],
    );
    this.allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]);
    this.#acknowledge(reserved);
  }

  /** Adds to its policy. */
  allow(
    actions: readonly string[],
    resources: readonly string[],
    conditions?: Record<string, Record<string, string>>,
  ): this {
    this.#policy.addStatements(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions !== undefined && { conditions }),
      }),
    );
    return this;
  }

  /** Sets variables of its environment. */
  know(environment: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(environment))
      this.lambda.addEnvironment(name, value);
    return this;
  }

  /** Lets it read or write a table, and tells it the table's name. */
  use(table: Table, access: Access): this {
    const { region } = OrganizationStack.of(this);
    return this.know({ [table.variable]: table.tableName })
      .allow(table.actions[access], [table.tableArn])
      .allow(
        access === "write" ? [...keyReads, ...keyWrites] : keyReads,
        [table.key.keyArn],
        {
          StringEquals: {
            "kms:ViaService": `dynamodb.${region}.amazonaws.com`,
          },
        },
      );
  }

  /** Lets it unwrap the organization's keys, and wrap one at its first use. */
  unseal(key: IKey): this {
    return this.know({ DATA_KEY_ID: key.keyId }).allow(
      ["kms:Decrypt", "kms:GenerateDataKey"],
      [key.keyArn],
      {
        StringEquals: {
          "kms:EncryptionContext:organization": OrganizationStack.of(this).slug,
        },
      },
    );
  }

  #acknowledge(reserved: number | undefined): void {
    const validations = Validations.of(this.lambda);
    validations.acknowledge(
      {
        id: "HIPAA.Security-LambdaInsideVPC",
        reason:
          "Reaches AWS APIs over TLS only and no private resource; a network of its own would add routes, not remove them.",
      },
      {
        id: "HIPAA.Security-LambdaDLQ",
        reason:
          "Never invoked asynchronously: API Gateway and Step Functions wait for the answer, and queues and streams keep what failed in dead-letter queues of their own.",
      },
    );
    if (reserved !== undefined) return;
    validations.acknowledge({
      id: "HIPAA.Security-LambdaConcurrency",
      reason:
        "Bounded where its work arrives (API throttling, the shards of the stream, retries of the journey); a reservation would take from the account what receiving opt-outs needs.",
    });
  }
}

/** What DynamoDB does with a table's key in its caller's name (developer guide, "Authorizing use of your customer managed key"). */
const keyReads = ["kms:Decrypt", "kms:DescribeKey"];
const keyWrites = [
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];
