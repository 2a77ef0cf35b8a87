import type {
  Appointment,
  Consent,
  Location,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { Temporal } from "temporal-polyfill";
import { addressesOf, type Address } from "./addresses.ts";
import { isPermitted, isRefused } from "./consent.ts";
import {
  everyDay,
  mayContactAt,
  nextOpening,
  type Week,
} from "./contact-hours.ts";
import { legalHours, type MessagePurpose } from "./jurisdiction.ts";
import type { Channel, OrganizationSettings } from "./organization.ts";
import { proxiesOf } from "./proxy.ts";
import { zoneOf } from "./zone.ts";

/** What is known when somebody is to be contacted; everything is read at that moment. */
export interface Question {
  readonly now: string;
  readonly message: MessageKind;
  readonly patient: Patient;
  readonly relatedPersons: readonly RelatedPerson[];
  readonly consents: readonly Consent[];
  /** When this patient was contacted lately, over all journeys. */
  readonly contacts: readonly string[];
  /** Addresses that a provider has refused for good. */
  readonly deadAddresses: readonly string[];
  /** The visit that the message is about, as the journey planned it and as it is. */
  readonly visit?: {
    readonly start: string;
    readonly appointment: Appointment | undefined;
    readonly location: Location | undefined;
  };
  readonly organization: OrganizationSettings;
}

export interface MessageKind {
  readonly topic: string;
  readonly purpose: MessagePurpose;
  /** Exempt from quiet hours and budget: waiting would do harm. */
  readonly urgent?: boolean;
  /** The patient asked for it by what they just did: it does not count against the budget. */
  readonly solicited?: boolean;
  /** May be gathered with others when the budget is used up. */
  readonly digestible?: boolean;
  /** From then on it is pointless. */
  readonly expires?: string;
}

export type Decision = { readonly rules: readonly string[] } & Verdict;

/** Reasons for which a person has to take over. */
export const escalations: readonly string[] = [
  "merged",
  "no-contact-hours",
  "no-channel",
];

type Verdict =
  | {
      readonly outcome: "send";
      readonly address: Address;
      readonly recipient: Patient | RelatedPerson;
    }
  | {
      readonly outcome: "defer";
      readonly until: string;
      readonly reason: string;
    }
  | { readonly outcome: "digest"; readonly reason: string }
  | { readonly outcome: "suppress"; readonly reason: string }
  | { readonly outcome: "escalate"; readonly reason: string };

/** What the rules so far have left. */
interface Left {
  readonly recipient: Patient | RelatedPerson;
  readonly addresses: readonly Address[];
  readonly weeks: readonly Week[];
  readonly wait?: Extract<Verdict, { outcome: "defer" | "digest" }>;
}

type Answer = Partial<Left> | Verdict | undefined;
type Rule = (question: Question, left: Left) => Answer;

/**
 * Whether, how and when to contact a patient. The rules speak in this order; a refusal ends it, a wish to wait stands only if
 * nothing after it refuses. Every rule that changed something is named in `rules`.
 */
export const decide = (question: Question): Decision => {
  const rules: string[] = [];
  let left = beginning(question);
  for (const [name, rule] of order) {
    const answer = rule(question, left);
    if (answer === undefined) continue;
    rules.push(name);
    if ("outcome" in answer) return { rules, ...answer };
    left = { ...left, ...answer };
  }
  return { rules, ...conclusion(question, left) };
};

/** The channels that consent leaves for a topic; none means that the patient has opted out of it altogether. */
export const openChannels = (
  consents: readonly Consent[],
  topic: string,
  now: string,
  { channels }: OrganizationSettings,
): readonly Channel[] =>
  channels.filter((channel) => !isRefused(consents, channel, topic, now));

const beginning = ({ patient, now, organization }: Question): Left => ({
  recipient: patient,
  addresses: addressesOf(patient, now, organization.phone).filter(
    ({ channel }) => organization.channels.includes(channel),
  ),
  weeks: [everyDay(organization.contactHours)],
});

const alive: Rule = ({ patient }) =>
  patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined
    ? { outcome: "suppress", reason: "deceased" }
    : undefined;

/** The caller asks about the survivor; what still points on, or was put out of use, is for a person to look at. */
const merged: Rule = ({ patient: { link = [], active } }) => {
  if (link.some(({ type }) => type === "replaced-by"))
    return { outcome: "escalate", reason: "merged" };
  return active === false
    ? { outcome: "suppress", reason: "inactive" }
    : undefined;
};

const proxy: Rule = ({ patient, relatedPersons, now, organization }) => {
  const [person] = proxiesOf(patient, relatedPersons, now);
  if (person === undefined) return undefined;
  const addresses = addressesOf(person, now, organization.phone).filter(
    ({ channel }) => organization.channels.includes(channel),
  );
  return addresses.some(({ channel }) => channel !== "portal")
    ? { recipient: person, addresses }
    : undefined;
};

const consent: Rule = (
  { consents, message: { topic, purpose }, now },
  { addresses },
) => {
  const open = addresses.filter(
    ({ channel }) =>
      !isRefused(consents, channel, topic, now) &&
      (purpose === "treatment" || isPermitted(consents, channel, topic, now)),
  );
  if (open.length === addresses.length) return undefined;
  return open.length > 0
    ? { addresses: open }
    : {
        outcome: "suppress",
        reason: purpose === "treatment" ? "opted-out" : "no-consent",
      };
};

const jurisdiction: Rule = ({ patient, message, now }, { weeks }) => {
  const legal = legalHours(patient, message.purpose, now.slice(0, 10));
  return legal.length === 0
    ? undefined
    : { weeks: [...weeks, ...legal.map(({ week }) => week)] };
};

const preferenceUrl = "urn:sojourn:contact-preference";

/** Per topic the patient may name one channel, or none. */
const topicPreference: Rule = (
  { patient: { extension = [] }, message: { topic } },
  { addresses },
) => {
  const preferences = extension.filter(({ url }) => url === preferenceUrl);
  const chosen = preferences.find(({ extension: parts = [] }) =>
    parts.some(({ url, valueCode }) => url === "topic" && valueCode === topic),
  );
  const channel = chosen?.extension?.find(
    ({ url }) => url === "channel",
  )?.valueCode;
  if (channel === undefined) return undefined;
  if (channel === "none")
    return { outcome: "suppress", reason: "topic-declined" };
  const wanted = addresses.filter((address) => address.channel === channel);
  return wanted.length > 0
    ? {
        addresses: [
          ...wanted,
          ...addresses.filter((address) => address.channel !== channel),
        ].map(withoutRank),
      }
    : undefined;
};

const quietHours: Rule = (
  { message, patient, visit, now, organization },
  { weeks, wait },
) => {
  const zone = zoneOf(patient, visit?.location, organization.timeZone);
  const instant = Temporal.Instant.from(now);
  if (message.urgent === true || mayContactAt(instant, zone, weeks))
    return undefined;
  const opening = nextOpening(instant, zone, weeks);
  if (opening === undefined)
    return { outcome: "escalate", reason: "no-contact-hours" };
  return {
    wait: later(wait, {
      outcome: "defer",
      until: opening.toString({ smallestUnit: "millisecond" }),
      reason: "quiet-hours",
    }),
  };
};

const day = 86_400_000;

const budget: Rule = (question, { weeks, wait }) => {
  const { message, contacts, now, organization } = question;
  if (message.urgent === true || message.solicited === true) return undefined;
  const { perDay, perWeek } = organization.contactBudget;
  const frees = [
    freeAgain(contacts, perDay, day, now),
    freeAgain(contacts, perWeek, 7 * day, now),
  ].filter((time) => time !== undefined);
  if (frees.length === 0) return undefined;
  if (message.digestible === true)
    return { wait: wait ?? { outcome: "digest", reason: "contact-budget" } };
  const zone = zoneOf(
    question.patient,
    question.visit?.location,
    organization.timeZone,
  );
  const free = nextOpening(
    Temporal.Instant.fromEpochMilliseconds(Math.max(...frees)),
    zone,
    weeks,
  );
  if (free === undefined)
    return { outcome: "suppress", reason: "contact-budget" };
  return {
    wait: later(wait, {
      outcome: "defer",
      until: free.toString({ smallestUnit: "millisecond" }),
      reason: "contact-budget",
    }),
  };
};

const relevance: Rule = ({ visit, message, now }) => {
  if (visit !== undefined) {
    const { appointment, start } = visit;
    if (appointment?.status !== "booked")
      return { outcome: "suppress", reason: "not-booked" };
    if (Date.parse(appointment.start ?? "") !== Date.parse(start))
      return { outcome: "suppress", reason: "moved" };
    if (Date.parse(start) <= Date.parse(now))
      return { outcome: "suppress", reason: "past" };
  }
  return message.expires !== undefined &&
    Date.parse(message.expires) <= Date.parse(now)
    ? { outcome: "suppress", reason: "too-late" }
    : undefined;
};

/** What the patient ranked, then the organization's order. */
const channelRank: Rule = (
  { deadAddresses, organization: { channels } },
  { addresses },
) => {
  const living = addresses.filter(
    ({ value }) => value === "" || !deadAddresses.includes(value),
  );
  if (living.length === 0) return { outcome: "escalate", reason: "no-channel" };
  const place = ({ channel, rank }: Address): number =>
    (rank ?? 100) * 100 + channels.indexOf(channel);
  const ranked = living.every(({ rank }) => rank === 0)
    ? living
    : living.toSorted((one, other) => place(one) - place(other));
  return ranked.length === addresses.length && ranked[0] === addresses[0]
    ? undefined
    : { addresses: ranked };
};

/** Relative cost of one message; speaks only where patient and organization are indifferent. */
const costs: Readonly<Record<Channel, number>> = {
  portal: 0,
  email: 1,
  push: 1,
  sms: 80,
};

const cost: Rule = ({ organization: { channels } }, { addresses }) => {
  const [first] = addresses;
  if (first === undefined) return undefined;
  const equals = addresses.filter(
    ({ channel, rank }) =>
      rank !== undefined &&
      rank > 0 &&
      rank === first.rank &&
      channels.includes(channel),
  );
  const cheapest = equals.toSorted(
    (one, other) => costs[one.channel] - costs[other.channel],
  )[0];
  return cheapest === undefined ||
    costs[cheapest.channel] === costs[first.channel]
    ? undefined
    : {
        addresses: [
          cheapest,
          ...addresses.filter((address) => address !== cheapest),
        ],
      };
};

const order: readonly (readonly [string, Rule])[] = [
  ["alive", alive],
  ["merged", merged],
  ["proxy", proxy],
  ["consent", consent],
  ["jurisdiction", jurisdiction],
  ["topic-preference", topicPreference],
  ["quiet-hours", quietHours],
  ["contact-budget", budget],
  ["relevance", relevance],
  ["channel-rank", channelRank],
  ["cost", cost],
];

const conclusion = (
  { message, visit }: Question,
  { wait, addresses, recipient }: Left,
): Verdict => {
  const end = [message.expires, visit?.start]
    .filter((time) => time !== undefined)
    .map((time) => Date.parse(time));
  if (
    wait?.outcome === "defer" &&
    end.some((time) => Date.parse(wait.until) >= time)
  )
    return { outcome: "suppress", reason: "too-late" };
  if (wait !== undefined) return wait;
  const [address] = addresses;
  return address === undefined
    ? { outcome: "escalate", reason: "no-channel" }
    : { outcome: "send", address, recipient };
};

const later = (
  one: Left["wait"],
  other: Extract<Verdict, { outcome: "defer" }>,
): Extract<Verdict, { outcome: "defer" }> =>
  one?.outcome === "defer" && Date.parse(one.until) >= Date.parse(other.until)
    ? one
    : other;

/** When the oldest of the last `most` contacts leaves the window; undefined while there is room. */
const freeAgain = (
  contacts: readonly string[],
  most: number,
  window: number,
  now: string,
): number | undefined => {
  const recent = contacts
    .map((contact) => Date.parse(contact))
    .filter((time) => time > Date.parse(now) - window)
    .sort((one, other) => other - one);
  const blocking = recent[most - 1];
  return blocking === undefined ? undefined : blocking + window;
};

const withoutRank = (address: Address): Address => ({ ...address, rank: 0 });
