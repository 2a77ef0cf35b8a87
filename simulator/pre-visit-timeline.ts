import type {
  Appointment,
  CarePlan,
  Communication,
  Consent,
  Resource,
  Task,
} from "@medplum/fhirtypes";
import {
  channelOf,
  heldUntil,
  reasonCode,
} from "../functions/core/communication.ts";
import type { BusEntry } from "../functions/outbound/bus.ts";
import { bySystem } from "../test/record.ts";
import type { Clinic } from "./pre-visit-clinic.ts";

/** What happened, in the patient's local time, as a nurse would tell it. */
export const timeline = async (
  clinic: Clinic,
  patient: string,
  zone: string,
): Promise<readonly string[]> => {
  const lines: string[] = [];
  const own = clinic.events.filter(({ detail }) => detail.patient === patient);
  for (const event of own.toSorted(causesFirst)) {
    const tell = stories[event.what];
    const said = tell?.((await versionOf(clinic, event)) as never, (time) =>
      clock(time, zone),
    );
    if (said !== undefined && said !== "")
      lines.push(`${clock(event.at, zone)}  ${said}`);
  }
  return lines;
};

/** Within one transaction nothing comes first; a person wants to read what was said before what it led to. */
const causesFirst = (one: BusEntry, other: BusEntry): number =>
  one.detail.fact === other.detail.fact
    ? Number(other.what === "CommunicationReceived") -
      Number(one.what === "CommunicationReceived")
    : 0;

const versionOf = (
  { records }: Clinic,
  { detail }: BusEntry,
): Promise<Resource> =>
  records.readVersion(
    bySystem,
    detail.type as "Communication",
    String(detail.id),
    String(detail.version),
  );

type Story = (resource: never, when: (time: string) => string) => string;

const names: Readonly<Record<string, string>> = {
  sms: "SMS",
  email: "e-mail",
  push: "push",
  portal: "portal",
};
const by = (communication: Communication): string =>
  names[channelOf(communication) ?? ""] ?? "message";
const leaving = ({ payload = [] }: Communication): string =>
  (payload.at(-1)?.contentString ?? "").split("\n")[0] ?? "";

const stories: Readonly<Record<string, Story>> = {
  AppointmentBooked: ({ start = "" }: Appointment, when) =>
    `visit booked for ${when(start)}`,
  AppointmentMoved: ({ start = "" }: Appointment, when) =>
    `visit moved to ${when(start)}`,
  AppointmentCancelled: () => "visit cancelled, its time is free again",
  AppointmentCheckedIn: () => "patient checks in",
  AppointmentConfirmed: () => "visit confirmed",
  PatientDied: () => "patient dies",
  CarePlanStarted: () => "journey starts",
  CarePlanCompleted: () => "journey is over",
  CarePlanRevoked: () => "journey stops",
  CommunicationSent: (message: Communication) =>
    `--> ${by(message)}: ${leaving(message)}`,
  CommunicationDelivered: (message: Communication) =>
    `--> ${by(message)}: ${leaving(message)}`,
  CommunicationReceived: ({ payload = [] }: Communication) =>
    `<-- patient: ${payload[0]?.contentString ?? ""}`,
  CommunicationDeferred: (message: Communication, when) => {
    const until = heldUntil(message);
    return until === undefined
      ? `${by(message)} refused (${reasonCode(message) ?? ""}), the next channel is tried`
      : `message waits until ${when(until)} (${reasonCode(message) ?? ""})`;
  },
  CommunicationSuppressed: (message: Communication) =>
    `no message (${reasonCode(message) ?? ""})`,
  CommunicationStopped: (message: Communication) =>
    `${by(message)}: not known whether it left; not sent again`,
  ConsentChanged: ({ status, provision }: Consent) =>
    `${provision?.code?.[0]?.coding?.[0]?.code ?? "contact"} ${status === "active" ? "refused" : "allowed again"}`,
  TaskCreated: ({ code, restriction }: Task, when) =>
    `task for the front desk: ${code?.text ?? ""}${restriction?.period?.end === undefined ? "" : ` Due ${when(restriction.period.end)}.`}`,
  CarePlanPaused: (_: CarePlan) => "journey is paused",
} satisfies Readonly<Record<string, Story>>;

const format = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    weekday: "short",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  });

const clock = (time: string, zone: string): string =>
  format(zone).format(new Date(time)).replaceAll(",", "");
