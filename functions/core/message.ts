import type {
  Appointment,
  HealthcareService,
  Location,
  Patient,
} from "@medplum/fhirtypes";
import {
  languages,
  type Language,
  type MessageTemplate,
} from "../../packs/messages/message-pack.ts";
import { isConfirmed } from "./booking.ts";
import type { OrganizationSettings } from "./settings.ts";
import { gsm7, smsSize } from "./sms.ts";
import { zoneIn } from "./zone.ts";

/** What a visit says in a message; all of it comes from the organization's own directory. */
export interface Visit {
  readonly appointment: Appointment;
  readonly location: Location | undefined;
  readonly service: HealthcareService | undefined;
}

export interface Rendered {
  readonly sms: string;
  readonly email: { readonly subject: string; readonly text: string };
  readonly push: { readonly title: string; readonly text: string };
  readonly portal: string;
}

/** The first of the patient's languages that the organization writes in, the preferred one first. */
export const languageOf = (
  { communication = [] }: Pick<Patient, "communication">,
  organization: OrganizationSettings,
): Language => {
  const wanted = communication
    .toSorted(
      (one, other) =>
        Number(other.preferred ?? false) - Number(one.preferred ?? false),
    )
    .flatMap(({ language }) => language.coding ?? [])
    .map(({ code = "" }) => code.slice(0, 2).toLowerCase());
  return (
    languages.find(
      (language) =>
        language ===
        wanted.find((code) =>
          organization.languages.some((offered) => offered === code),
        ),
    ) ??
    organization.languages[0] ??
    "en"
  );
};

/** All forms of a message at once. `token` is opaque: what it opens is behind the portal's log-in. */
export const render = (
  template: MessageTemplate,
  language: Language,
  visit: Visit,
  organization: OrganizationSettings,
  token: string,
): Rendered => {
  const { sms, confirm, email, push, portal } = template.texts[language];
  const values = valuesOf(visit, language, organization, token);
  return {
    sms: fitted(sms, {
      ...values,
      confirm: isConfirmed(visit.appointment) ? "" : confirm,
    }),
    email: {
      subject: fill(email.subject, values),
      text: filled(email.lines, values),
    },
    push: { title: fill(push.title, values), text: fill(push.text, values) },
    portal: filled(portal, {
      ...values,
      when: values.whenInFull,
      link: undefined,
    }),
  };
};

/** Where the portal shows the message in full. */
export const linkTo = (
  token: string,
  organization: OrganizationSettings,
): string => `${base(organization)}/m/${token}`;

const base = ({ portalUrl }: OrganizationSettings): string =>
  portalUrl.replace(/\/$/, "");

export const fill = (template: string, values: Values): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");

export const placeholdersIn = (template: string): readonly string[] => [
  ...new Set([...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)),
];

export type Values = Readonly<Record<string, string | undefined>>;

/** Without the lines that speak of something unknown, and without the blank lines that leaves. */
const filled = (lines: readonly string[], values: Values): string =>
  lines
    .filter((line) =>
      placeholdersIn(line).every((name) => values[name] !== undefined),
    )
    .filter(
      (line, index, kept) =>
        line !== "" || (index > 0 && kept[index - 1] !== ""),
    )
    .map((line) => fill(line, values))
    .join("\n");

/** One part if a shorter name of the place makes it one. */
const fitted = (template: string, values: Values): string => {
  const text = gsm7(fill(template, values));
  const { location = "" } = values;
  const over = smsSize(text).length - 160;
  const letters = Array.from(location);
  if (over <= 0 || letters.length - over < 8) return text;
  return gsm7(
    fill(template, {
      ...values,
      location: `${letters
        .slice(0, letters.length - over - 1)
        .join("")
        .trimEnd()}.`,
    }),
  );
};

const valuesOf = (
  { appointment, location, service }: Visit,
  language: Language,
  organization: OrganizationSettings,
  token: string,
): Values => {
  const zone = zoneIn(location) ?? organization.timeZone;
  const start = new Date(appointment.start ?? Number.NaN);
  return {
    organization: organization.displayName,
    phone: organization.phone,
    link: linkTo(token, organization),
    registration: `${base(organization)}/pre-registration/${token}`,
    when: short(start, zone, language),
    whenInFull: inFull(start, zone, language),
    day: dayOf(start, zone, language),
    location: location?.name ?? organization.displayName,
    address: addressLine(location),
    directions: textOf(location, directionsExtension) ?? location?.description,
    parking: textOf(location, parkingExtension),
    preparation: service?.extraDetails,
  };
};

export const directionsExtension = "urn:sojourn:directions";
export const parkingExtension = "urn:sojourn:parking";

const textOf = (
  location: Location | undefined,
  extension: string,
): string | undefined => {
  const { valueString, valueMarkdown } =
    location?.extension?.find(({ url }) => url === extension) ?? {};
  return valueString ?? valueMarkdown;
};

const addressLine = (location: Location | undefined): string | undefined => {
  const { line = [], city, state, postalCode, text } = location?.address ?? {};
  const written = [...line, city, [state, postalCode].filter(Boolean).join(" ")]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
  return text ?? (written === "" ? undefined : written);
};

const locales: Readonly<Record<Language, string>> = {
  en: "en-US",
  es: "es-US",
};

const short = (time: Date, zone: string, language: Language): string => {
  const { weekday, day, month, clock, zoneName } = partsOf(
    time,
    zone,
    language,
    "short",
  );
  return language === "es"
    ? `${weekday} ${day} ${month} ${clock} ${zoneName}`
    : `${weekday} ${month} ${day} ${clock} ${zoneName}`;
};

const inFull = (time: Date, zone: string, language: Language): string => {
  const { clock, zoneName } = partsOf(time, zone, language, "long");
  return `${dayOf(time, zone, language)}, ${clock} ${zoneName}`;
};

const dayOf = (time: Date, zone: string, language: Language): string =>
  formatter(locales[language], {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    timeZone: zone,
  }).format(time);

const partsOf = (
  time: Date,
  zone: string,
  language: Language,
  length: "short" | "long",
) => {
  const parts = formatter(locales[language], {
    weekday: length,
    month: length,
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone: zone,
  }).formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    (parts.find((one) => one.type === type)?.value ?? "").replace(/\.$/, "");
  const clock = `${part("hour")}:${part("minute")} ${part("dayPeriod").replaceAll(/[.\s]/g, "").toUpperCase()}`;
  return {
    weekday: part("weekday"),
    day: part("day"),
    month: part("month"),
    clock,
    zoneName: zoneNameOf(time, zone),
  };
};

/** English abbreviations (EST): the others spell an offset, which nobody has on the wall. */
const zoneNameOf = (time: Date, zone: string): string =>
  formatter("en-US", { hour: "numeric", timeZone: zone, timeZoneName: "short" })
    .formatToParts(time)
    .find(({ type }) => type === "timeZoneName")?.value ?? "";

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than a message. */
const formatter = (
  locale: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat => {
  const key = JSON.stringify([locale, options]);
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
  if (formatters.size < 500) formatters.set(key, made);
  return made;
};
