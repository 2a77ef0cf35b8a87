import type { Delivery } from "../core/communication.ts";
import type { Channel, OrganizationSettings } from "../core/settings.ts";
import { channelRefusal, type VendorRefusal } from "../core/vendors.ts";

/** A message on its way out; `to` is E.164, an e-mail address or a device token, and the topic says what its text tells. */
export type Outbound =
  | {
      readonly channel: "sms";
      readonly topic: string;
      readonly to: string;
      readonly text: string;
    }
  | {
      readonly channel: "email";
      readonly topic: string;
      readonly to: string;
      readonly subject: string;
      readonly text: string;
    }
  | {
      readonly channel: "push";
      readonly topic: string;
      readonly to: string;
      readonly platform: "APNS" | "GCM";
      readonly title: string;
      readonly text: string;
      readonly link: string;
    }
  | { readonly channel: "portal" };

/** The ways to a patient. Never throws: whatever happens is one of the outcomes, and an unknown one is never repeated. */
export interface Channels {
  send(message: Outbound): Promise<Delivery>;
}

export interface ChannelSettings {
  readonly smsOrigination: string;
  readonly smsConfigurationSet: string;
  readonly emailFrom: string;
  readonly emailConfigurationSet: string;
  readonly pushApplicationId: string;
}

/** What binds the vendors behind the channels, asked at the moment of each message. */
export interface Binding {
  readonly organization: Pick<OrganizationSettings, "agreements" | "timeZone">;
  readonly now: () => Date;
  readonly refused: (channel: Channel, reason: VendorRefusal) => void;
}

type Adapter<C extends Channel> = (
  message: Extract<Outbound, { channel: C }>,
) => Promise<Delivery>;

/**
 * The providers of AWS, each only while an agreement binds it; an adapter is loaded when its first message goes out, so a
 * function pays for no other.
 */
export const liveChannels = (
  settings: ChannelSettings,
  { organization, now, refused }: Binding,
): Channels => {
  const sms = once(() =>
    import("./sms.ts").then(({ smsAdapter }) => smsAdapter(settings)),
  );
  const email = once(() =>
    import("./email.ts").then(({ emailAdapter }) => emailAdapter(settings)),
  );
  const push = once(() =>
    import("./push.ts").then(({ pushAdapter }) => pushAdapter(settings)),
  );
  return {
    send: async (message) => {
      const { channel } = message;
      const topic = "topic" in message ? message.topic : "";
      const refusal = channelRefusal(organization, channel, topic, now());
      if (refusal !== undefined) {
        refused(channel, refusal);
        return { outcome: "withheld", reason: "vendor-agreement" };
      }
      switch (message.channel) {
        case "sms":
          return (await sms())(message);
        case "email":
          return (await email())(message);
        case "push":
          return (await push())(message);
        case "portal":
          return { outcome: "accepted", messageId: undefined, delivered: true };
      }
    },
  };
};

export type SmsAdapter = Adapter<"sms">;
export type EmailAdapter = Adapter<"email">;
export type PushAdapter = Adapter<"push">;

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};
