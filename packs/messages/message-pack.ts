import type { MessagePurpose } from "../../functions/core/jurisdiction.ts";

export const languages = ["en", "es"] as const;
export type Language = (typeof languages)[number];

/** Messages as data: who answers for them, and every text in every language. */
export interface MessagePack {
  readonly publisher: string;
  readonly version: string;
  readonly source: string;
  /** Languages whose text a qualified human translator has still to review (45 CFR 92.201(c)(3)). */
  readonly awaitingReview: readonly Language[];
  readonly messages: Readonly<Record<string, MessageTemplate>>;
}

export interface MessageTemplate {
  readonly topic: string;
  readonly purpose: MessagePurpose;
  readonly category: "notification" | "reminder";
  readonly solicited?: true;
  /** The patient is asked to confirm, cancel or ask for another time. */
  readonly asks?: true;
  readonly texts: Readonly<Record<Language, MessageTexts>>;
}

/**
 * `{placeholders}` are filled in; a line of which one has no value is left out. SMS, push and e-mail name the organization,
 * time, place and the way to the portal, never what the visit is for.
 */
export interface MessageTexts {
  readonly sms: string;
  /** `{confirm}` of the SMS, while the patient has not confirmed. */
  readonly confirm: string;
  readonly email: {
    readonly subject: string;
    readonly lines: readonly string[];
  };
  readonly push: { readonly title: string; readonly text: string };
  readonly portal: readonly string[];
}
