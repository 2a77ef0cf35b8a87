import * as z from "zod";

/** How the world beyond AWS treats what is sent to an address; the handset's owner decides it, by default kindly. */
export const Behaviour = z.strictObject({
  /** A phone number in E.164 form, a mail address or a device token; `*` is everyone without a behaviour of their own. */
  address: z.string().min(1).default("*"),
  /** What the send API answers; `lost` takes the message and breaks the connection before it answers. */
  answer: z
    .enum([
      "accepted",
      "throttled",
      "invalid",
      "opted-out",
      "unavailable",
      "lost",
    ])
    .default("accepted"),
  /** Event types of the receipts, in the order in which they are published. */
  receipts: z.array(z.string()).optional(),
  /** Milliseconds before each receipt. */
  delay: z.int().min(0).max(60_000).default(150),
  /** How often each receipt is published; AWS promises at least once. */
  copies: z.int().min(1).max(10).default(1),
  /** For how many messages; absent means for all. */
  times: z.int().min(1).optional(),
});
export type Behaviour = z.infer<typeof Behaviour>;

/** Whose phone, mailbox and devices the addresses are; only the page needs it. */
export const Contact = z.strictObject({
  name: z.string(),
  note: z.string().default(""),
  addresses: z.array(z.string()).min(1),
});
export type Contact = z.infer<typeof Contact>;

export interface Message {
  readonly id: string;
  readonly channel: "sms" | "email" | "push";
  readonly direction: "to-patient" | "from-patient";
  /** The patient's side: phone number, mail address, device token. */
  readonly address: string;
  /** The clinic's side. */
  readonly clinic: string;
  readonly title?: string;
  /** The SES configuration set it was sent with; it decides who hears of the message's fate. */
  readonly configurationSet?: string;
  readonly text: string;
  readonly at: string;
  /** Event types of the receipts published so far. */
  readonly receipts: readonly string[];
}

type Arrival = Omit<Message, "id" | "at" | "receipts">;

export interface Carrier {
  readonly messages: () => readonly Message[];
  readonly contacts: () => readonly Contact[];
  readonly optedOut: ReadonlySet<string>;
  readonly deliver: (arrival: Arrival) => Message;
  readonly record: (messageId: string, receipt: string) => void;
  readonly lastTo: (address: string) => Message | undefined;
  readonly optOut: (address: string, out: boolean) => void;
  readonly behave: (behaviour: Behaviour) => void;
  /** The behaviour for one more message to the address; counts it. */
  readonly behaviourFor: (address: string) => Behaviour;
  readonly introduce: (contacts: readonly Contact[]) => void;
  /** Calls back after every change; returns what ends that. */
  readonly watch: (changed: () => void) => () => void;
}

const kindly = Behaviour.parse({});

/** Everything that was sent, in memory; `now` is the clock that rules the messages' times. */
export const carrier = ({
  now,
  newId,
}: {
  now: () => Date;
  newId: () => string;
}): Carrier => {
  const messages = new Map<string, Message>();
  const behaviours = new Map<string, Behaviour>();
  const optedOut = new Set<string>();
  const watchers = new Set<() => void>();
  let contacts: readonly Contact[] = [];
  const changed = () => watchers.forEach((watcher) => watcher());

  return {
    messages: () => [...messages.values()],
    contacts: () => contacts,
    optedOut,
    deliver: (arrival) => {
      const message = {
        ...arrival,
        id: newId(),
        at: now().toISOString(),
        receipts: [],
      };
      messages.set(message.id, message);
      changed();
      return message;
    },
    record: (messageId, receipt) => {
      const message = messages.get(messageId);
      if (message)
        messages.set(messageId, {
          ...message,
          receipts: [...message.receipts, receipt],
        });
      changed();
    },
    lastTo: (address) =>
      [...messages.values()].findLast(
        (message) =>
          message.address === address && message.direction === "to-patient",
      ),
    optOut: (address, out) => {
      if (out) optedOut.add(address);
      else optedOut.delete(address);
      changed();
    },
    behave: (behaviour) => void behaviours.set(behaviour.address, behaviour),
    behaviourFor: (address) => {
      const behaviour =
        behaviours.get(address) ?? behaviours.get("*") ?? kindly;
      if (behaviour.times === 1) behaviours.delete(behaviour.address);
      else if (behaviour.times !== undefined)
        behaviours.set(behaviour.address, {
          ...behaviour,
          times: behaviour.times - 1,
        });
      return behaviour;
    },
    introduce: (known) => {
      contacts = known;
      changed();
    },
    watch: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
};
