import type { RightsPack } from "./rights-pack.ts";

/** What a licensed professional judged, and another one looks at again (45 CFR 164.524(a)(3)). */
const reviewable = [
  "endangers-life",
  "harms-other-person",
  "harms-by-representative",
] as const;

export const usHipaa: RightsPack = {
  publisher: "U.S. Department of Health and Human Services",
  version: "2013.1",
  jurisdiction: "us-hipaa",
  effective: { from: "2013-09-23" },
  source:
    "45 CFR 164.522, 164.524, 164.526, 164.528, as amended by 78 FR 5566 (2013)",
  rules: [
    ...(["access", "portability"] as const).map((kind) => ({
      name: `us-hipaa-${kind}`,
      citation: "45 CFR 164.524(a), (b)(2)",
      kind,
      fee: { may: "cost-based", by: "45 CFR 164.524(c)(4)" } as const,
      answerWithin: { days: 30 },
      extendedWithin: { days: 60 },
      denials: [
        "identity-not-verified",
        "psychotherapy-notes",
        "legal-proceedings",
        "correctional-safety",
        "research-in-progress",
        "confidential-source",
        ...reviewable,
      ] as const,
    })),
    {
      name: "us-hipaa-amendment",
      citation: "45 CFR 164.526(a)(2), (b)(2)",
      kind: "amendment",
      answerWithin: { days: 60 },
      extendedWithin: { days: 90 },
      inform: "45 CFR 164.526(c)(3)",
      denials: [
        "identity-not-verified",
        "not-created-here",
        "not-part-of-record",
        "not-accessible",
        "accurate-and-complete",
      ],
    },
    {
      name: "us-hipaa-accounting",
      citation: "45 CFR 164.528(a)(2), (c)(1)",
      kind: "accounting",
      answerWithin: { days: 60 },
      extendedWithin: { days: 90 },
      // The first in twelve months; we count none.
      fee: { may: "free", by: "45 CFR 164.528(c)(2)" },
      denials: ["identity-not-verified", "suspended-by-agency"],
    },
    {
      name: "us-hipaa-restriction",
      citation: "45 CFR 164.522(a)(1)(ii)",
      kind: "restriction",
      denials: [
        "identity-not-verified",
        "not-agreed",
        "not-paid-in-full",
        "required-by-law",
      ],
    },
    {
      name: "us-hipaa-restriction-self-pay",
      citation: "45 CFR 164.522(a)(1)(vi)",
      kind: "restriction",
      selfPaid: true,
      denials: ["identity-not-verified", "not-paid-in-full", "required-by-law"],
    },
    {
      name: "us-hipaa-confidential-communications",
      citation: "45 CFR 164.522(b)(1)(i), (b)(2)",
      kind: "confidential-communications",
      denials: [
        "identity-not-verified",
        "no-alternative-given",
        "not-reasonable",
      ],
    },
  ],
  appeals: [
    {
      name: "us-hipaa-review",
      citation: "45 CFR 164.524(a)(4), (d)(4)",
      kinds: ["access", "portability"],
      grounds: reviewable,
      licensed: true,
      answerWithin: { days: 30 },
      termIsOurs: true,
    },
  ],
};
