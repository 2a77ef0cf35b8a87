import { Validations } from "aws-cdk-lib";
import { CfnApp } from "aws-cdk-lib/aws-pinpoint";
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from "aws-cdk-lib/aws-ses";
import { EventBus } from "aws-cdk-lib/aws-events";
import {
  CfnConfigurationSet,
  CfnOptOutList,
  CfnPool,
} from "aws-cdk-lib/aws-smsvoice";
import { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { Topic } from "./topic.ts";

export interface ChannelsProps {
  /** Where replies to text messages arrive. */
  readonly replies: Topic;
}

/** The ways out to patients: text messages, e-mail and push. */
export class Channels extends Construct {
  /** The SES configuration set, by which delivery events of other senders in the account are told apart. */
  readonly emailConfigurationSet: string;
  readonly #stack: OrganizationStack;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #arns: {
    readonly sms: readonly string[];
    readonly email: readonly string[];
    readonly push: string;
  };

  constructor(scope: Construct, id: string, { replies }: ChannelsProps) {
    super(scope, id);
    this.#stack = OrganizationStack.of(this);
    const { organization } = this.#stack;
    const pool = this.#createSms(replies);
    const smsConfigurationSet = this.#stack.named("sms");
    new CfnConfigurationSet(this, "SmsConfigurationSet", {
      configurationSetName: smsConfigurationSet,
    });
    this.emailConfigurationSet = this.#stack.named("email");
    this.#createEmail();
    const push = new CfnApp(this, "Push", { name: this.#stack.named("push") });
    Validations.of(push).acknowledge({
      id: "CloudFormation-Validate::W3696",
      reason:
        "What ended on 2026-10-30 is campaigns, segments and analytics; the application stays the resource that push is sent through.",
    });

    this.#environment = {
      SMS_ORIGINATION: pool.ref,
      SMS_CONFIGURATION_SET: smsConfigurationSet,
      EMAIL_FROM: organization.email.from,
      EMAIL_CONFIGURATION_SET: this.emailConfigurationSet,
      PUSH_APPLICATION_ID: push.ref,
    };
    this.#arns = {
      sms: [
        this.#arn("sms-voice", "pool", pool.ref),
        this.#arn("sms-voice", "configuration-set", smsConfigurationSet),
      ],
      email: [
        this.#arn("ses", "identity", organization.email.domain),
        this.#arn("ses", "configuration-set", this.emailConfigurationSet),
      ],
      push: this.#arn("mobiletargeting", "apps", `${push.ref}/messages`),
    };
  }

  /** Lets a function send. */
  sentBy(sender: ServiceFunction): ServiceFunction {
    return sender
      .know(this.#environment)
      .allow(["sms-voice:SendTextMessage"], this.#arns.sms)
      .allow(["ses:SendEmail"], this.#arns.email, {
        StringEquals: {
          "ses:FromAddress": this.#stack.organization.email.from,
        },
      })
      .allow(["mobiletargeting:SendMessages"], [this.#arns.push]);
  }

  /** The number is registered with its carriers by hand, weeks before; the pool adds replies and opt-outs to it. */
  #createSms(replies: Topic): CfnPool {
    const { settings, sms } = this.#stack.organization;
    const optOuts = new CfnOptOutList(this, "OptOuts", {
      optOutListName: this.#stack.named("opt-outs"),
    });
    const pool = new CfnPool(this, "Numbers", {
      originationIdentities: [
        this.#arn("sms-voice", "phone-number", sms.originationIdentity),
      ],
      optOutListName: optOuts.ref,
      selfManagedOptOutsEnabled: false,
      sharedRoutesEnabled: false,
      deletionProtectionEnabled: !this.#stack.organization.disposable,
      mandatoryKeywords: {
        help: {
          message: `${settings.displayName}: for help call ${settings.phone}. Reply STOP to get no more messages.`,
        },
        stop: {
          message: `${settings.displayName}: you will get no more messages. For help call ${settings.phone}.`,
        },
      },
      optionalKeywords: [
        ...["START", "UNSTOP"].map((keyword) => ({
          keyword,
          action: "OPT_IN",
          message: `${settings.displayName}: you will get our messages again. Reply STOP to end them.`,
        })),
        // 47 CFR 64.1200(a)(10) counts these words as a revocation too.
        ...["REVOKE", "OPT OUT"].map((keyword) => ({
          keyword,
          action: "OPT_OUT",
          message: `${settings.displayName}: you will get no more messages. For help call ${settings.phone}.`,
        })),
      ],
      twoWay: { enabled: true, channelArn: replies.topicArn },
    });
    pool.node.addDependency(replies);
    return pool;
  }

  #createEmail(): void {
    const { email } = this.#stack.organization;
    const configurationSet = new ConfigurationSet(
      this,
      "EmailConfigurationSet",
      {
        configurationSetName: this.emailConfigurationSet,
        tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
        reputationMetrics: true,
        suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      },
    );
    // SES rewrites links and adds a pixel only for the events OPEN and CLICK: they stay out, so that no message tracks a patient.
    configurationSet.addEventDestination("Events", {
      destination: EventDestination.eventBus(
        EventBus.fromEventBusName(this, "DefaultBus", "default"),
      ),
      events: [
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.DELIVERY_DELAY,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.RENDERING_FAILURE,
      ],
    });
    new EmailIdentity(this, "EmailIdentity", {
      identity: Identity.domain(email.domain),
      mailFromDomain: `bounce.${email.domain}`,
      configurationSet,
    });
  }

  #arn(service: string, resource: string, resourceName: string): string {
    return this.#stack.formatArn({ service, resource, resourceName });
  }
}
