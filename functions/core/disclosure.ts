import * as z from "zod";
import { PatientId } from "./emergency-access.ts";

/**
 * On what ground data left for somebody outside. Whether a patient is told of it in an accounting of disclosures: 45 CFR
 * 164.528(a)(1) (HHS, 2013) excepts the first eight.
 */
export const bases = {
  operations: { accounted: false, citation: "45 CFR 164.506" },
  individual: { accounted: false, citation: "45 CFR 164.502(a)(1)(i)" },
  incidental: { accounted: false, citation: "45 CFR 164.502(a)(1)(iii)" },
  authorization: { accounted: false, citation: "45 CFR 164.508" },
  "involved-in-care": { accounted: false, citation: "45 CFR 164.510" },
  "national-security": { accounted: false, citation: "45 CFR 164.512(k)(2)" },
  custody: { accounted: false, citation: "45 CFR 164.512(k)(5)" },
  "limited-data-set": { accounted: false, citation: "45 CFR 164.514(e)" },
  "required-by-law": { accounted: true, citation: "45 CFR 164.512(a)" },
  "public-health": { accounted: true, citation: "45 CFR 164.512(b)" },
  "abuse-or-neglect": { accounted: true, citation: "45 CFR 164.512(c)" },
  oversight: { accounted: true, citation: "45 CFR 164.512(d)" },
  judicial: { accounted: true, citation: "45 CFR 164.512(e)" },
  "law-enforcement": { accounted: true, citation: "45 CFR 164.512(f)" },
  decedent: { accounted: true, citation: "45 CFR 164.512(g)" },
  donation: { accounted: true, citation: "45 CFR 164.512(h)" },
  research: { accounted: true, citation: "45 CFR 164.512(i)" },
  "serious-threat": { accounted: true, citation: "45 CFR 164.512(j)" },
  military: { accounted: true, citation: "45 CFR 164.512(k)(1)" },
  "workers-compensation": { accounted: true, citation: "45 CFR 164.512(l)" },
  "not-permitted": { accounted: true, citation: "45 CFR 164.528(b)" },
} as const;

export type Basis = keyof typeof bases;
const Basis = z.enum(Object.keys(bases) as [Basis]);

/** v3 PurposeOfUse. */
export const disclosurePurposes = [
  "TREAT",
  "HPAYMT",
  "HOPERAT",
  "PATRQT",
  "ETREAT",
  "HMARKT",
  "HRESCH",
  "PUBHLTH",
  "HLEGAL",
  "THREAT",
] as const;
const DisclosurePurpose = z.enum(disclosurePurposes);

/** Somebody outside the organization to whom data goes. */
export const Recipient = z.strictObject({
  name: z.string().trim().min(1).max(200),
  address: z.string().trim().min(1).max(300).optional(),
});

/** A clinic system that belongs to somebody else: whatever it reads is disclosed to them. */
export const OutsideClient = Recipient.extend({
  purpose: DisclosurePurpose,
  basis: Basis,
});
export type OutsideClient = z.infer<typeof OutsideClient>;

/** The organization's recipients, by the names of their clients, as they travel in the environment. */
export const recipientsIn = (
  text: string,
): Readonly<Record<string, OutsideClient>> =>
  z.record(z.string(), OutsideClient).parse(JSON.parse(text));

export const NewDisclosure = z
  .strictObject({
    patient: PatientId,
    /** When it left. */
    at: z.iso.datetime({ offset: true }),
    recipient: Recipient,
    /** A brief description, as the patient may read it. */
    what: z.string().trim().min(3).max(500),
    /** `Type/id` of what left. */
    resources: z
      .array(z.string().regex(/^[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9.-]{1,64}$/))
      .max(200)
      .default([]),
    purpose: DisclosurePurpose,
    basis: Basis,
    /** The patient authorized it (45 CFR 164.508). */
    authorised: z.boolean().default(false),
    /** It held records of a substance use disorder program (42 CFR Part 2). */
    part2: z.boolean().default(false),
    /** The Consent under which it was made. */
    consent: z
      .string()
      .regex(/^Consent\/[A-Za-z0-9.-]{1,64}$/)
      .optional(),
    /** Until then an agency asks in writing that the patient is not told (45 CFR 164.528(a)(2)). */
    withheldUntil: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(
    ({ part2, basis, consent }) =>
      !part2 || consent !== undefined || withoutConsent.includes(basis),
    {
      path: ["consent"],
      error: "must name the Consent: what is disclosed is under 42 CFR Part 2",
    },
  )
  .refine(({ authorised, basis }) => !authorised || basis !== "not-permitted", {
    path: ["authorised"],
    error: "cannot be: what the patient authorized was permitted",
  })
  .refine(
    ({ withheldUntil, basis }) =>
      withheldUntil === undefined || mayWithhold.includes(basis),
    {
      path: ["withheldUntil"],
      error: "is for basis oversight or law-enforcement only",
    },
  );
export type NewDisclosure = z.infer<typeof NewDisclosure>;

/** Court order, medical emergency, research, audit, reports of abuse: 42 CFR 2.12(c)(6), 2.51-2.53, 2.61-2.67. */
const withoutConsent: readonly Basis[] = [
  "abuse-or-neglect",
  "judicial",
  "oversight",
  "research",
  "serious-threat",
  "not-permitted",
];

const mayWithhold: readonly Basis[] = ["oversight", "law-enforcement"];

export interface Disclosure extends NewDisclosure {
  readonly id: string;
  /** Who wrote it down; `system` where the record shows it by itself. */
  readonly recordedBy: string;
}

const yearsBack = 6;

/** The earliest day that an accounting reaches back to. */
export const earliest = (now: string): string => {
  const year = Number(now.slice(0, 4)) - yearsBack;
  const day = now.slice(5, 10) === "02-29" ? "02-28" : now.slice(5, 10);
  return `${String(year)}-${day}T${now.slice(11)}`;
};

/** What a patient is told of disclosures: six years at most, newest first, without what the rule excepts. */
export const accounting = <
  T extends Pick<
    NewDisclosure,
    "at" | "authorised" | "basis" | "withheldUntil"
  >,
>(
  disclosures: readonly T[],
  { since, now }: { readonly since?: string | undefined; readonly now: string },
): readonly T[] => {
  const from = Math.max(
    Date.parse(since ?? earliest(now)),
    Date.parse(earliest(now)),
  );
  const until = Date.parse(now);
  return disclosures
    .filter(({ at, authorised, basis, withheldUntil }) => {
      const time = Date.parse(at);
      return (
        time >= from &&
        time <= until &&
        bases[basis].accounted &&
        !authorised &&
        (withheldUntil === undefined || Date.parse(withheldUntil) <= until)
      );
    })
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
};
