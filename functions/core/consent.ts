import type { Consent } from "@medplum/fhirtypes";
import type { Channel, OrganizationSettings } from "./organization.ts";

const channelSystem = "urn:sojourn:channel";
const topicSystem = "urn:sojourn:topic";

/** What a Consent says of contact: the channels and topics it names; naming none means all. */
interface Provision {
  readonly type: "permit" | "deny";
  readonly channels: readonly string[];
  readonly topics: readonly string[];
}

/**
 * Whether an active Consent refuses the topic on the channel. For an organization's own treatment and appointment
 * messages the absence of a refusal is enough (45 CFR 164.501; 47 CFR 64.1200(a)(9)(iv)).
 */
export const isRefused = (
  consents: readonly Consent[],
  channel: Channel,
  topic: string,
  now: string,
): boolean =>
  provisions(consents, now).some(
    (provision) =>
      provision.type === "deny" && speaksOf(provision, channel, topic),
  );

/** Whether an active Consent permits it in so many words, as marketing needs (47 CFR 64.1200(f)(9)). */
export const isPermitted = (
  consents: readonly Consent[],
  channel: Channel,
  topic: string,
  now: string,
): boolean =>
  provisions(consents, now).some(
    (provision) =>
      provision.type === "permit" && speaksOf(provision, channel, topic),
  );

/** The channels that consent leaves for a topic; none means that the patient has opted out of it altogether. */
export const openChannels = (
  consents: readonly Consent[],
  topic: string,
  now: string,
  { channels }: OrganizationSettings,
): readonly Channel[] =>
  channels.filter((channel) => !isRefused(consents, channel, topic, now));

/** The active refusals that an opt-in on the channel takes back. */
export const refusalsOf = <T extends Consent>(
  consents: readonly T[],
  channel: Channel,
): readonly T[] =>
  consents.filter((consent) => {
    const provision = provisionOf(consent);
    return (
      consent.status === "active" &&
      provision?.type === "deny" &&
      provision.channels.includes(channel)
    );
  });

/** The record of an opt-out: from now on nothing goes to the patient by this channel. */
export const optOut = (
  patientId: string,
  channel: Channel,
  at: string,
): Consent => ({
  resourceType: "Consent",
  status: "active",
  scope: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/consentscope",
        code: "patient-privacy",
      },
    ],
  },
  category: [{ coding: [{ system: "urn:sojourn:consent", code: "contact" }] }],
  patient: { reference: `Patient/${patientId}` },
  dateTime: at,
  policyRule: {
    coding: [{ system: "urn:sojourn:policy", code: "contact-opt-out" }],
  },
  provision: {
    type: "deny",
    code: [{ coding: [{ system: channelSystem, code: channel }] }],
  },
});

const provisions = (
  consents: readonly Consent[],
  now: string,
): readonly Provision[] =>
  consents
    .filter(
      ({ status, provision }) =>
        status === "active" &&
        holds(provision?.period?.start, provision?.period?.end, now),
    )
    .flatMap((consent) => provisionOf(consent) ?? []);

const provisionOf = ({
  provision,
  category,
}: Consent): Provision | undefined => {
  const contact = category.some(({ coding = [] }) =>
    coding.some(
      ({ system, code }) =>
        system === "urn:sojourn:consent" && code === "contact",
    ),
  );
  if (!contact || provision?.type === undefined) return undefined;
  const codings = (provision.code ?? []).flatMap(({ coding = [] }) => coding);
  const codesOf = (wanted: string) =>
    codings.flatMap(({ system, code }) =>
      system === wanted && code !== undefined ? [code] : [],
    );
  return {
    type: provision.type,
    channels: codesOf(channelSystem),
    topics: codesOf(topicSystem),
  };
};

const speaksOf = (
  { channels, topics }: Provision,
  channel: string,
  topic: string,
): boolean =>
  (channels.length === 0 || channels.includes(channel)) &&
  (topics.length === 0 || topics.includes(topic));

const holds = (
  start: string | undefined,
  end: string | undefined,
  now: string,
): boolean =>
  (start === undefined || Date.parse(start) <= Date.parse(now)) &&
  (end === undefined || Date.parse(now) <= Date.parse(end));
