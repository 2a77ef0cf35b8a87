import { CfnOutput, Duration } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";
import { openBucket, type Files } from "../constructs/bucket.ts";
import type { Channels } from "../constructs/channels.ts";
import { Journey } from "../constructs/journey.ts";
import {
  openRecord,
  type PatientRecord,
} from "../constructs/patient-record.ts";
import { Queue } from "../constructs/queue.ts";
import { equipErasure } from "../constructs/erasure-tasks.ts";
import { Key } from "../constructs/key.ts";
import { ServiceFunction } from "../constructs/service-function.ts";
import { taskOf, type JourneyFile } from "../journeys.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";
import type { IdentityStack } from "./identity.ts";

export interface JourneysStackProps extends OrganizationStackProps {
  readonly record: PatientRecord;
  readonly files: Files;
  readonly identity: IdentityStack;
  readonly bus: EventBus;
  readonly channels: Channels;
  readonly journeys: readonly JourneyFile[];
}

/** Tasks that reach patients; the others only read and write the record. */
const senders = ["send-message"];
/** Tasks that exchange files with somebody. */
const exchanging = [
  "export-slice",
  "export-close",
  "import-slice",
  "import-close",
];
/** Tasks that create patients, and keep files. */
const registering = ["import-slice"];
/** Tasks that file what answers a patient. */
const filing = ["privacy-copy", "privacy-accounting"];
/** Tasks that read to whom data was disclosed. */
const accounting = ["privacy-accounting", "privacy-inform"];
/** Tasks that only start something. */
const recordless = ["privacy-erase"];
/** Tasks that work through many records at once, and hold what they write. */
const long: Readonly<Record<string, { timeout: Duration; memory: number }>> = {
  "export-slice": { timeout: Duration.minutes(2), memory: 2048 },
  "import-slice": { timeout: Duration.minutes(2), memory: 2048 },
  "privacy-copy": { timeout: Duration.minutes(2), memory: 2048 },
  "erasure-shred": { timeout: Duration.minutes(2), memory: 1024 },
  "erasure-sweep": { timeout: Duration.minutes(2), memory: 1024 },
  "erasure-certify": { timeout: Duration.minutes(2), memory: 1024 },
};

/** The journeys with their tasks, and the function that starts and stops them. */
export class JourneysStack extends OrganizationStack {
  /** By the name of their file. */
  readonly journeys: ReadonlyMap<string, Journey>;
  readonly #tasks = new Map<string, ServiceFunction>();
  readonly #props: JourneysStackProps;
  /** Signs what an erasure certifies. */
  readonly #certificates: Key;

  constructor(scope: Construct, id: string, props: JourneysStackProps) {
    super(scope, id, props);
    this.#props = props;
    this.#certificates = new Key(this, "CertificatesKey", {
      alias: "certificates",
      description: "Signs certificates of erasures",
      signs: true,
    });
    this.journeys = new Map(
      props.journeys.map((file) => [
        file.name,
        new Journey(this, file.name, {
          file,
          task: (token) => this.#task(token, file),
        }),
      ]),
    );
    this.#start(
      props.journeys.flatMap(({ name, startsOn }) =>
        startsOn.length > 0 ? (this.journeys.get(name) ?? []) : [],
      ),
    );
    this.#endForErased();
    new CfnOutput(this, "CertificatesKeyId", {
      value: this.#certificates.keyId,
    });
    this.#connect();
    new CfnOutput(this, "Journeys", {
      value: JSON.stringify(arnsOf([...this.journeys.values()])),
    });
  }

  /** Tasks that start another journey, or end a wait of their own. */
  #connect(): void {
    const erasure = this.journeys.get("erasure");
    const eraser = this.#tasks.get("privacy-erase");
    if (erasure !== undefined && eraser !== undefined)
      erasure.startedBy(
        eraser.know({ JOURNEYS: JSON.stringify(arnsOf([erasure])) }),
      );
    const waiter = this.#tasks.get("privacy-await");
    if (waiter !== undefined)
      this.journeys.get("privacy-request")?.answeredBy(waiter);
  }

  /** One function per task, whatever the number of journeys that call it. */
  #task(token: string, { name }: JourneyFile): ServiceFunction {
    const task = taskOf(token);
    const known = this.#tasks.get(task);
    if (known !== undefined) return known;
    const { record, files, channels } = this.#props;
    const created = new ServiceFunction(this, token, {
      entry: `tasks/${task}`,
      errorImpact: `The journey ${name} cannot do its step "${task.replaceAll("-", " ")}"; after its retries, staff get a task instead.`,
      ...long[task],
    });
    if (!recordless.includes(task))
      openRecord(record, {
        to: created,
        keys: registering.includes(task) ? "write" : "read",
      });
    if (exchanging.includes(task))
      openBucket(files.exchange, { to: created, access: "write" });
    if (registering.includes(task))
      openBucket(files.documents, { to: created, access: "write" });
    if (filing.includes(task))
      openBucket(files.documents, { to: created, access: "write" });
    if (accounting.includes(task))
      created.know({
        RECIPIENTS: JSON.stringify(this.organization.recipients),
      });
    if (senders.includes(task)) channels.sentBy(created);
    equipErasure(task, created, {
      record,
      files,
      patients: this.#props.identity.patients,
      certificates: this.#certificates,
    });
    this.#tasks.set(task, created);
    return created;
  }

  /** An erasure ends the journeys of whom it erases. */
  #endForErased(): void {
    const shred = this.#tasks.get("erasure-shred");
    const ended = ["pre-visit", "privacy-request"].flatMap(
      (name) => this.journeys.get(name) ?? [],
    );
    if (shred === undefined) return;
    shred.know({ JOURNEYS: JSON.stringify(arnsOf(ended)) });
    for (const journey of ended) journey.stoppedBy(shred);
  }

  #start(journeys: readonly Journey[]): void {
    const errorImpact =
      "Journeys do not start, or go on after a cancellation: patients hear nothing, or hear what is no longer true.";
    const starter = new ServiceFunction(this, "StartJourneys", {
      entry: "events/start-journeys",
      errorImpact,
      reserved: 5,
    });
    openRecord(this.#props.record, { to: starter, keys: "read" });
    starter.know({
      JOURNEYS: JSON.stringify(arnsOf(journeys)),
    });
    for (const journey of journeys) journey.managedBy(starter);
    const { queue } = new Queue(this, "Moments", {
      label: "start-journeys",
      errorImpact,
      consumer: starter,
    });
    const moments = new Set(
      this.#props.journeys.flatMap(({ startsOn, endsOn }) => [
        ...startsOn,
        ...endsOn,
      ]),
    );
    new Rule(this, "JourneyMoments", {
      eventBus: this.#props.bus,
      description: "Facts that start or end a journey",
      eventPattern: { source: ["sojourn"], detailType: [...moments].sort() },
      targets: [new SqsQueue(queue)],
    });
  }
}

const arnsOf = (
  journeys: readonly Journey[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(journeys.map(({ label, arn }) => [label, arn]));
