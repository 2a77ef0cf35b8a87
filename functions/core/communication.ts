import type {
  Appointment,
  Communication,
  Extension,
  Identifier,
  Reference,
} from "@medplum/fhirtypes";
import type { MessageTemplate } from "../../packs/messages/message-pack.ts";
import type { Address } from "./addresses.ts";
import type { Channel } from "./settings.ts";

export const messageSystem = "urn:sojourn:message";
export const linkSystem = "urn:sojourn:link";
export const inboundSystem = "urn:sojourn:inbound:sms";
export const providerSystem = (channel: Channel): string =>
  `urn:sojourn:provider:${channel}`;

const addressUrl = "urn:sojourn:address";
const refusedUrl = "urn:sojourn:refused-address";
const ruleUrl = "urn:sojourn:rule";
const untilUrl = "urn:sojourn:until";
const asksUrl = "urn:sojourn:asks";
const reasonSystem = "urn:sojourn:reason";
const channelSystem = "urn:sojourn:channel";

/** What every Communication of ours says, sent or not. */
export interface Draft {
  /** `<execution>/<step>`: one message each, whatever is repeated. */
  readonly name: string;
  readonly patientId: string;
  readonly recipient: string;
  readonly template: Pick<MessageTemplate, "topic" | "category" | "asks">;
  readonly appointment: Pick<Appointment, "id"> | undefined;
}

/** The message as decided, before anything is done about it. */
export const draft = ({
  name,
  patientId,
  recipient,
  template,
  appointment,
}: Draft): Communication => ({
  resourceType: "Communication",
  identifier: [{ system: messageSystem, value: name }],
  status: "preparation",
  category: [
    {
      coding: [
        {
          system:
            "http://terminology.hl7.org/CodeSystem/communication-category",
          code: template.category,
        },
      ],
    },
  ],
  topic: { coding: [{ system: "urn:sojourn:topic", code: template.topic }] },
  subject: { reference: `Patient/${patientId}` },
  recipient: [{ reference: recipient }],
  ...(appointment?.id !== undefined && {
    about: [{ reference: `Appointment/${appointment.id}` }],
  }),
  ...(template.asks === true && {
    extension: [{ url: asksUrl, valueBoolean: true }],
  }),
});

/** About to be handed to a provider; the first payload is what the portal shows, the second what leaves by the channel. */
export const prepared = (
  communication: Communication,
  address: Address,
  texts: readonly string[],
  rules: readonly string[],
): Communication => ({
  ...withExtensions(communication, [
    ...rules.map((rule): Extension => ({ url: ruleUrl, valueCode: rule })),
    ...(address.value === ""
      ? []
      : [{ url: addressUrl, valueString: address.value }]),
  ]),
  status: "preparation",
  medium: [{ coding: [{ system: channelSystem, code: address.channel }] }],
  payload: texts.map((contentString) => ({ contentString })),
});

/** Not sent, or not yet: the reason, and the rules that spoke. */
export const withheld = (
  communication: Communication,
  {
    status,
    reason,
    rules,
    until,
  }: {
    readonly status: "not-done" | "on-hold" | "stopped";
    readonly reason: string;
    readonly rules: readonly string[];
    readonly until?: string;
  },
): Communication => ({
  ...withExtensions(communication, [
    ...rules.map((rule): Extension => ({ url: ruleUrl, valueCode: rule })),
    ...(until === undefined ? [] : [{ url: untilUrl, valueInstant: until }]),
  ]),
  status,
  statusReason: reasonOf(reason),
});

/** What a provider said about a message that was handed to it. */
export type Delivery =
  | {
      readonly outcome: "accepted";
      readonly messageId: string | undefined;
      readonly delivered?: true;
    }
  | {
      readonly outcome: "refused";
      readonly reason: string;
      readonly permanent: boolean;
    }
  /** It was not handed over, because of what is wrong on our side of the channel. */
  | { readonly outcome: "withheld"; readonly reason: string }
  | { readonly outcome: "unknown" };

/** The message after the provider's answer; a refused one waits for another decision, one of unknown outcome is never sent again. */
export const answered = (
  communication: Communication,
  delivery: Delivery,
  at: string,
): Communication => {
  switch (delivery.outcome) {
    case "accepted": {
      const { statusReason: _, ...rest } = communication;
      return {
        ...rest,
        status: delivery.delivered === true ? "completed" : "in-progress",
        sent: at,
        identifier: [
          ...(communication.identifier ?? []),
          ...providerIdentifier(communication, delivery.messageId),
        ],
      };
    }
    case "refused": {
      const address = addressOf(communication);
      const refused =
        delivery.permanent && address !== undefined
          ? [{ url: refusedUrl, valueString: address }]
          : [];
      return {
        ...communication,
        status: "on-hold",
        statusReason: reasonOf(delivery.reason),
        extension: [...(communication.extension ?? []), ...refused],
      };
    }
    case "withheld":
      return {
        ...communication,
        status: "on-hold",
        statusReason: reasonOf(delivery.reason),
      };
    case "unknown":
      return {
        ...communication,
        status: "stopped",
        statusReason: reasonOf("unknown-outcome"),
      };
  }
};

export const channelOf = ({
  medium = [],
}: Communication): Channel | undefined =>
  medium
    .flatMap(({ coding = [] }) => coding)
    .find(({ system }) => system === channelSystem)?.code as
    Channel | undefined;

export const addressOf = ({
  extension = [],
}: Communication): string | undefined =>
  extension.find(({ url }) => url === addressUrl)?.valueString;

export const reasonCode = ({
  statusReason,
}: Communication): string | undefined =>
  statusReason?.coding?.find(({ system }) => system === reasonSystem)?.code;

export const asksForAnswer = ({ extension = [] }: Communication): boolean =>
  extension.some(
    ({ url, valueBoolean }) => url === asksUrl && valueBoolean === true,
  );

/** The moment until which a message is held back. */
export const heldUntil = ({
  extension = [],
}: Communication): string | undefined =>
  extension.find(({ url }) => url === untilUrl)?.valueInstant;

/** The id of the appointment that a message is about. */
export const appointmentOf = ({
  about = [],
}: Communication): string | undefined =>
  idIn(about.find(({ reference }) => reference?.startsWith("Appointment/")));

/** Addresses of these messages that a provider refused, or could not deliver to, for good. */
export const deadAddresses = (
  communications: readonly Communication[],
): readonly string[] =>
  communications.flatMap((communication) => [
    ...(communication.extension ?? []).flatMap(({ url, valueString }) =>
      url === refusedUrl && valueString !== undefined ? [valueString] : [],
    ),
    ...(communication.status === "not-done" &&
    reasonCode(communication) === "invalid-address"
      ? [addressOf(communication) ?? ""]
      : []),
  ]);

/** When the patient was contacted without having asked for it. */
export const contactTimes = (
  communications: readonly Communication[],
): readonly string[] =>
  communications
    .filter(
      ({ category = [] }) =>
        !category.some(({ coding = [] }) =>
          coding.some(({ code }) => code === "notification"),
        ),
    )
    .flatMap(({ sent, status, sender }) =>
      sent !== undefined &&
      sender === undefined &&
      (status === "in-progress" || status === "completed")
        ? [sent]
        : [],
    );

export const reasonOf = (
  code: string,
): NonNullable<Communication["statusReason"]> => ({
  coding: [
    { system: reasonSystem, code },
    ...(standardReasons[code] === undefined
      ? []
      : [
          {
            system:
              "http://terminology.hl7.org/CodeSystem/communication-not-done-reason",
            code: standardReasons[code],
          },
        ]),
  ],
});

/** Where HL7 has a word for it. */
const standardReasons: Readonly<Record<string, string>> = {
  "opted-out": "patient-objection",
  "topic-declined": "patient-objection",
  "invalid-address": "invalid-phone-number",
  deceased: "recipient-unavailable",
  unavailable: "system-error",
  "unknown-outcome": "unknown",
};

const providerIdentifier = (
  communication: Communication,
  messageId: string | undefined,
): Identifier[] => {
  const channel = channelOf(communication);
  return channel === undefined || messageId === undefined
    ? []
    : [{ system: providerSystem(channel), value: messageId }];
};

/** Rules, address and time are those of the latest decision; what was refused stays. */
const withExtensions = (
  { statusReason: _, extension = [], ...communication }: Communication,
  extensions: readonly Extension[],
): Communication => {
  const kept = extension.filter(({ url }) => !latest.includes(url));
  const all = [...kept, ...extensions];
  return { ...communication, ...(all.length > 0 && { extension: all }) };
};

const latest: readonly string[] = [ruleUrl, addressUrl, untilUrl];

const idIn = (reference: Reference | undefined): string | undefined =>
  reference?.reference?.split("/")[1];
