import * as z from "zod";
import { Agreement } from "./agreement.ts";

export const slug = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,23}$/,
    "must be 2 to 24 lower-case letters, digits or hyphens",
  );
export const e164 = z
  .string()
  .regex(
    /^\+[1-9]\d{6,14}$/,
    "must be a phone number in E.164 form, such as +12025550123",
  );
const zone = z
  .string()
  .refine(isTimeZone, "must be an IANA time zone, such as America/New_York");
const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day, such as 09:00");
const hours = z
  .number()
  .positive()
  .max(24 * 90);

const channel = z.enum(["sms", "email", "push", "portal"]);
export type Channel = z.infer<typeof channel>;

const sessionLimits = z
  .strictObject({
    idleMinutes: z.int().min(2).max(60).default(15),
    absoluteHours: z.int().min(1).max(24).default(12),
  })
  .prefault({});

/** What running code may know of an organization; travels in the functions' environment, so it stays small. */
export const OrganizationSettings = z.strictObject({
  /** Opaque: it is part of stack, table and topic names. */
  slug,
  /** As patients read it in messages. */
  displayName: z.string().min(1).max(40),
  timeZone: zone,
  languages: z.array(z.enum(["en", "es"])).min(1),
  phone: e164,
  /** Where patients go for anything that a message does not say. No path, no query. */
  portalUrl: z.url({ protocol: /^https$/ }),
  /** Identifier systems of which a value belongs to one resource only. */
  uniqueIdentifiers: z.array(z.url()),
  /** Networks beside the public internet that notifications of subscriptions may go to, such as 10.20.0.0/16. */
  notifiableNetworks: z.array(z.union([z.cidrv4(), z.cidrv6()])).optional(),
  /** Minutes for which an emergency access opens a record. */
  emergencyAccess: z
    .strictObject({ minutes: z.int().min(15).max(240) })
    .default({ minutes: 60 }),
  /** When people have to sign in again. HIPAA names no number (45 CFR 164.312(a)(2)(iii)); shared workstations want less. */
  sessions: z
    .strictObject({ patient: sessionLimits, staff: sessionLimits })
    .prefault({ patient: {}, staff: {} }),
  /** Ids of decoys: records of nobody, of which each touch by anybody but our own code rings an alarm. */
  canaryPatients: z.array(z.string().min(1).max(64)).max(20).default([]),
  /** In the order that decides when the patient has not said. */
  channels: z.array(channel).min(1),
  /** Of vendors, as far as running code needs it; taken from `vendors`, whatever is written here. */
  agreements: z.array(Agreement).default([]),
  /** Nothing that is not urgent is sent outside these hours in the patient's own zone. */
  contactHours: z.strictObject({ from: wallTime, until: wallTime }),
  /** Over all journeys, per patient; confirmations the patient asked for by booking do not count. */
  contactBudget: z.strictObject({
    perDay: z.int().min(1).max(20),
    perWeek: z.int().min(1).max(50),
  }),
  preVisit: z.strictObject({
    /** Hours before the appointment at which a reminder is due. */
    remindersBefore: z.array(hours).min(1).max(6),
    /** The reminder, in hours before the appointment, whose silence leads to a call. */
    callAfterSilenceOn: hours,
    /** Hours that the patient has to answer it. */
    answerWithin: hours,
  }),
});
export type OrganizationSettings = z.infer<typeof OrganizationSettings>;

export const roles = [
  "front-desk",
  "nurse",
  "clinician",
  "manager",
  "privacy-officer",
] as const;
export type Role = (typeof roles)[number];

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
