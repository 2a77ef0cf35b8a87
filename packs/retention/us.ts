import type { RetentionPack } from "./pack.ts";

/**
 * How long records of care are kept in the United States. Where a state's statutes differ by kind of provider the longer
 * period stands here; a state that is not named has the longest of those that are. Counsel confirms it for each organization.
 */
export const usRetention: RetentionPack = {
  publisher:
    "Sojourn, from the Code of Federal Regulations and state statutes on medical records",
  version: "2026.1",
  effective: { from: "2026-01-01" },
  country: "US",
  documentation: {
    name: "us-hipaa-documentation",
    years: 6,
    source: "45 CFR 164.316(b)(2)(i)",
  },
  rules: [
    {
      name: "us-ca",
      states: ["CA"],
      years: 7,
      minorsUntilAge: 19,
      mayEndEarly: false,
      source: "California Health and Safety Code 123145(a), 2024",
    },
    {
      name: "us-fl",
      states: ["FL"],
      years: 7,
      mayEndEarly: false,
      source:
        "Florida Statutes 95.11 and Rule 64B8-10.002, F.A.C. (five years; seven by the board's advice), 2024",
    },
    {
      name: "us-ma",
      states: ["MA"],
      years: 7,
      minorsUntilAge: 18,
      mayEndEarly: false,
      source: "243 CMR 2.07(13)(a), Massachusetts, 2024",
    },
    {
      name: "us-ny",
      states: ["NY"],
      years: 6,
      minorsUntilAge: 22,
      mayEndEarly: false,
      source: "8 NYCRR 29.2(a)(3), New York, 2024",
    },
    {
      name: "us-tx",
      states: ["TX"],
      years: 7,
      minorsUntilAge: 21,
      mayEndEarly: false,
      source: "22 TAC 163.2 (until 2025: 165.1), Texas, 2025",
    },
    {
      name: "us-wa",
      states: ["WA"],
      years: 10,
      minorsUntilAge: 21,
      mayEndEarly: false,
      source: "RCW 70.41.190, Washington, 2024",
    },
    {
      name: "us-other-states",
      years: 10,
      minorsUntilAge: 28,
      mayEndEarly: false,
      source:
        "The longest of state periods for adults, and as long after majority; 42 CFR 422.504(d)",
    },
  ],
};
