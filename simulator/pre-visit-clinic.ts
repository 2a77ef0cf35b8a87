import type { Patient } from "@medplum/fhirtypes";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Delivery } from "../functions/core/communication.ts";
import type { Context } from "../functions/core/caller.ts";
import type { OrganizationSettings } from "../functions/core/settings.ts";
import {
  bookAppointment,
  cancelAppointment,
  rescheduleAppointment,
} from "../functions/store/booking.ts";
import { publishFacts } from "../functions/events/publish-facts.ts";
import { receiveSms } from "../functions/events/receive-sms.ts";
import { recordReceipt } from "../functions/events/record-receipt.ts";
import { startJourneys } from "../functions/events/start-journeys.ts";
import type { BusEntry } from "../functions/outbound/bus.ts";
import type { Channels, Outbound } from "../functions/outbound/channels.ts";
import type { Journeys } from "../functions/outbound/journeys.ts";
import type { Deps } from "../functions/runtime/dependencies.ts";
import { memoryTable } from "../functions/store/memory-table.ts";
import type { Item, Table } from "../functions/store/table.ts";
import { closePlan } from "../functions/tasks/close-plan.ts";
import { planReminders } from "../functions/tasks/plan-reminders.ts";
import { raiseTask } from "../functions/tasks/raise-task.ts";
import { readAnswer } from "../functions/tasks/read-answer.ts";
import { sendMessage } from "../functions/tasks/send-message.ts";
import { demo } from "../organizations/demo.ts";
import { notedLog } from "../test/noted-log.ts";
import { aRecord } from "../test/record.ts";
import { preVisit } from "../workflows/pre-visit.ts";
import { virtualClock } from "./clock.ts";
import { stagedWorkflow, type Handler } from "./staged-workflow.ts";

/** A message as a provider was given it, in journey time. */
type Sent = Exclude<Outbound, { channel: "portal" }> & {
  readonly at: string;
  readonly messageId: string;
};

export interface ClinicOptions {
  readonly start: string;
  readonly organization?: OrganizationSettings;
  /** What the providers answer; by default they accept everything. */
  readonly provider?: (
    message: Outbound,
    attempt: number,
  ) => Delivery | Promise<Delivery> | undefined;
  /** Every event comes twice, as it may. */
  readonly twice?: boolean;
  /** No event starts or stops a journey. */
  readonly idle?: boolean;
}

const byFrontDesk: Context = {
  by: { kind: "system", id: "front-desk" },
  purpose: "TREAT",
  requestId: "simulation",
};

/** The clinic of a simulation: the real workflow, tasks, events and record, on a clock that jumps and with providers that only remember. */
export const clinic = async ({
  start,
  organization = demo.settings,
  provider,
  twice = false,
  idle = false,
}: ClinicOptions) => {
  const clock = virtualClock(Date.parse(start));
  const now = (): Date => new Date(clock.now());
  const facts: Item[] = [];
  const record = aRecord({
    table: observed(memoryTable(), (item) => facts.push(item)),
    now,
    organization,
  });
  const { records, newId } = record;

  const sent: Sent[] = [];
  const handed: Outbound[] = [];
  const channels: Channels = {
    send: async (message) => {
      handed.push(message);
      const given = await provider?.(message, handed.length);
      if (given !== undefined) return given;
      if (message.channel === "portal")
        return { outcome: "accepted", messageId: undefined, delivered: true };
      const messageId = newId();
      sent.push({ ...message, at: now().toISOString(), messageId });
      return { outcome: "accepted", messageId };
    },
  };
  const { log, logged } = notedLog();

  const inputs: unknown[] = [];
  const outputs: unknown[] = [];
  const workflow = stagedWorkflow(
    preVisit.name,
    clock,
    async (task, payload) => {
      inputs.push(payload);
      try {
        const output = await tasks[task]?.(payload, {});
        outputs.push(output);
        return output;
      } finally {
        await settle();
      }
    },
  );
  const { engine } = workflow;
  const journeys: Journeys = {
    ...workflow.journeys,
    start: (occurrence, input) => {
      inputs.push(input);
      return workflow.journeys.start(occurrence, input);
    },
  };
  const deps: Deps = {
    ...record,
    channels,
    journeys,
    log,
    now,
  };

  const tasks: Readonly<Record<string, Handler>> = {
    PlanReminders: planReminders(deps) as Handler,
    SendMessage: sendMessage(deps) as Handler,
    ReadAnswer: readAnswer(deps) as Handler,
    RaiseTask: raiseTask(deps) as Handler,
    ClosePlan: closePlan(deps) as Handler,
  };
  const events: BusEntry[] = [];
  const listening = new Set<string>([...preVisit.startsOn, ...preVisit.endsOn]);
  const bus = {
    publish: async (entries: readonly BusEntry[]) => {
      events.push(...entries);
      for (const { what, detail } of entries.filter(({ what: name }) =>
        listening.has(name),
      )) {
        for (let times = idle ? 0 : twice ? 2 : 1; times > 0; times -= 1)
          await deliver(starter, {
            source: "sojourn",
            "detail-type": what,
            detail,
          });
      }
      return [];
    },
  };
  const publisher = publishFacts({ organization, bus, log }) as Handler;
  const starter = startJourneys(deps) as Handler;
  const receiver = receiveSms(deps) as Handler;
  const receipts = recordReceipt(deps) as Handler;

  const deliver = async (handler: Handler, body: unknown): Promise<boolean> => {
    const answer = await handler(
      {
        Records: [
          {
            eventSource: "aws:sqs",
            messageId: "message",
            body: JSON.stringify(body),
          },
        ],
      },
      {},
    );
    return (
      (answer as { batchItemFailures: unknown[] }).batchItemFailures.length ===
      0
    );
  };
  /** The table's stream: every new fact is published before anything else happens. */
  const settle = async (): Promise<void> => {
    for (let item = facts.shift(); item !== undefined; item = facts.shift()) {
      const image = marshall(item, {
        removeUndefinedValues: true,
        convertClassInstanceToMap: true,
      });
      await publisher(
        {
          Records: [
            {
              eventSource: "aws:dynamodb",
              dynamodb: { SequenceNumber: "1", NewImage: image },
            },
          ],
        },
        {},
      );
    }
  };

  const act = async <R>(
    body: Parameters<typeof records.change<R>>[1],
  ): Promise<R> => {
    const result = await records.change(byFrontDesk, body);
    await settle();
    return result;
  };
  const places = await act(async (work) => {
    const location = await work.create({
      resourceType: "Location",
      name: "Riverside Clinic",
      status: "active",
      address: {
        line: ["12 River Street"],
        city: "Albany",
        state: "NY",
        postalCode: "12207",
      },
      extension: [
        {
          url: "http://hl7.org/fhir/StructureDefinition/tz-code",
          valueCode: "America/New_York",
        },
        {
          url: "urn:sojourn:directions",
          valueString: "Bus 12 stops at the door.",
        },
        {
          url: "urn:sojourn:parking",
          valueString: "Garage on Mill Lane, first two hours free.",
        },
      ],
    });
    const service = await work.create({
      resourceType: "HealthcareService",
      name: "Blood test",
      extraDetails: "Eat and drink nothing but water for eight hours before.",
    });
    const practitioner = await work.create({
      resourceType: "Practitioner",
      name: [{ family: "Okafor", given: ["Ada"] }],
    });
    const schedule = await work.create({
      resourceType: "Schedule",
      active: true,
      actor: [practitioner, location, service].map(({ resourceType, id }) => ({
        reference: `${resourceType}/${id}`,
      })),
    });
    return { location, service, practitioner, schedule };
  });

  const slotAt = (from: string) =>
    act((work) =>
      work.create({
        resourceType: "Slot",
        schedule: { reference: `Schedule/${places.schedule.id}` },
        status: "free",
        start: new Date(from).toISOString(),
        end: new Date(Date.parse(from) + 20 * 60_000).toISOString(),
      }),
    );

  return {
    ...record,
    places,
    clock,
    executions: workflow.executions,
    channels,
    deps,
    tasks,
    sent,
    handed,
    events,
    logged,
    inputs,
    outputs,
    act,
    settle,
    admit: (patient: Patient) => act((work) => work.create(patient)),
    book: async (patientId: string, from: string) => {
      const slot = await slotAt(from);
      const participant = [
        {
          actor: { reference: `Patient/${patientId}` },
          status: "needs-action" as const,
        },
      ];
      return act((work) =>
        bookAppointment(
          work,
          {
            resourceType: "Appointment",
            status: "booked",
            slot: [{ reference: `Slot/${slot.id}` }],
            participant,
          },
          now(),
        ),
      );
    },
    move: async (appointmentId: string, from: string) => {
      const slot = await slotAt(from);
      return act((work) =>
        rescheduleAppointment(
          work,
          appointmentId,
          [{ reference: `Slot/${slot.id}` }],
          now(),
        ),
      );
    },
    cancel: (appointmentId: string) =>
      act((work) => cancelAppointment(work, appointmentId)),
    /** The patient texts; answers whether the message was taken. */
    text: async (
      from: string,
      messageBody: string,
      inboundMessageId: string = newId(),
      messageKeyword = "KEYWORD_DEMO",
    ) => {
      const previous = sent.findLast(
        (message) => message.channel === "sms" && message.to === from,
      )?.messageId;
      const taken = await deliver(receiver, {
        originationNumber: from,
        destinationNumber: "+12025550199",
        messageKeyword,
        messageBody,
        inboundMessageId,
        ...(previous !== undefined && { previousPublishedMessageId: previous }),
      });
      await settle();
      return taken;
    },
    receipt: async (event: unknown) => {
      const taken = await deliver(receipts, event);
      await settle();
      return taken;
    },
    event: (what: string, detail: unknown) =>
      deliver(starter, { source: "sojourn", "detail-type": what, detail }),
    /** Plays everything until this moment. */
    until: async (time: string) => {
      await clock.advanceTo(Date.parse(time));
    },
    end: () => engine.settled(),
  };
};

export type Clinic = Awaited<ReturnType<typeof clinic>>;

/** A table that tells of each new fact. */
const observed = <T extends Table>(table: T, tell: (item: Item) => void): T => {
  const notice = (items: readonly Item[]): void => {
    for (const item of items) if (item.sk.startsWith("F#")) tell(item);
  };
  return {
    ...table,
    commit: async (writes, token) => {
      await table.commit(writes, token);
      notice(writes.flatMap((write) => ("put" in write ? [write.put] : [])));
    },
    append: async (items) => {
      await table.append(items);
      notice(items);
    },
  };
};
