import { filesOf, sourceOf } from "./source.ts";

/** Why a message is not sent, or not now, in words for a nurse. The code says when; a reason without words stops the generator. */
const words: Readonly<Record<string, string>> = {
  deceased: "The patient has died.",
  merged: "The record was merged into another one that could not be found.",
  inactive: "The record was put out of use.",
  "confidential-communications":
    "The patient asked to be reached in one way only, and that way is not open; a person has to take over, in no other way either.",
  "opted-out": "The patient wants nothing by any channel that is left.",
  "no-consent": "Marketing needs a consent in so many words; there is none.",
  "topic-declined": "The patient wants no messages on this topic.",
  "quiet-hours":
    "It is too early or too late where the patient lives; the message waits for the next hour at which it may be sent.",
  "no-contact-hours":
    "The organization's hours and the law's leave no hour within a fortnight.",
  "contact-budget":
    "The patient has heard from us often enough for today or this week; the message waits until there is room.",
  "not-booked": "The visit is not booked any more.",
  moved: "The visit is at another time than when the message was planned.",
  past: "The visit has begun.",
  "too-late":
    "It could only be sent when the next message, or the visit, has made it pointless.",
  "vendor-agreement":
    "No agreement that is in force binds whoever carries the channels that are left, or it does not cover this data.",
  "no-channel": "There is no address that works.",
  "no-patient": "There is no such patient; nothing is written either.",
  "unknown-outcome":
    "It was handed over and nobody knows whether it left; it is never sent again.",
  "journey-stopped":
    "It was waiting when the visit was cancelled, moved or kept.",
  "invalid-address": "The provider says that the address does not exist.",
  blocked: "The provider or the carrier refuses this address or this message.",
  throttled: "The provider asks to be tried later.",
  misconfigured:
    "The provider does not accept our sender, identity or limit; operators are alarmed.",
  unavailable: "The provider could not be reached.",
  undelivered: "The provider took it and could not deliver it.",
  expired: "The carrier held it until it was no longer valid.",
  complaint: "The patient marked it as spam; that is an opt-out from e-mail.",
};

const places: readonly {
  readonly title: string;
  readonly files: readonly string[];
}[] = [
  {
    title: "decided before anything is sent",
    files: [
      ...filesOf("functions/core", "contact"),
      ...filesOf("functions/core", "vendor-rule"),
      ...filesOf("functions/tasks", "send"),
    ],
  },
  {
    title: "because the journey has ended",
    files: filesOf("functions/events", "start"),
  },
  {
    title: "said by the provider at once",
    files: filesOf("functions/outbound"),
  },
  {
    title: "said by a delivery receipt",
    files: ["functions/core/receipts.ts"],
  },
];

/** Outcomes of the sending task that are not reasons of a message. */
const outcomes = ["unreachable", "unknown"];

/** The texts that stand for a reason: after `reason:`, whatever a condition there compares, and in `refused("…", …)`. */
const reasonsIn = (source: string): readonly string[] =>
  [...source.matchAll(/\breason\??:([^,;}]*)|\brefused\(([^,)]*)/gu)]
    .map(([, named = "", refused = ""]) => `${named}${refused}`)
    .flatMap((expression) => [
      ...expression.replaceAll(/===\s*"[^"]*"/gu, "").matchAll(/"([a-z-]+)"/gu),
    ])
    .map(([, reason = ""]) => reason);

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly where: string;
}

/** Every reason that the code can give, each where it is given first. Throws for one without words, and for words that no code speaks. */
export const reasons = (): readonly Reason[] => {
  const found = new Map<string, string>();
  for (const { title, files } of places)
    for (const code of files
      .flatMap((file) => reasonsIn(sourceOf(file)))
      .sort())
      if (!found.has(code) && !outcomes.includes(code)) found.set(code, title);
  const unspoken = Object.keys(words).filter((code) => !found.has(code));
  if (unspoken.length > 0)
    throw new Error(`no code gives the reason ${unspoken.join(", ")}`);
  return [...found].map(([code, where]) => {
    const text = words[code];
    if (text === undefined)
      throw new Error(`docs/generate/reasons.ts has no words for ${code}`);
    return { code, text, where };
  });
};
