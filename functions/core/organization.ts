import * as z from "zod";
import { OutsideClient } from "./disclosure.ts";
import { inCognito, parseScope } from "./scopes.ts";
import { registerIssues, Vendor } from "./vendor.ts";
import { Agreement, agreementOf } from "./vendors.ts";

const slug = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,23}$/,
    "must be 2 to 24 lower-case letters, digits or hyphens",
  );
const e164 = z
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

const scope = z
  .string()
  .refine(
    (text) =>
      parseScope(text)?.context === "system" &&
      /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/u.test(inCognito(text).name),
    "must be a SMART scope of a system, such as system/Patient.rs or system/Observation.rs?category=laboratory",
  );

/** One organization: everything that its deployment is made of. */
export const Organization = z
  .strictObject({
    settings: OrganizationSettings,
    account: z
      .string()
      .regex(/^\d{12}$/, "must be a 12-digit AWS account number"),
    region: z
      .string()
      .regex(
        /^[a-z]{2}(-[a-z]+)+-\d$/,
        "must be an AWS region, such as us-east-1",
      ),
    jurisdictions: z
      .array(
        z.enum(["us-hipaa", "us-part2", "us-ca", "us-tx", "us-wa", "eu-gdpr"]),
      )
      .min(1),
    sms: z.strictObject({
      /** The id that AWS End User Messaging gave the registered number; the number itself is what patients see. */
      originationIdentity: z
        .string()
        .regex(
          /^phone-[0-9a-z]+$/,
          "must be the id of a phone number, such as phone-0123456789abcdef",
        ),
      phoneNumber: e164,
    }),
    email: z.strictObject({ from: z.email(), domain: z.string().min(4) }),
    /** Clinic systems that call the API, each with the most it may be granted. */
    clients: z.record(
      slug,
      z.strictObject({
        scopes: z.array(scope).min(1),
        /** Where it keeps what it reads; policies of some jurisdictions refuse a client that does not say. */
        location: z
          .string()
          .regex(
            /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/,
            "must be an ISO 3166-2 code, such as US-CA, or a country's, such as DE",
          )
          .optional(),
        /** What it may ask for data for; the first is meant when it does not say. Treatment when absent. */
        purposes: z
          .array(z.enum(["TREAT", "HPAYMT", "HOPERAT", "HMARKT", "HRESCH"]))
          .min(1)
          .optional(),
      }),
    ),
    retention: z.strictObject({
      /** Days; 45 CFR 164.316(b)(2)(i) asks six years of documentation, logs included by policy. */
      logDays: z.literal([365, 400, 545, 731, 1827, 2192, 2557, 3653]),
      /** Days for which an erased key can still be restored; the shorter, the sooner erasure is final. */
      keyRecoveryDays: z.int().min(1).max(35),
      /** Years for which nobody can remove an archived fact; 45 CFR 164.316(b)(2)(i) asks six. */
      auditYears: z.int().min(6).max(30).default(7),
    }),
    /**
     * Clients that belong to somebody else, by the same name, with whom it is and on what ground they read. Former ones stay
     * for six years: accountings of disclosures name them.
     */
    recipients: z.record(slug, OutsideClient).default({}),
    /** Everybody to whom data of patients goes. */
    vendors: z.array(Vendor).max(60).default([]),
    /** Who hears of alarms. */
    operators: z.array(z.email()),
    /** A local or throw-away deployment: stateful resources go with the stack. */
    disposable: z.boolean().default(false),
  })
  .refine(
    ({ settings }) =>
      settings.preVisit.remindersBefore.includes(
        settings.preVisit.callAfterSilenceOn,
      ),
    {
      path: ["settings", "preVisit", "callAfterSilenceOn"],
      error: "must be one of remindersBefore",
    },
  )
  .superRefine(({ vendors, jurisdictions }, context) => {
    for (const issue of registerIssues(vendors, jurisdictions))
      context.addIssue({ code: "custom", ...issue });
  });
export type Organization = z.infer<typeof Organization>;

/** Checks an organization; the error names each wrong field and says what it must be. */
export const organization = (
  candidate: z.input<typeof Organization>,
): Organization => {
  const { success, data, error } = Organization.safeParse(candidate);
  if (success)
    return {
      ...data,
      settings: { ...data.settings, agreements: agreementsIn(data.vendors) },
    };
  throw new Error(
    `organization ${candidate.settings.slug}:\n${error.issues.map(({ path, message }) => `  ${path.join(".") || "(whole)"}: ${message}`).join("\n")}`,
  );
};

/** Of vendors to whom running code sends something. */
const agreementsIn = (vendors: readonly Vendor[]): Agreement[] =>
  vendors
    .map(agreementOf)
    .map((agreement) => ({
      ...agreement,
      services: agreement.services.filter((service) => service !== "cloud"),
    }))
    .filter(({ services }) => services.length > 0);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
