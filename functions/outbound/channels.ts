import type { Delivery } from "../core/communication.ts";
import type { Channel } from "../core/organization.ts";

/** A message on its way out; `to` is E.164, an e-mail address or a device token. */
export type Outbound =
  | { readonly channel: "sms"; readonly to: string; readonly text: string }
  | {
      readonly channel: "email";
      readonly to: string;
      readonly subject: string;
      readonly text: string;
    }
  | {
      readonly channel: "push";
      readonly to: string;
      readonly platform: "APNS" | "GCM";
      readonly title: string;
      readonly text: string;
      readonly link: string;
    }
  | { readonly channel: "portal" };

/** The ways to a patient. Never throws: whatever happens is one of the three outcomes, and an unknown one is never repeated. */
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

type Adapter<C extends Channel> = (
  message: Extract<Outbound, { channel: C }>,
) => Promise<Delivery>;

/** The providers of AWS; an adapter is loaded when its first message goes out, so a function pays for no other. */
export const liveChannels = (settings: ChannelSettings): Channels => {
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
