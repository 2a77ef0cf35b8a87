import type { Communication } from "@medplum/fhirtypes";
import {
  channelOf,
  inboundSystem,
  messageSystem,
  reasonCode,
} from "../functions/core/communication.ts";
import type { HistoryEvent } from "../simulator/engine.ts";
import type { Message } from "./handset/carrier.ts";
import type { Travelled } from "./story.ts";

export interface Moment {
  /** Journey time, ISO 8601. */
  readonly at: string;
  readonly what: string;
}

export interface TimelineSources {
  readonly history: readonly HistoryEvent[];
  /** What the handset has seen; it knows the journey time of replies. */
  readonly messages: readonly Message[];
}

/** What happened to one patient, in journey time, from the record and the journey's history. */
export const timelineOf = (
  { appointment, communications, tasks, execution }: Travelled,
  { history, messages }: TimelineSources,
): readonly Moment[] => {
  const stepTimes = timesOfSteps(history);
  const handsetTime = (id: string | undefined) =>
    messages.find((message) => message.id === id)?.at;
  const replies = communications.flatMap((communication) => {
    const at = handsetTime(identifier(communication, inboundSystem));
    return at === undefined
      ? []
      : [
          {
            at,
            what: `patient texts "${communication.payload?.[0]?.contentString ?? ""}"`,
          },
        ];
  });
  const sent = communications.flatMap((communication) => {
    const name = identifier(communication, messageSystem);
    if (name === undefined) return [];
    const inbound = /^inbound\/(.*)$/.exec(name)?.[1];
    const at =
      inbound === undefined
        ? stepTimes.get(stepOf(name))
        : handsetTime(inbound);
    return at === undefined
      ? []
      : [
          {
            at,
            what: described(
              communication,
              inbound === undefined ? stepOf(name) : "answer",
            ),
          },
        ];
  });
  const asked = tasks.flatMap(
    ({ authoredOn, code, identifier: [first] = [] }) => {
      const inbound = /^inbound\/(.*)$/.exec(first?.value ?? "")?.[1];
      const at = inbound === undefined ? authoredOn : handsetTime(inbound);
      return at === undefined
        ? []
        : [{ at, what: `task for staff: ${code?.text ?? ""}` }];
    },
  );
  const ends: readonly (number | undefined)[] = [
    execution.startDate,
    execution.stopDate,
  ];
  const [begin = 0, end = 0] = ends;
  return [
    { at: new Date(begin).toISOString(), what: "booked; the journey begins" },
    ...replies,
    ...sent,
    ...asked,
    {
      at: new Date(end).toISOString(),
      what: `the journey ends (${execution.status.toLowerCase()}); the visit is ${appointment.status}`,
    },
  ].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
};

/** When each step was last decided: the `now` that its task was given. */
const timesOfSteps = (
  history: readonly HistoryEvent[],
): ReadonlyMap<string, string> =>
  new Map(
    history.flatMap((event) => {
      const { parameters } =
        (event as { taskScheduledEventDetails?: { parameters?: string } })
          .taskScheduledEventDetails ?? {};
      if (parameters === undefined) return [];
      const { Payload: { step, now } = {} } = JSON.parse(parameters) as {
        Payload?: { step?: string; now?: string };
      };
      return step === undefined || now === undefined
        ? []
        : [[step, now] as const];
    }),
  );

const described = (communication: Communication, step: string): string => {
  const { status, payload = [] } = communication;
  const reason = reasonCode(communication);
  const text = (payload.at(-1)?.contentString ?? "")
    .split("\n")
    .slice(0, 2)
    .join(" ");
  const label = step.replace(/^reminder-(\d+)h$/, "reminder $1 h before");
  if (status === "completed" || status === "in-progress") {
    const state = status === "completed" ? "delivered" : "sent";
    return `${label} by ${channelOf(communication) ?? "portal"}, ${state}: "${text}"`;
  }
  return `${label} not sent: ${reason ?? status}`;
};

const stepOf = (name: string): string => name.split("/")[1] ?? name;

const identifier = (
  { identifier: all = [] }: Communication,
  system: string,
): string | undefined => all.find((one) => one.system === system)?.value;

/** For a terminal: one patient, one line a moment, times as on the clock of `zone`. */
export const printed = (
  { role, patient, appointment }: Travelled,
  moments: readonly Moment[],
  zone: string,
): string => {
  const name = [patient.name?.[0]?.given?.[0], patient.name?.[0]?.family].join(
    " ",
  );
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    ...{
      weekday: "short",
      month: "short",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    },
  } as const);
  const time = (instant: string | undefined) =>
    clock.format(new Date(instant ?? 0));
  return [
    `${name}, who ${role} (visit ${time(appointment.start)}, ${zone})`,
    ...moments.map(({ at, what }) => `  ${time(at)}  ${what}`),
  ].join("\n");
};
