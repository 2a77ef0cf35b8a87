import { Arn, ArnFormat, Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { tokensOf, type JourneyFile } from "../journeys.ts";
import { OrganizationStack } from "../organization-stack.ts";
import { LogGroup } from "./log-group.ts";
import type { ServiceFunction } from "./service-function.ts";

export interface JourneyProps {
  readonly file: JourneyFile;
  /** The function behind a token of the file; throws when there is none. */
  readonly task: (token: string) => ServiceFunction;
}

/** A file of `workflows/` as a state machine: it may invoke the tasks that its tokens name, and nothing else. */
export class Journey extends Construct {
  readonly label: string;
  readonly purpose: string;
  readonly errorImpact: string | undefined;
  readonly arn: string;
  readonly #stack: OrganizationStack;
  readonly #name: string;

  constructor(scope: Construct, id: string, { file, task }: JourneyProps) {
    super(scope, id);
    this.#stack = OrganizationStack.of(this);
    this.label = file.name;
    this.purpose = file.purpose;
    this.errorImpact = file.errorImpact;
    this.#name = this.#stack.named(file.name);
    this.arn = this.#format("stateMachine", this.#name);

    const tasks = tokensOf(file.definition).map(
      (token) => [token, task(token).lambda.functionArn] as const,
    );
    const key = this.#stack.key("journeys");
    const logGroup = new LogGroup(
      this,
      "Logs",
      `/aws/vendedlogs/states/${this.#name}`,
    );
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": this.#stack.account },
        },
      }),
    });
    const policy = new ManagedPolicy(this, "Policy", {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: tasks.map(([, arn]) => arn),
        }),
        new PolicyStatement({
          actions: ["kms:Decrypt", "kms:GenerateDataKey"],
          resources: [key.keyArn],
          conditions: {
            StringEquals: {
              "kms:EncryptionContext:aws:states:stateMachineArn": this.arn,
            },
          },
        }),
        new PolicyStatement({
          actions: ["kms:GenerateDataKey"],
          resources: [key.keyArn],
          conditions: {
            StringEquals: {
              "kms:EncryptionContext:SourceArn": this.#stack.formatArn({
                service: "logs",
                resource: "*",
              }),
            },
          },
        }),
        // None of these can be narrowed to one log group or one trace (Step Functions developer guide, logging and X-Ray).
        new PolicyStatement({
          actions: [...logDelivery, ...tracing],
          resources: ["*"],
        }),
      ],
    });
    const machine = new StateMachine(this, "StateMachine", {
      stateMachineName: this.#name,
      stateMachineType: StateMachineType.STANDARD,
      comment: file.purpose,
      definitionBody: DefinitionBody.fromString(file.definition),
      definitionSubstitutions: Object.fromEntries(tasks),
      role: role.withoutPolicyUpdates(),
      encryptionConfiguration: new CustomerManagedEncryptionConfiguration(
        key,
        Duration.minutes(5),
      ),
      logs: {
        destination: logGroup,
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      tracingEnabled: true,
    });
    machine.node.addDependency(policy);
    this.#release(machine);
  }

  /** Lets a function start and stop executions. */
  managedBy(starter: ServiceFunction): void {
    this.startedBy(starter);
    this.stoppedBy(starter);
  }

  startedBy(starter: ServiceFunction): void {
    starter.allow(["states:StartExecution"], [this.arn]);
  }

  /** Lets a function end the waits of executions. */
  answeredBy(answerer: ServiceFunction): void {
    answerer.allow(["states:SendTaskSuccess"], [this.arn]);
  }

  stoppedBy(stopper: ServiceFunction): void {
    stopper.allow(
      ["states:StopExecution"],
      [this.#format("execution", `${this.#name}:*`)],
    );
  }

  /** Each deployed definition stays callable as a version; `live` is the newest. */
  #release(machine: StateMachine): void {
    const version = new CfnStateMachineVersion(this, "Version", {
      stateMachineArn: machine.stateMachineArn,
      stateMachineRevisionId: machine.stateMachineRevisionId,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    new CfnStateMachineAlias(this, "Live", {
      name: "live",
      deploymentPreference: {
        stateMachineVersionArn: version.ref,
        type: "ALL_AT_ONCE",
      },
    });
  }

  #format(resource: string, resourceName: string): string {
    return Arn.format(
      {
        service: "states",
        resource,
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      this.#stack,
    );
  }
}

const logDelivery = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];
const tracing = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
];
