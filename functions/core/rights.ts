import { Temporal } from "temporal-polyfill";
import { euGdpr } from "../../packs/rights/eu-gdpr.ts";
import type { Ground } from "../../packs/rights/ground-codes.ts";
import { house } from "../../packs/rights/house.ts";
import type {
  RequestKind,
  RightRule,
  RightsPack,
  Term,
} from "../../packs/rights/rights-pack.ts";
import { usCa } from "../../packs/rights/us-ca.ts";
import { usHipaa } from "../../packs/rights/us-hipaa.ts";
import { usPart2 } from "../../packs/rights/us-part2.ts";
import { usTx } from "../../packs/rights/us-tx.ts";
import { usWa } from "../../packs/rights/us-wa.ts";
import { afterBusinessDays, isWeekend } from "./business-days.ts";

/** Every pack of rights; our own applies everywhere. */
export const rightsPacks: readonly RightsPack[] = [
  usHipaa,
  usPart2,
  usCa,
  usTx,
  usWa,
  euGdpr,
  house,
];

/** What the law looks at in a request. */
export interface Asked {
  readonly kind: RequestKind;
  readonly form?: "inspect" | "copy" | undefined;
  /** Toward a payer, of care paid for in full out of pocket. */
  readonly selfPaid?: boolean | undefined;
}

/** Where and when it was asked: jurisdictions of the organization, the instant of receipt, the zone whose days count. */
export interface Receipt {
  readonly jurisdictions: readonly string[];
  readonly received: string;
  readonly zone: string;
}

/** UTC instants; each is the last second of a day in the zone. */
export interface RightsClock {
  readonly due: string;
  readonly acknowledgeBy?: string;
  /** Until when the answer may be put off, once. */
  readonly extendable?: string;
  /** Names of all rules that apply. */
  readonly rules: readonly string[];
  /** Names of those that set `due`. */
  readonly strictest: readonly string[];
}

/** When a request must be answered: of all rules that apply, the earliest day binds. */
export const clockOf = (asked: Asked, receipt: Receipt): RightsClock => {
  const rules = rulesFor(asked, receipt);
  const end = (term: Term): string => endOfTerm(term, receipt);
  const answers = rules.flatMap((rule) =>
    rule.answerWithin === undefined
      ? []
      : [
          {
            name: rule.name,
            isLaw: !house.rules.includes(rule),
            due: end(rule.answerWithin),
            latest: end(rule.extendedWithin ?? rule.answerWithin),
          },
        ],
  );
  const due = earliest(answers.map((answer) => answer.due));
  // Our own term may be put off as far as the law lets it.
  const laws = answers.filter(({ isLaw }) => isLaw);
  const latest = earliest(
    (laws.length > 0 ? laws : answers).map((answer) => answer.latest),
  );
  if (due === undefined || latest === undefined)
    throw new Error(`no rule sets a term for ${asked.kind}`);
  const acknowledgeBy = earliest(
    rules.flatMap(({ acknowledgeWithin }) =>
      acknowledgeWithin === undefined ? [] : [end(acknowledgeWithin)],
    ),
  );
  return {
    due,
    ...(acknowledgeBy !== undefined && { acknowledgeBy }),
    ...(latest > due && { extendable: latest }),
    rules: rules.map(({ name }) => name),
    strictest: answers
      .filter((answer) => answer.due === due)
      .map(({ name }) => name),
  };
};

/** Why a request may be denied: for reasons only that every law which lists its own accepts. */
export const deniableFor = (
  asked: Asked,
  receipt: Receipt,
): readonly Ground[] => {
  const lists = rulesFor(asked, receipt).flatMap(({ denials }) =>
    denials === "others" ? [] : [denials],
  );
  const [first, ...others] = lists;
  return first === undefined
    ? whereNoLawSpeaks
    : first.filter((ground) => others.every((list) => list.includes(ground)));
};

const whereNoLawSpeaks: readonly Ground[] = [
  "identity-not-verified",
  "no-such-right",
  "not-reasonable",
  "retention-duty",
  "legal-hold",
  "legal-claims",
];

export const rulesFor = (
  { kind, form, selfPaid = false }: Asked,
  receipt: Receipt,
): readonly RightRule[] => {
  const day = dayOfReceipt(receipt).toString();
  return rightsPacks
    .filter(
      ({ jurisdiction, effective: { from, until = "9999-12-31" } }) =>
        (jurisdiction === house.jurisdiction ||
          receipt.jurisdictions.includes(jurisdiction)) &&
        from <= day &&
        day <= until,
    )
    .flatMap(({ rules }) => rules)
    .filter(
      (rule) =>
        rule.kind === kind &&
        (rule.form ?? form ?? "copy") === (form ?? "copy") &&
        (rule.selfPaid !== true || selfPaid),
    );
};

/** The last second of it. */
export const endOfTerm = (term: Term, receipt: Receipt): string =>
  endOf(lastDay(dayOfReceipt(receipt), term), receipt.zone);

/** What the law lets an organization charge for the answer; where none speaks of it, nothing. */
export const feeOf = (
  asked: Asked,
  receipt: Receipt,
): "free" | "cost-based" => {
  const fees = rulesFor(asked, receipt).flatMap(({ fee }) => fee ?? []);
  return fees.length > 0 && fees.every(({ may }) => may === "cost-based")
    ? "cost-based"
    : "free";
};

export const dayOfReceipt = ({ received, zone }: Receipt): Temporal.PlainDate =>
  Temporal.Instant.from(received).toZonedDateTimeISO(zone).toPlainDate();

/** The day of the receipt does not count. */
const lastDay = (
  received: Temporal.PlainDate,
  term: Term,
): Temporal.PlainDate => {
  if ("days" in term) return received.add({ days: term.days });
  if ("businessDays" in term)
    return afterBusinessDays(received, term.businessDays);
  let last = received.add({ months: term.months });
  while (isWeekend(last)) last = last.add({ days: 1 });
  return last;
};

const endOf = (day: Temporal.PlainDate, zone: string): string =>
  new Date(
    day.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds - 1000,
  ).toISOString();

const earliest = (instants: readonly string[]): string | undefined =>
  instants.toSorted()[0];
