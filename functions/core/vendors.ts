import type { Channel, OrganizationSettings } from "./settings.ts";
import { dataClasses, type Agreement, type DataClass } from "./agreement.ts";
import type { Vendor } from "./vendor.ts";

/** The days on which all that binds a vendor is in force. */
export const agreementOf = ({
  name,
  services,
  agreements,
  dataClasses: covered,
}: Vendor): Agreement => {
  const ends = agreements
    .map((one) => ("expires" in one ? one.expires : null))
    .filter((end) => end !== null)
    .sort();
  const begins = agreements
    .map((one) => ("signed" in one ? one.signed : one.decided))
    .sort();
  return {
    vendor: name,
    services,
    from: begins.at(-1) ?? "9999-12-31",
    until: ends[0] ?? null,
    dataClasses: covered,
  };
};

export type VendorRefusal =
  "vendor-agreement-missing" | "vendor-agreement-expired" | "vendor-data-class";

export type Finding =
  | { readonly ok: true }
  | {
      readonly refused: VendorRefusal;
      /** Undefined when nobody is known for the service. */
      readonly vendor: string | undefined;
    };

/**
 * Whether data of these classes may go to a service on a day. Whoever is named for the service sees it pass, so each of them
 * must be bound (45 CFR 164.308(b)(1), 164.314(a)); a service that nobody is named for gets nothing.
 */
export const agreementFor = (
  agreements: readonly Agreement[],
  service: string,
  classes: readonly DataClass[],
  today: string,
): Finding => {
  const concerned = agreements.filter(({ services }) =>
    services.includes(service),
  );
  if (concerned.length === 0)
    return { refused: "vendor-agreement-missing", vendor: undefined };
  for (const { vendor, from, until, dataClasses: covered } of concerned) {
    if (today < from) return { refused: "vendor-agreement-missing", vendor };
    if (until !== null && until < today)
      return { refused: "vendor-agreement-expired", vendor };
    if (!classes.every((one) => covered.includes(one)))
      return { refused: "vendor-data-class", vendor };
  }
  return { ok: true };
};

type Bound = Pick<OrganizationSettings, "agreements" | "timeZone">;

/** Why a message on a topic may not leave by a channel at a moment; the portal is the organization's own. */
export const channelRefusal = (
  { agreements, timeZone }: Bound,
  channel: Channel,
  topic: string,
  at: Date,
): VendorRefusal | undefined => {
  if (channel === "portal") return undefined;
  const found = agreementFor(
    agreements,
    channel,
    classesOf(topic),
    dayIn(timeZone, at),
  );
  return "ok" in found ? undefined : found.refused;
};

/** What a message on a topic tells whoever carries it; a topic that is not known here may tell anything. */
export const classesOf = (topic: string): readonly DataClass[] =>
  topics[topic] ?? dataClasses;

const topics: Readonly<Partial<Record<string, readonly DataClass[]>>> = {
  appointment: ["contact-details", "appointment"],
  billing: ["contact-details", "billing"],
};

/** What a notification that names a resource of a type tells its receiver; one that names none tells nothing. */
export const classesOfType = (
  type: string | undefined,
): readonly DataClass[] =>
  type === undefined ? [] : [types[type] ?? "clinical"];

const types: Readonly<Partial<Record<string, DataClass>>> = {
  Patient: "contact-details",
  RelatedPerson: "contact-details",
  Appointment: "appointment",
  Schedule: "appointment",
  Slot: "appointment",
  Account: "billing",
  Claim: "billing",
  ClaimResponse: "billing",
  Coverage: "billing",
  ExplanationOfBenefit: "billing",
  Invoice: "billing",
  PaymentNotice: "billing",
  Consent: "sensitive",
};

/** Whether whoever answers at a host may be told this by a notification. */
export const hostMayLearn = (
  { agreements, timeZone }: Bound,
  host: string,
  tells: readonly DataClass[],
  at: Date,
): boolean =>
  "ok" in
  agreementFor(agreements, `subscriptions:${host}`, tells, dayIn(timeZone, at));

/** The calendar day of a time zone, as an ISO date. */
export const dayIn = (timeZone: string, at: Date): string =>
  new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);

/** Days from which people are told that an agreement ends, or is to be looked at again. */
export const warningDays = [60, 30, 7] as const;

export interface Ending {
  readonly vendor: string;
  /** The last day, or the day of the review. */
  readonly day: string;
  readonly kind: "expiry" | "review";
  /** Negative when it is over. */
  readonly daysLeft: number;
}

/** What ends first of what binds a vendor, or is to be looked at first. */
export const endingOf = (vendor: Vendor, today: string): Ending => {
  const [first] = vendor.agreements
    .flatMap((one) => [
      ...("expires" in one && one.expires !== null
        ? [{ kind: "expiry" as const, day: one.expires }]
        : []),
      ...(one.review === undefined
        ? []
        : [{ kind: "review" as const, day: one.review }]),
    ])
    .sort((one, other) => one.day.localeCompare(other.day));
  const { kind, day } = first ?? { kind: "expiry", day: today };
  return {
    vendor: vendor.name,
    kind,
    day,
    daysLeft: Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000),
  };
};

/** The warning that is due: the last threshold that was passed, `over` after the day itself. */
export const warningOf = ({ daysLeft }: Ending): string | undefined => {
  if (daysLeft < 0) return "over";
  const passed = warningDays.filter((days) => daysLeft <= days);
  return passed.length === 0 ? undefined : String(Math.min(...passed));
};
