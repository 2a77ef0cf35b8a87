import type { Patient } from "@medplum/fhirtypes";
import { mkdir, writeFile } from "node:fs/promises";
import { createAll, demoClinic } from "../../local/demo-clinic.ts";
import { startSystem, type System } from "../../local/system.ts";
import { freePorts } from "../../local/system/ports.ts";
import { progress } from "../../local/system/progress.ts";
import { account, type Aws, aws, named, queueUrl } from "./aws.ts";
import { cache, directory, emulatorProcess } from "./places.ts";

export interface World extends System {
  readonly call: Aws;
  readonly machine: string;
  readonly patients: readonly (Patient & { readonly id: string })[];
  /** Reference that an entry of the clinic became, by its index among the resources of its type. */
  readonly reference: (type: string, index: number) => string;
  /** Lets the days pass while `work` goes on; otherwise journeys run at the wall clock's pace. */
  readonly whileDaysPass: <T>(work: () => Promise<T>) => Promise<T>;
  /** Everything that appeared on the organization's bus so far. */
  readonly events: () => Promise<readonly string[]>;
}

let world: Promise<World> | undefined;

/** The deployment under test, started by whoever asks first. Every event reaches its consumer twice. */
export const theWorld = (): Promise<World> => (world ??= create());

const create = async (): Promise<World> => {
  await mkdir(directory, { recursive: true });
  const show = progress((line) => console.log(line));
  const system = await startSystem({
    ...{
      ports: await freePorts(),
      pace: 28_800,
      cache,
      directory,
      progress: show,
    },
    started: (pid) => writeFile(emulatorProcess, String(pid)),
  });
  const { clock, handset, fhir, urls } = system;
  clock.hold();
  const call = aws(urls.emulator);
  await stopTimetables(call);
  await deliverTwice(call, system);
  const recorded = await recordEvents(call, urls.emulator);
  const clinic = demoClinic({
    today: new Date().toISOString().slice(0, 10),
    // A fortnight ahead there is still a day of work.
    days: 17,
    patients: 40,
  });
  const references = await show.step("Filling the clinic", () =>
    createAll(clinic.entries, fhir.transaction),
  );
  const patients = clinic.patients.map(({ fullUrl, resource }) => ({
    ...resource,
    id: references.get(fullUrl)?.replace("Patient/", "") ?? "",
  }));
  handset.carrier.behave({
    address: "*",
    answer: "accepted",
    delay: 300,
    copies: 2,
  });
  return {
    ...system,
    call,
    patients,
    machine: `arn:aws:states:us-east-1:${account}:stateMachine:${named("pre-visit")}`,
    reference: (type, index) => {
      const entry = clinic.entries.filter(
        ({ resource }) => resource.resourceType === type,
      )[index];
      return references.get(entry?.fullUrl ?? "") ?? "";
    },
    whileDaysPass: async (work) => {
      clock.release();
      try {
        return await work();
      } finally {
        clock.hold();
      }
    },
    events: recorded,
  };
};

/** What runs at an hour of the day runs when a test says so, whatever hour it is. */
const stopTimetables = async (call: Aws) => {
  const { Rules } = await call<{
    Rules: { Name: string; ScheduleExpression?: string }[];
  }>("events", "AWSEvents.ListRules", {});
  const timed = Rules.filter(
    ({ ScheduleExpression = "" }) => ScheduleExpression,
  );
  if (timed.length === 0) throw new Error("nothing runs by a timetable");
  for (const { Name } of timed)
    await call("events", "AWSEvents.DisableRule", { Name });
};

/** A second rule beside the deployed one, with the same queue as its target. */
const deliverTwice = async (call: Aws, { urls }: System) => {
  const EventBusName = named("facts");
  const { Rules } = await call<{
    Rules: { Name: string; EventPattern: string }[];
  }>("events", "AWSEvents.ListRules", { EventBusName });
  const rule = Rules.find(({ Name }) => Name.includes("JourneyMoments"));
  if (!rule) throw new Error("no rule starts journeys");
  await call("events", "AWSEvents.PutRule", {
    Name: "again",
    EventBusName,
    EventPattern: rule.EventPattern,
    State: "ENABLED",
  });
  const { Targets } = await call<{ Targets: { Arn: string }[] }>(
    "events",
    "AWSEvents.ListTargetsByRule",
    { Rule: rule.Name, EventBusName },
  );
  await call("events", "AWSEvents.PutTargets", {
    Rule: "again",
    EventBusName,
    Targets: Targets.map(({ Arn }, index) => ({ Id: `again-${index}`, Arn })),
  });
  return urls;
};

const recordEvents = async (call: Aws, url: string) => {
  const QueueName = "everything";
  const EventBusName = named("facts");
  await call("sqs", "AmazonSQS.CreateQueue", {
    QueueName,
    Attributes: { VisibilityTimeout: "43200" },
  });
  await call("events", "AWSEvents.PutRule", {
    ...{ Name: "everything", EventBusName, State: "ENABLED" },
    EventPattern: JSON.stringify({ source: [{ prefix: "" }] }),
  });
  await call("events", "AWSEvents.PutTargets", {
    ...{ Rule: "everything", EventBusName },
    Targets: [
      {
        Id: "everything",
        Arn: `arn:aws:sqs:us-east-1:${account}:${QueueName}`,
      },
    ],
  });
  const seen: string[] = [];
  return async () => {
    for (;;) {
      const { Messages = [] } = await call<{ Messages?: { Body: string }[] }>(
        "sqs",
        "AmazonSQS.ReceiveMessage",
        {
          QueueUrl: queueUrl(url, QueueName),
          MaxNumberOfMessages: 10,
        },
      );
      if (Messages.length === 0) return seen;
      seen.push(...Messages.map(({ Body }) => Body));
    }
  };
};
