import type { Patient, RelatedPerson } from "@medplum/fhirtypes";
import { addressesOf, type Address } from "./addresses.ts";
import { confidentialAddresses, confidentialOf } from "./confidential.ts";
import { consentAnswer } from "./consent.ts";
import { mayContactAt, nextOpening } from "./contact-hours.ts";
import type { Left, Rule, Verdict } from "./contact-question.ts";
import { legalHours } from "./jurisdiction.ts";
import type { Channel } from "./settings.ts";
import { proxiesOf } from "./proxy.ts";
import { vendorAgreement } from "./vendor-rule.ts";
import { zoneOf } from "./zone.ts";

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
  const [person] = proxiesOf(patient, relatedPersons, {
    now,
    zone: organization.timeZone,
  });
  if (person === undefined) return undefined;
  const addresses = addressesOf(person, now, organization.phone).filter(
    ({ channel }) => organization.channels.includes(channel),
  );
  return addresses.some(({ channel }) => channel !== "portal")
    ? { recipient: person, addresses }
    : undefined;
};

/** What the patient asked for binds everything after it: nowhere else, and nobody in their place (45 CFR 164.522(b)). */
const confidentialCommunications: Rule = (
  { patient, consents, now, organization, visit },
  { recipient },
) => {
  const situation = {
    consents,
    now,
    zone: zoneOf(patient, visit?.location, organization.timeZone),
    organizationPhone: organization.phone,
  };
  const confidential = confidentialOf(situation);
  if (confidential === undefined) return undefined;
  const person = confidential.isPatientOnly ? patient : recipient;
  const addresses = confidentialAddresses(
    confidential,
    person,
    situation,
  ).filter(({ channel }) => organization.channels.includes(channel));
  return addresses.length > 0
    ? { recipient: person, addresses }
    : { outcome: "escalate", reason: "confidential-communications" };
};

/**
 * For an organization's own treatment and appointment messages the absence of a refusal is enough (45 CFR 164.501; 47 CFR
 * 64.1200(a)(9)(iv)); marketing needs a permission in so many words (47 CFR 64.1200(f)(9)).
 */
const consent: Rule = (
  { patient, consents, message: { topic, purpose }, now, organization, visit },
  { addresses, recipient },
) => {
  const open = addresses.filter(({ channel }) => {
    const { answer } = consentAnswer(consents, {
      use: "send",
      purpose: purpose === "marketing" ? "HMARKT" : "TREAT",
      recipients: [nameOf(recipient)],
      labels: [],
      channel,
      topic,
      now,
      zone: zoneOf(patient, visit?.location, organization.timeZone),
    });
    return purpose === "marketing"
      ? answer === "permitted"
      : answer !== "denied";
  });
  if (open.length === addresses.length) return undefined;
  return open.length > 0
    ? { addresses: open }
    : {
        outcome: "suppress",
        reason: purpose === "treatment" ? "opted-out" : "no-consent",
      };
};

/** What a Consent calls the recipient. */
const nameOf = ({ resourceType, id = "" }: Patient | RelatedPerson): string =>
  resourceType === "Patient" ? `patient:${id}` : `RelatedPerson/${id}`;

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
  const time = Date.parse(now);
  if (message.urgent === true || mayContactAt(time, zone, weeks))
    return undefined;
  const opening = nextOpening(time, zone, weeks);
  if (opening === undefined)
    return { outcome: "escalate", reason: "no-contact-hours" };
  return {
    wait: later(wait, {
      outcome: "defer",
      until: new Date(opening).toISOString(),
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
  const free = nextOpening(Math.max(...frees), zone, weeks);
  if (free === undefined)
    return { outcome: "suppress", reason: "contact-budget" };
  return {
    wait: later(wait, {
      outcome: "defer",
      until: new Date(free).toISOString(),
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

/** Who speaks when. */
export const rules: readonly (readonly [string, Rule])[] = [
  ["alive", alive],
  ["merged", merged],
  ["proxy", proxy],
  ["confidential-communications", confidentialCommunications],
  ["consent", consent],
  ["vendor-agreement", vendorAgreement],
  ["jurisdiction", jurisdiction],
  ["topic-preference", topicPreference],
  ["quiet-hours", quietHours],
  ["contact-budget", budget],
  ["relevance", relevance],
  ["channel-rank", channelRank],
  ["cost", cost],
];

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
