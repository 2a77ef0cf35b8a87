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
  /** What may be charged for the answer, and which section says so; a law without it is silent. */
  readonly fee?: { readonly may: "free" | "cost-based"; readonly by: string };
  /** The section by which those who received the information are told of what came of the request. */
  readonly inform?: string;
}

/** What the law gives a person inside the organization against a denial. */
export interface AppealRule {
  readonly name: string;
  readonly citation: string;
  readonly kinds: readonly RequestKind[];
  /** Grounds of the denials that it is open against; all when absent. */
  readonly grounds?: readonly Ground[];
  /** Who looks again must be a licensed health care professional; in any case it is nobody who denied. */
  readonly licensed: boolean;
  /** From the receipt of the appeal. */
  readonly answerWithin: Term;
  /** The law says "within a reasonable time"; the number is ours. */
  readonly termIsOurs?: true;
  /** Dates on which an appeal is received; those of the pack when absent. */
  readonly from?: string;
  /** Organizations under this law are exempt. */
  readonly exempt?: string;
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
  readonly appeals?: readonly AppealRule[];
}
