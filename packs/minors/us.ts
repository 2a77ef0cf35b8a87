/** From when minors decide for themselves, and what that keeps from those who act for them. */
export interface MinorsPack {
  readonly publisher: string;
  readonly version: string;
  readonly effective: { readonly from: string; readonly until?: string };
  readonly source: string;
  readonly country: string;
  /** In years; states that differ are named. */
  readonly majority: {
    readonly age: number;
    readonly states: readonly {
      readonly state: string;
      readonly age: number;
      readonly citation: string;
    }[];
  };
  /** Codes of v3-ActCode that mark each kind of care. */
  readonly kinds: Readonly<Record<CareKind, readonly string[]>>;
  /** Where nothing more specific is known: the most careful reading, until counsel has confirmed the state's. */
  readonly default: readonly SelfConsent[];
  readonly states: Readonly<Record<string, readonly SelfConsent[]>>;
}

type CareKind =
  "sexual" | "pregnancy" | "hiv" | "substance" | "mental" | "violence";

interface SelfConsent {
  readonly kinds: readonly CareKind[];
  /** Years from which a minor may consent alone, and so keeps the record of it private; `never` where parents may see it all the same. */
  readonly from: number | "never";
  readonly citation: string;
}

const hipaa = "45 CFR 164.502(g)(3)(i)";
const abuse: SelfConsent = {
  kinds: ["violence"],
  from: 0,
  citation: "45 CFR 164.502(g)(5)",
};

export const usMinors: MinorsPack = {
  publisher: "Sojourn, from the Code of Federal Regulations and state statutes",
  version: "2026.1",
  effective: { from: "2026-01-01" },
  source:
    "45 CFR 164.502(g); 42 CFR 2.14; the statutes cited with each rule, as of 2026",
  country: "US",
  majority: {
    age: 18,
    states: [
      { state: "AL", age: 19, citation: "Ala. Code 26-1-1" },
      { state: "NE", age: 19, citation: "Neb. Rev. Stat. 43-2101" },
      { state: "MS", age: 21, citation: "Miss. Code 1-3-27" },
    ],
  },
  kinds: {
    sexual: ["STD", "SEX"],
    pregnancy: ["PREGNANT"],
    hiv: ["HIV"],
    substance: ["ETH", "SUD", "ETHUD", "OPIOIDUD", "42CFRPart2"],
    mental: ["MH", "PSY", "PSYTHPN", "BH"],
    violence: ["SDV", "VIO"],
  },
  default: [
    {
      kinds: ["sexual", "pregnancy", "hiv", "substance", "mental"],
      from: 12,
      citation: `${hipaa}; 42 CFR 2.14`,
    },
    abuse,
  ],
  states: {
    CA: [
      { kinds: ["sexual"], from: 12, citation: "Cal. Fam. Code 6926" },
      { kinds: ["pregnancy"], from: 0, citation: "Cal. Fam. Code 6925" },
      { kinds: ["hiv"], from: 12, citation: "Cal. Health & Saf. Code 121020" },
      { kinds: ["substance"], from: 12, citation: "Cal. Fam. Code 6929" },
      {
        kinds: ["mental"],
        from: 12,
        citation: "Cal. Fam. Code 6924; Cal. Health & Saf. Code 123115(a)(1)",
      },
      abuse,
    ],
    CO: [
      { kinds: ["sexual", "hiv"], from: 0, citation: "C.R.S. 25-4-409" },
      { kinds: ["pregnancy"], from: 0, citation: "C.R.S. 13-22-105" },
      { kinds: ["substance"], from: 0, citation: "C.R.S. 13-22-102" },
      { kinds: ["mental"], from: 12, citation: "C.R.S. 12-245-203.5" },
      abuse,
    ],
    IL: [
      { kinds: ["sexual", "hiv"], from: 12, citation: "410 ILCS 210/4" },
      { kinds: ["pregnancy"], from: 0, citation: "410 ILCS 210/1" },
      { kinds: ["substance"], from: 12, citation: "410 ILCS 210/4" },
      { kinds: ["mental"], from: 12, citation: "405 ILCS 5/3-550" },
      abuse,
    ],
    OR: [
      { kinds: ["sexual", "hiv"], from: 0, citation: "ORS 109.610" },
      { kinds: ["pregnancy"], from: 0, citation: "ORS 109.640" },
      { kinds: ["substance", "mental"], from: 14, citation: "ORS 109.675" },
      abuse,
    ],
    PA: [
      { kinds: ["sexual", "hiv"], from: 0, citation: "35 P.S. 521.14a" },
      { kinds: ["pregnancy"], from: 0, citation: "35 P.S. 10103" },
      { kinds: ["substance"], from: 0, citation: "71 P.S. 1690.112" },
      { kinds: ["mental"], from: 14, citation: "35 P.S. 10101.1" },
      abuse,
    ],
    TX: [
      {
        kinds: ["sexual", "pregnancy", "hiv", "substance", "mental"],
        from: "never",
        citation:
          "Tex. Health & Safety Code ch. 183 (SB 1188, 2025): a parent has access to the minor's whole electronic record",
      },
      abuse,
    ],
    WA: [
      { kinds: ["sexual", "hiv"], from: 14, citation: "RCW 70.24.110" },
      { kinds: ["pregnancy"], from: 0, citation: "RCW 9.02.100" },
      { kinds: ["substance", "mental"], from: 13, citation: "RCW 71.34.530" },
      abuse,
    ],
  },
};
