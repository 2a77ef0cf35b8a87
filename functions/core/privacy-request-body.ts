import * as z from "zod";
import { groundCodes } from "../../packs/rights/ground-codes.ts";
import { requestKinds } from "../../packs/rights/rights-pack.ts";
import { isUlid } from "./ids.ts";

const patient = z
  .string()
  .refine(isUlid, "must be the id of a Patient of this server");
const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const reference = (types: string) =>
  z
    .string()
    .regex(
      new RegExp(`^(${types})/[A-Za-z0-9.-]{1,64}$`),
      "must be a reference of this server, such as Observation/<id>",
    );
const words = z.string().trim().min(1).max(2000);

/** How staff made sure that the patient, or who may act for the patient, asked (45 CFR 164.514(h)). */
export const verifications = [
  "photo-id",
  "known-in-person",
  "called-back",
  "signed-form",
  "representative-document",
] as const;

const who = {
  /** The patient whom it is about; the caller's own record when absent. */
  patient: patient.optional(),
  /** Asked of staff. */
  verified: z.enum(verifications).optional(),
};

const [number, mailbox, none] = [
  /^\+[1-9]\d{6,14}$/,
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  /^$/,
];
const addressForms = {
  sms: number,
  phone: number,
  email: mailbox,
  push: none,
  portal: none,
  letter: /./,
} as const;

/** What each kind of request says beyond its kind. */
export const details = {
  access: z.strictObject({
    form: z.enum(["copy", "inspect"]).default("copy"),
    from: z.iso.date().optional(),
    until: z.iso.date().optional(),
  }),
  portability: z.strictObject({}),
  amendment: z.strictObject({
    resource: reference("[A-Z][A-Za-z]+"),
    change: words,
    reason: words,
    /** Who has the information and should be told of the change (45 CFR 164.526(c)(3)(i)). */
    inform: words.optional(),
  }),
  restriction: z
    .strictObject({
      toward: z.enum(["payer", "person", "operations", "everyone"]),
      /** Who shall not see it. */
      recipient: reference(
        "Organization|Practitioner|PractitionerRole|RelatedPerson",
      ).optional(),
      /** The care was paid for in full out of pocket. */
      selfPaid: z.boolean().default(false),
      text: words.optional(),
    })
    .refine(
      ({ toward, recipient }) => toward !== "person" || recipient !== undefined,
      { path: ["recipient"], error: "must say who shall not see it" },
    ),
  "confidential-communications": z
    .strictObject({
      channel: z.enum(["sms", "email", "push", "portal", "phone", "letter"]),
      /** A number or an address, where it is not the one that the record has. */
      address: z.string().trim().min(1).max(300).optional(),
    })
    .refine(
      ({ channel, address }) =>
        address === undefined || addressForms[channel].test(address),
      { path: ["address"], error: "must be an address of this channel" },
    ),
  accounting: z.strictObject({
    from: z.iso.date().optional(),
    until: z.iso.date().optional(),
  }),
  erasure: z.strictObject({ text: words.optional() }),
} as const;

/** A right as a patient, a proxy or staff asks for it. */
export const NewPrivacyRequest = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("access"),
    details: details.access.prefault({}),
    ...who,
  }),
  z.strictObject({
    kind: z.literal("portability"),
    details: details.portability.prefault({}),
    ...who,
  }),
  z.strictObject({
    kind: z.literal("amendment"),
    details: details.amendment,
    ...who,
  }),
  z.strictObject({
    kind: z.literal("restriction"),
    details: details.restriction,
    ...who,
  }),
  z.strictObject({
    kind: z.literal("confidential-communications"),
    details: details["confidential-communications"],
    ...who,
  }),
  z.strictObject({
    kind: z.literal("accounting"),
    details: details.accounting.prefault({}),
    ...who,
  }),
  z.strictObject({
    kind: z.literal("erasure"),
    details: details.erasure.prefault({}),
    ...who,
  }),
]);
export type NewPrivacyRequest = z.infer<typeof NewPrivacyRequest>;

/** Why an answer takes longer, as the patient is told (45 CFR 164.524(b)(2)(iii)(A); GDPR Art. 12(3)). */
export const delays = [
  "complex",
  "many-requests",
  "off-site",
  "awaiting-others",
] as const;

export const Decision = z.discriminatedUnion("decision", [
  z.strictObject({
    decision: z.literal("accept"),
    /** Of an amendment: the version that staff made, such as `Observation/<id>/_history/3`. */
    version: z
      .string()
      .regex(
        /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}\/_history\/\d{1,9}$/,
        "must be a version, such as Observation/<id>/_history/3",
      )
      .optional(),
  }),
  z.strictObject({
    decision: z.literal("deny"),
    reason: z.enum(groundCodes),
    text: words.optional(),
    /** The sign-in name of whoever judged, where that is not who decides. */
    judgedBy: z.string().trim().min(1).max(128).optional(),
  }),
  z.strictObject({
    decision: z.literal("extend"),
    reason: z.enum(delays),
  }),
]);
export type Decision = z.infer<typeof Decision>;

/** Why a patient disagrees with a denied amendment (45 CFR 164.526(d)(2)). */
export const Statement = z.strictObject({ text: words });

const fromPerson = z.strictObject({ verified: who.verified });

/** The person takes an open request back; staff say how they made sure who asks. */
export const Withdrawal = fromPerson;
export type Withdrawal = z.infer<typeof Withdrawal>;

/** The person has a denial looked at again. */
export const NewReview = fromPerson;
export type NewReview = z.infer<typeof NewReview>;

/** A request as it stands. */
export const PrivacyRequest = z.object({
  id,
  kind: z.enum(requestKinds),
  patient: z.string(),
  status: z.enum([
    "received",
    "awaiting-decision",
    "accepted",
    "denied",
    "fulfilled",
    "erasing",
    "withdrawn",
    "cancelled",
  ]),
  received: z.iso.datetime(),
  due: z.iso.datetime(),
  acknowledgeBy: z.iso.datetime().optional(),
  /** Until when the answer may be put off, once. */
  extendable: z.iso.datetime().optional(),
  extended: z.enum(delays).optional(),
  /** Why it was denied. */
  reason: z.string().optional(),
  /** Names of the rules that set its times. */
  rules: z.array(z.string()),
  details: z.record(z.string(), z.union([z.string(), z.boolean()])),
  /** A statement of disagreement is on file. */
  disagreed: z.boolean(),
  /** Of a review: the denied request. */
  reviews: z.string().optional(),
  /** How far staff are with telling others of an amendment. */
  informing: z.object({ task: z.string(), status: z.string() }).optional(),
});
export type PrivacyRequest = z.infer<typeof PrivacyRequest>;

export const PrivacyRequests = z.object({ items: z.array(PrivacyRequest) });

/** Files that answer a request; each is fetched at the request's own address. */
export const PrivacyResult = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      contentType: z.string(),
      url: z.string(),
    }),
  ),
});
