import type {
  Appointment,
  Communication,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { addressesOf } from "./addresses.ts";
import {
  addressOf,
  appointmentOf,
  asksForAnswer,
  channelOf,
  inboundSystem,
} from "./communication.ts";

type Sent = Communication & { readonly id: string };

/** A message that asked for an answer, and the visit it was about. */
interface Asked {
  readonly message: Sent;
  readonly appointment: Appointment & { readonly id: string };
}

/** Which visit a text message is about; several at about the same time are for a person to tell apart. */
export type Target = Asked | "ambiguous" | "none";

const tooClose = 3_600_000;

/**
 * Several patients may share a phone, a patient may have several visits: a reply belongs to the visit whose message to this
 * number came last and still awaits one, unless another visit's message came within the same hour.
 */
export const targetOf = (
  number: string,
  communications: readonly Sent[],
  appointments: readonly (Appointment & { readonly id: string })[],
): Target => {
  const open = new Map(
    appointments
      .filter(({ status }) => status === "booked")
      .map((appointment) => [appointment.id, appointment]),
  );
  const answeredIds = new Set(
    communications.flatMap(({ inResponseTo = [] }) =>
      inResponseTo.flatMap(({ reference }) => reference ?? []),
    ),
  );
  const asked = communications
    .filter(
      (message) =>
        asksForAnswer(message) &&
        channelOf(message) === "sms" &&
        addressOf(message) === number &&
        message.sent !== undefined,
    )
    .flatMap((message): Asked[] => {
      const appointment = open.get(appointmentOf(message) ?? "");
      return appointment === undefined ? [] : [{ message, appointment }];
    })
    .toSorted((one, other) => sentAt(other) - sentAt(one));
  const awaiting = asked.filter(
    ({ message }) => !answeredIds.has(`Communication/${message.id}`),
  );
  return latest(awaiting.length > 0 ? awaiting : asked);
};

const latest = (asked: readonly Asked[]): Target => {
  const [first] = asked;
  if (first === undefined) return "none";
  const rival = asked.find(
    ({ appointment }) => appointment.id !== first.appointment.id,
  );
  return rival !== undefined && sentAt(first) - sentAt(rival) < tooClose
    ? "ambiguous"
    : first;
};

const sentAt = ({ message }: Asked): number => Date.parse(message.sent ?? "");

/** Whether the number is one of the person's, as they would be reached by it now. */
export const hasNumber = (
  person: Patient | RelatedPerson,
  number: string,
  now: string,
  organizationPhone: string,
): boolean =>
  addressesOf(person, now, organizationPhone).some(
    ({ channel, value }) => channel === "sms" && value === number,
  );

export interface Inbound {
  readonly id: string;
  readonly text: string;
  readonly number: string;
  readonly patientId: string;
  readonly received: string;
  readonly inAnswerTo: Sent | undefined;
}

/** A text message as it came; its id is the carrier's, so it is received once. */
export const receivedText = ({
  id,
  text,
  number,
  patientId,
  received,
  inAnswerTo,
}: Inbound): Communication => ({
  resourceType: "Communication",
  identifier: [{ system: inboundSystem, value: id }],
  status: "completed",
  subject: { reference: `Patient/${patientId}` },
  sender: {
    reference: inAnswerTo?.recipient?.[0]?.reference ?? `Patient/${patientId}`,
  },
  medium: [{ coding: [{ system: "urn:sojourn:channel", code: "sms" }] }],
  received,
  ...(inAnswerTo !== undefined && {
    inResponseTo: [{ reference: `Communication/${inAnswerTo.id}` }],
    ...(inAnswerTo.about !== undefined && { about: inAnswerTo.about }),
  }),
  extension: [{ url: "urn:sojourn:address", valueString: number }],
  payload: [{ contentString: text }],
});
