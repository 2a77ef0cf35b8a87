import type {
  Appointment,
  Consent,
  Location,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import type { Address } from "./addresses.ts";
import type { Week } from "./contact-hours.ts";
import type { MessagePurpose } from "./jurisdiction.ts";
import type { OrganizationSettings } from "./settings.ts";

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

export type Verdict =
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
export interface Left {
  readonly recipient: Patient | RelatedPerson;
  readonly addresses: readonly Address[];
  readonly weeks: readonly Week[];
  readonly wait?: Extract<Verdict, { outcome: "defer" | "digest" }>;
}

type Answer = Partial<Left> | Verdict | undefined;
export type Rule = (question: Question, left: Left) => Answer;
