import * as z from "zod";
import { dataClasses } from "./agreement.ts";

const dataClass = z.enum(dataClasses);

/** `cloud` is where everything lies and runs; a receiver of notifications is named by its host. */
const service = z
  .string()
  .regex(
    /^(cloud|sms|email|push|voice|clearinghouse|ehr|telehealth|subscriptions:(?=.{4,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+)$/,
    "must be cloud, sms, email, push, voice, clearinghouse, ehr, telehealth or subscriptions:<host in lower case>",
  );

const day = z.iso.date("must be a date, such as 2027-01-31");
const reference = z
  .string()
  .min(1, "must say where the document is found")
  .max(80);

/** By which it is bound: 45 CFR 164.504(e), GDPR Art. 28(3), 42 CFR 2.11. Both days are included. */
const Contract = z
  .strictObject({
    kind: z.enum(["baa", "dpa", "qsoa"]),
    signed: day,
    /** Null for one that goes on until somebody ends it; then `review` is the day to look at it again. */
    expires: day.nullable(),
    review: day.optional(),
    reference,
  })
  .refine(({ expires, signed }) => expires === null || signed <= expires, {
    path: ["expires"],
    error: "must not be before it was signed",
  })
  .refine(({ expires, review }) => expires !== null || review !== undefined, {
    path: ["review"],
    error: "must be given where expires is null",
  });

/** Somebody decided that there need be none: a mere conduit, or nothing of a patient goes there. */
const NoneNeeded = z.strictObject({
  kind: z.literal("none-needed"),
  reason: z.string().min(20, "must say why, in a sentence").max(300),
  decided: day,
  review: day,
});

/** Somebody to whom data of patients may go, and what binds them. */
export const Vendor = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{1,39}$/,
      "must be 2 to 40 lower-case letters, digits or hyphens",
    ),
  services: z.array(service).min(1),
  /** One of each kind at most. */
  agreements: z
    .array(z.discriminatedUnion("kind", [Contract, NoneNeeded]))
    .min(1)
    .refine(
      (all) => new Set(all.map(({ kind }) => kind)).size === all.length,
      "must be of different kinds: a renewal replaces what it renews",
    )
    .refine(
      (all) =>
        all.length === 1 || all.every(({ kind }) => kind !== "none-needed"),
      "must not say none-needed beside an agreement",
    ),
  /** What the agreements cover. */
  dataClasses: z.array(dataClass),
  /** Where the data lies, in the vendor's own words. */
  region: z.string().min(2).max(40),
  subprocessors: z.array(z.string().min(1).max(60)).max(30),
});
export type Vendor = z.infer<typeof Vendor>;

/** The register as it stands on a day of the organization. */
export const VendorRegister = z.object({
  day,
  items: z.array(
    Vendor.extend({
      /** All that binds the vendor. */
      inForce: z.boolean(),
      /** What ends first, or is to be looked at first. */
      due: z.object({
        kind: z.enum(["expiry", "review"]),
        day,
        daysLeft: z.int(),
      }),
    }),
  ),
});
export type VendorRegister = z.infer<typeof VendorRegister>;
type Kind = Vendor["agreements"][number]["kind"];

/** What each jurisdiction asks for; one of the kinds is enough (42 CFR 2.11 takes a business associate of a covered program for a QSO, 89 FR 12472). Others ask for nothing beyond. */
const asked: Readonly<Partial<Record<string, readonly Kind[]>>> = {
  "us-hipaa": ["baa"],
  "us-part2": ["qsoa", "baa"],
  "eu-gdpr": ["dpa"],
};

/** What is wrong with a register as a whole, by the vendor's place in it. */
export const registerIssues = (
  vendors: readonly Vendor[],
  jurisdictions: readonly string[],
): readonly {
  readonly path: (string | number)[];
  readonly message: string;
}[] =>
  vendors.flatMap(({ name, agreements, dataClasses: covered }, index) => {
    const kinds = agreements.map(({ kind }) => kind);
    const isExempt = covered.length === 0 || kinds.includes("none-needed");
    const lacking = jurisdictions.filter(
      (one) =>
        !isExempt && asked[one]?.some((kind) => kinds.includes(kind)) === false,
    );
    return [
      ...lacking.map((one) => ({
        path: ["vendors", index, "agreements"],
        message: `must have a ${asked[one]?.join(" or a ") ?? ""}, as ${one} asks`,
      })),
      ...(vendors.findIndex((other) => other.name === name) === index
        ? []
        : [
            {
              path: ["vendors", index, "name"],
              message: "must be another name than that of the vendors before",
            },
          ]),
    ];
  });
