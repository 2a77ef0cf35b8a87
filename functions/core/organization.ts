import * as z from "zod";
import type { Agreement } from "./agreement.ts";
import { OutsideClient } from "./disclosure.ts";
import { inCognito, parseScope } from "./scopes.ts";
import { e164, OrganizationSettings, slug } from "./settings.ts";
import { registerIssues, Vendor } from "./vendor.ts";
import { agreementOf } from "./vendors.ts";

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
