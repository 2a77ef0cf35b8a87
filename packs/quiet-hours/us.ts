import type { Hours } from "../../functions/core/contact-hours.ts";

/** When people may be contacted by law, in their own local time; the strictest of the rules that apply wins. */
export interface QuietHours {
  readonly publisher: string;
  readonly version: string;
  readonly effective: { readonly from: string; readonly until?: string };
  readonly source: string;
  readonly country: string;
  readonly rules: readonly QuietHoursRule[];
}

export interface QuietHoursRule {
  readonly name: string;
  /** States in which it applies; everywhere in the country when absent. */
  readonly states?: readonly string[];
  readonly purposes: readonly ("treatment" | "marketing")[];
  readonly weekdays: Hours;
  readonly saturday: Hours | undefined;
  readonly sunday: Hours | undefined;
}

const daily = (from: string, until: string) => ({
  weekdays: { from, until },
  saturday: { from, until },
  sunday: { from, until },
});

/**
 * 47 CFR 64.1200(c)(1) speaks of solicitation only; we keep to it for treatment messages too. State rules are for
 * marketing. Counsel confirms them for each organization.
 */
export const usQuietHours: QuietHours = {
  publisher:
    "Sojourn, from the Code of Federal Regulations and state telemarketing statutes",
  version: "2026.1",
  effective: { from: "2026-01-01" },
  source: "47 CFR 64.1200(c)(1); state telephone solicitation acts as of 2026",
  country: "US",
  rules: [
    {
      name: "us-federal",
      purposes: ["treatment", "marketing"],
      ...daily("08:00", "21:00"),
    },
    {
      name: "us-state-8-20",
      states: ["FL", "OK", "MD", "MS", "NJ"],
      purposes: ["marketing"],
      ...daily("08:00", "20:00"),
    },
    {
      name: "us-ct",
      states: ["CT"],
      purposes: ["marketing"],
      ...daily("09:00", "20:00"),
    },
    {
      name: "us-tx",
      states: ["TX"],
      purposes: ["marketing"],
      weekdays: { from: "09:00", until: "21:00" },
      saturday: { from: "09:00", until: "21:00" },
      sunday: { from: "12:00", until: "21:00" },
    },
    {
      name: "us-ri",
      states: ["RI"],
      purposes: ["marketing"],
      weekdays: { from: "09:00", until: "18:00" },
      saturday: { from: "10:00", until: "17:00" },
      sunday: { from: "10:00", until: "17:00" },
    },
  ],
};
