import { Duration } from "aws-cdk-lib";
import {
  AlarmRule,
  CompositeAlarm,
  Metric,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import {
  apiMetric,
  deadLetterMetric,
  functionMetric,
  journeyMetric,
  type Watched,
} from "../watched.ts";
import { Alarm, anchor, type AlarmProps } from "./alarm.ts";
import { awsMetric, factCount, total } from "./metrics.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { Topic } from "./topic.ts";

export interface AlarmsProps {
  readonly watched: Watched;
  readonly topic: Topic;
}

/** Every alarm of an organization. Each title is a heading of docs/runbook.md. */
export class Alarms extends Construct {
  /** Those that mean that patients hear nothing. */
  readonly #silence: Alarm[] = [];
  readonly #topic: Topic;
  readonly #slug: string;

  constructor(scope: Construct, id: string, { watched, topic }: AlarmsProps) {
    super(scope, id);
    this.#topic = topic;
    this.#slug = OrganizationStack.of(this).slug;
    this.#watchFunctions(watched);
    this.#watchJourneys(watched);
    this.#watchDeadLetters(watched);
    this.#watchApi();
    this.#watchMessages();
    this.#watchPrivacy();
    this.#watchRights();
    this.#watchSilence();
  }

  #watchFunctions({ functions }: Watched): void {
    for (const watched of functions) {
      const { label, errorImpact } = watched;
      const metric = total("errors and throttles", [
        functionMetric(watched, "Errors"),
        functionMetric(watched, "Throttles"),
      ]);
      const alarm = this.#add(`${label} fails`, {
        errorImpact,
        metric,
        above: 0,
      });
      if (label === "tasks-send-message") this.#silence.push(alarm);
      if (label === "events-archive-facts") this.#watchArchive(watched);
      if (label !== "events-publish-facts") continue;
      const late = this.#add("Facts are published late", {
        errorImpact:
          "Confirmations, and the end of reminders after a cancellation, come minutes late.",
        metric: functionMetric(watched, "IteratorAge", "Maximum"),
        above: Duration.minutes(2).toMilliseconds(),
        periods: 2,
      });
      this.#silence.push(late);
    }
  }

  #watchArchive(archiveFacts: ServiceFunction): void {
    this.#add("Facts are archived late", {
      errorImpact:
        "Patients notice nothing; who looked at whose record is not yet beyond the reach of whoever may write to the table.",
      metric: functionMetric(archiveFacts, "IteratorAge", "Maximum"),
      above: Duration.minutes(15).toMilliseconds(),
      periods: 2,
    });
    this.#add("Hours have no root", {
      errorImpact:
        "Patients notice nothing; that the archive is unchanged cannot be shown for the hours that have no root.",
      metric: new Metric({
        namespace: "Sojourn",
        metricName: "RootSigned",
        dimensionsMap: { service: this.#slug },
        statistic: Stats.SUM,
        period: Duration.hours(1),
      }),
      below: 1,
      periods: 2,
    });
  }

  #watchJourneys({ journeys }: Watched): void {
    for (const journey of journeys) {
      const outcomes = [
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionThrottled",
      ];
      const alarm = this.#add(`Journey ${journey.label} fails`, {
        errorImpact:
          journey.errorImpact ??
          `Patients fall out of it and get nothing more from it. What it is for: ${journey.purpose}`,
        metric: total(
          "failed, timed out, throttled",
          outcomes.map((name) => journeyMetric(journey, name)),
        ),
        above: 0,
      });
      if (journey.errorImpact === undefined) this.#silence.push(alarm);
    }
  }

  #watchDeadLetters({ deadLetters }: Watched): void {
    for (const letters of deadLetters) {
      const { label, errorImpact } = letters;
      const alarm = this.#add(`Dead letters of ${label}`, {
        errorImpact,
        metric: deadLetterMetric(letters),
        above: 0,
      });
      if (["start-journeys", "publish-facts", "facts"].includes(label))
        this.#silence.push(alarm);
    }
  }

  #watchApi(): void {
    const api = OrganizationStack.of(this).named("api");
    this.#add("API answers with errors", {
      errorImpact:
        "Portal, console and clinic systems see failures; bookings may not go through.",
      metric: apiMetric(api, "5XXError"),
      above: 5,
    });
    this.#add("API is slow", {
      errorImpact: "Pages hang; patients give up booking.",
      metric: apiMetric(api, "Latency", "p99"),
      above: 3000,
      periods: 3,
    });
  }

  #watchMessages(): void {
    const configurationSet = {
      "ses:configuration-set": OrganizationStack.of(this).named("email"),
    };
    const failed = this.#add("Messages fail to send", {
      errorImpact: "Patients do not get messages that were due.",
      metric: factCount(this.#slug, "MessageFailed", Duration.minutes(15)),
      above: 5,
    });
    this.#silence.push(failed);
    this.#add("Vendor has no agreement in force", {
      errorImpact:
        "What goes through the vendor is not sent: patients get it by another channel or are called, connected systems are not told.",
      metric: factCount(this.#slug, "VendorRefused", Duration.minutes(15)),
      above: 0,
    });
    this.#add("Decoy record is touched", {
      errorImpact:
        "Nobody is behind the record, so nobody had a reason: patients' records may be looked at without one.",
      metric: factCount(this.#slug, "CanaryTouched", Duration.minutes(5)),
      above: 0,
    });
    this.#add("Patients opt out in numbers", {
      errorImpact:
        "Patients feel bothered by what we send, and are out of reach from now on.",
      metric: factCount(this.#slug, "PatientOptedOut", Duration.hours(1)),
      above: 10,
    });
    this.#add("E-mail bounces", {
      errorImpact:
        "E-mail does not arrive, and AWS stops all of it at 10 percent.",
      metric: awsMetric(
        "AWS/SES",
        "Reputation.BounceRate",
        configurationSet,
        "Average",
      ),
      above: 0.05,
    });
    this.#add("E-mail is marked as spam", {
      errorImpact:
        "Mailboxes begin to hide our mail, and AWS stops all of it at 0.5 percent.",
      metric: awsMetric(
        "AWS/SES",
        "Reputation.ComplaintRate",
        configurationSet,
        "Average",
      ),
      above: 0.001,
    });
  }

  #watchPrivacy(): void {
    this.#add("Emergency access was opened", {
      errorImpact:
        "A record that was closed to a member of staff is open to them for a while; the privacy officer has a task to review it.",
      metric: factCount(
        this.#slug,
        "EmergencyAccessOpened",
        Duration.minutes(5),
      ),
      above: 0,
    });
  }

  #watchRights(): void {
    this.#add("A privacy request is overdue", {
      errorImpact:
        "A patient who used a privacy right was not answered by the day that the law sets.",
      metric: factCount(this.#slug, "PrivacyRequestOverdue", Duration.hours(1)),
      above: 0,
    });
  }

  #watchSilence(): void {
    const title = "Patients are not being contacted";
    const alarm = new CompositeAlarm(this, title, {
      compositeAlarmName: OrganizationStack.of(this).named(anchor(title)),
      alarmDescription: `${title}. Confirmations and reminders do not reach patients: they come unprepared, or not at all. What to do: docs/runbook.md#${anchor(title)}`,
      alarmRule: AlarmRule.anyOf(...this.#silence),
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }

  #add(title: string, props: Omit<AlarmProps, "topic">): Alarm {
    return new Alarm(this, title, { ...props, topic: this.#topic });
  }
}
