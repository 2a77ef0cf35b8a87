import type { RightsPack } from "./rights-pack.ts";

/** The accounting of disclosures of section 2.25 is tolled until HHS revises 45 CFR 164.528 (89 FR 12472, 2024). */
export const usPart2: RightsPack = {
  publisher: "Substance Abuse and Mental Health Services Administration, HHS",
  version: "2024.1",
  jurisdiction: "us-part2",
  effective: { from: "2026-02-16" },
  source: "42 CFR 2.26, as added by 89 FR 12472 (2024)",
  rules: [
    {
      name: "us-part2-restriction",
      citation: "42 CFR 2.26(a)(1), (2)",
      kind: "restriction",
      denials: [
        "identity-not-verified",
        "not-agreed",
        "not-paid-in-full",
        "required-by-law",
      ],
    },
    {
      name: "us-part2-restriction-self-pay",
      citation: "42 CFR 2.26(a)(5)",
      kind: "restriction",
      selfPaid: true,
      denials: ["identity-not-verified", "not-paid-in-full", "required-by-law"],
    },
  ],
};
