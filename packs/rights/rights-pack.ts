import type { Ground } from "./ground-codes.ts";

export const requestKinds = [
  "access",
  "portability",
  "amendment",
  "restriction",
  "confidential-communications",
  "accounting",
  "erasure",
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** A stretch of time that begins with the day after the one on which a request is received. */
export type Term =
  | { readonly days: number }
  /** Neither Saturdays, Sundays nor US federal holidays. */
  | { readonly businessDays: number }
  /** Ends on the day of the same number, and never on a weekend (Regulation (EEC, Euratom) No 1182/71, Art. 3). */
  | { readonly months: number };

/** What the law gives one kind of request: until when it is answered, and for which reasons only it may be denied. */
export interface RightRule {
  readonly name: string;
  readonly citation: string;
  readonly kind: RequestKind;
  /** Of a request for access: whether the record is shown, or a copy of it is given; both when absent. */
  readonly form?: "inspect" | "copy";
  /** It speaks only of a restriction toward a payer, of care that the patient has paid for in full. */
  readonly selfPaid?: true;
  readonly acknowledgeWithin?: Term;
  /** Absent where the law sets no term: then our own binds alone. */
  readonly answerWithin?: Term;
  /** From the receipt of the request, once, told with the reason before the first term ends. */
  readonly extendedWithin?: Term;
  /** `others`: this law leaves the record of care to the other laws, and so does its list of reasons. */
  readonly denials: readonly Ground[] | "others";
}

/** A law's rights of individuals as data. */
export interface RightsPack {
  readonly publisher: string;
  readonly version: string;
  readonly jurisdiction: string;
  /** Dates on which a request is received, both included. */
  readonly effective: { readonly from: string; readonly until?: string };
  readonly source: string;
  readonly rules: readonly RightRule[];
}
