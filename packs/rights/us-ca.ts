import type { RightsPack } from "./rights-pack.ts";

const ccpa = {
  citation: "Cal. Civ. Code 1798.130(a)(2), 1798.145(c); 11 CCR 7021",
  acknowledgeWithin: { businessDays: 10 },
  answerWithin: { days: 45 },
  extendedWithin: { days: 90 },
  denials: "others",
} as const;

/** The CCPA leaves medical information and PHI to the CMIA and HIPAA; what else is known of a person is in its scope. */
export const usCa: RightsPack = {
  publisher: "State of California",
  version: "2026.1",
  jurisdiction: "us-ca",
  effective: { from: "2023-01-01" },
  source:
    "Cal. Health & Safety Code 123110 and 123115; Cal. Civ. Code 1798.100 to 1798.199; 11 CCR 7020 and 7021",
  rules: [
    {
      name: "us-ca-inspection",
      citation: "Cal. Health & Safety Code 123110(a)",
      kind: "access",
      form: "inspect",
      answerWithin: { businessDays: 5 },
      denials: "others",
    },
    {
      name: "us-ca-copies",
      citation: "Cal. Health & Safety Code 123110(b)",
      fee: { may: "cost-based", by: "Cal. Health & Safety Code 123110" },
      kind: "access",
      form: "copy",
      answerWithin: { days: 15 },
      denials: "others",
    },
    { ...ccpa, name: "us-ca-ccpa-access", kind: "access" },
    {
      name: "us-ca-copies-portable",
      citation: "Cal. Health & Safety Code 123110(b)",
      fee: { may: "cost-based", by: "Cal. Health & Safety Code 123110" },
      kind: "portability",
      answerWithin: { days: 15 },
      denials: "others",
    },
    { ...ccpa, name: "us-ca-ccpa-portability", kind: "portability" },
    { ...ccpa, name: "us-ca-ccpa-correction", kind: "amendment" },
    { ...ccpa, name: "us-ca-ccpa-deletion", kind: "erasure" },
  ],
};
