import type { ContactPoint, Patient, RelatedPerson } from "@medplum/fhirtypes";
import {
  countryOf,
  email,
  phone,
  type CountryCode,
} from "../resources/normalise.ts";
import type { Channel } from "./settings.ts";

/** Where a channel reaches somebody; the portal needs no address. */
export interface Address {
  readonly channel: Channel;
  /** E.164, an e-mail address, a device token; empty for the portal. */
  readonly value: string;
  /** What the person said: 1 is reached first. */
  readonly rank: number | undefined;
  readonly platform?: "APNS" | "GCM";
}

/** The push platform of a device token, which is kept as a ContactPoint of system `other`. */
export const pushPlatform = "urn:sojourn:push-platform";

const telecomOrder = ["mobile", undefined, "home", "temp", "work"];

/** The valid addresses of a person, the likeliest first. Numbers at work, ended and old ones are not used. */
export const addressesOf = (
  person: Patient | RelatedPerson,
  now: string,
  organizationPhone: string,
): readonly Address[] => {
  const country = countryOf(organizationPhone);
  return [
    ...(person.telecom ?? [])
      .filter(
        ({ use, period }) =>
          use !== "old" && use !== "work" && isCurrent(period, now),
      )
      .toSorted(
        (one, other) =>
          telecomOrder.indexOf(one.use) - telecomOrder.indexOf(other.use),
      )
      .flatMap((telecom) => addressIn(telecom, country)),
    { channel: "portal", value: "", rank: undefined },
  ];
};

/** How a number that texted us is written everywhere in the record; undefined when it is none. */
export const phoneNumber = (
  text: string,
  organizationPhone: string,
): string | undefined => phone(text, countryOf(organizationPhone));

const mailbox = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

const addressIn = (
  telecom: ContactPoint,
  country: CountryCode | undefined,
): Address[] => {
  const { system, value = "", rank, extension = [] } = telecom;
  if (system === "phone" || system === "sms") {
    const number = phone(value, country);
    return number === undefined
      ? []
      : [{ channel: "sms", value: number, rank }];
  }
  if (system === "email")
    return mailbox.test(email(value))
      ? [{ channel: "email", value: email(value), rank }]
      : [];
  const platform = extension.find(({ url }) => url === pushPlatform)?.valueCode;
  return value !== "" && (platform === "APNS" || platform === "GCM")
    ? [{ channel: "push", value, rank, platform }]
    : [];
};

const isCurrent = (period: ContactPoint["period"], now: string): boolean =>
  (period?.start === undefined ||
    Date.parse(period.start) <= Date.parse(now)) &&
  (period?.end === undefined || Date.parse(now) <= Date.parse(period.end));
