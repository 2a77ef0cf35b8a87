import type { Organization } from "../functions/core/organization.ts";

interface LawSource {
  readonly citation: string;
  readonly publisher: string;
  /** Of its last amendment that the policies know of. */
  readonly year: number;
  /** Dates on which the rule binds, both included. */
  readonly effective: { readonly from: string; readonly until?: string };
}

/** What the policies of a jurisdiction rest on, and what of its law they leave to the organization. */
export interface JurisdictionPack {
  readonly title: string;
  /** A file of `policies/`. */
  readonly policies: string;
  readonly sources: readonly LawSource[];
  /** Month in which policies and sources were last compared. */
  readonly reviewed: string;
  readonly notCovered: readonly string[];
}

const hhs = "U.S. Department of Health and Human Services";
const california = "California Legislature";
const texas = "Texas Legislature";
const washington = "Washington State Legislature";
const europe = "European Union";

export const jurisdictions: Readonly<
  Record<Organization["jurisdictions"][number], JurisdictionPack>
> = {
  "us-hipaa": {
    title: "United States: HIPAA Privacy Rule",
    policies: "us-hipaa.cedar",
    sources: [
      {
        citation: "45 CFR 164.502(b), 164.514(d): minimum necessary",
        publisher: hhs,
        year: 2013,
        effective: { from: "2003-04-14" },
      },
      {
        citation:
          "45 CFR 164.508: authorizations, psychotherapy notes, marketing",
        publisher: hhs,
        year: 2013,
        effective: { from: "2003-04-14" },
      },
      {
        citation:
          "45 CFR 164.522(a)(1)(vi): restriction toward a payer, added by 78 FR 5566 (2013)",
        publisher: hhs,
        year: 2013,
        effective: { from: "2013-09-23" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "Elements of an authorization (164.508(c)): whoever files the Consent checks the form.",
      "The author of psychotherapy notes is not told apart from other staff, and needs the authorization too.",
      "Minimum necessary inside a resource: policies decide on whole resources; clients ask for less with `_elements` and `_summary`.",
      "Disclosures that law requires (164.512): the privacy officer makes them by hand and records them.",
      "Attestations for reproductive health care: vacated nationwide on 2025-06-18 (Purl v. HHS).",
      "The Security Rule proposed on 2025-01-06 (90 FR 898): not final.",
    ],
  },
  "us-part2": {
    title: "United States: 42 CFR Part 2, substance use disorder records",
    policies: "us-part2.cedar",
    sources: [
      {
        citation:
          "42 CFR 2.11, 2.13, 2.31, 2.33, 2.51, as amended by 89 FR 12472 (2024)",
        publisher: hhs,
        year: 2024,
        effective: { from: "2026-02-16" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "Which records come from a Part 2 program: whoever writes them labels them. Nothing is labelled by its content.",
      "Communication inside the program, which needs no consent (2.12(c)(3)): it needs one here.",
      "The notice and the consent that go with each disclosure (2.32): a list of disclosures has the notice; systems that read by the API get neither with the data.",
      "Legal proceedings and court orders (2.61-2.67): by hand, with counsel.",
    ],
  },
  "us-ca": {
    title: "California: Confidentiality of Medical Information Act",
    policies: "us-ca.cedar",
    sources: [
      {
        citation:
          "Cal. Civ. Code 56.101(c), 56.110, amended and added by AB 352 (Stats. 2023, ch. 255)",
        publisher: california,
        year: 2023,
        effective: { from: "2024-07-01" },
      },
      {
        citation: "Cal. Civ. Code 56.05, 56.10(d), 56.11: authorizations",
        publisher: california,
        year: 2025,
        effective: { from: "2004-01-01" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "HL7 has no label for abortion, contraception or gender-affirming care alone: SEX and GENDER hold back more than the act asks.",
      "That the authorization names abortion (56.110(a)(1)), and its form (56.11): whoever files the Consent checks them.",
      "Subpoenas and requests of other states (56.108): by hand, with counsel.",
      "The California Consumer Privacy Act: it exempts medical information under this act; web and staff data are not kept here.",
    ],
  },
  "us-tx": {
    title: "Texas: medical records privacy and electronic health records",
    policies: "us-tx.cedar",
    sources: [
      {
        citation:
          "Tex. Health & Safety Code 183.002, added by SB 1188 (89th Legislature)",
        publisher: texas,
        year: 2025,
        effective: { from: "2026-01-01" },
      },
      {
        citation:
          "Tex. Health & Safety Code 181.152, 181.154, amended and added by HB 300 (82nd Legislature)",
        publisher: texas,
        year: 2011,
        effective: { from: "2012-09-01" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "Where we keep the record ourselves: the region in the organization's file.",
      "Access from abroad by people, which the act allows where nothing is kept there.",
      "The notice that records are disclosed electronically (181.154(a)): on the organization's premises and site.",
      "Training, the fields for biological sex, disclosure of artificial intelligence.",
    ],
  },
  "us-wa": {
    title: "Washington: My Health My Data Act",
    policies: "us-wa.cedar",
    sources: [
      {
        citation: "RCW 19.373.030 (Laws of 2023, ch. 191)",
        publisher: washington,
        year: 2023,
        effective: { from: "2024-03-31" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "Labelling people who are no patients as CONSUMER, and taking the label off: the organization's forms and imports.",
      "Sale (19.373.070) and geofences (19.373.080): Sojourn does neither.",
      "Deletion within the act's terms: as an erasure.",
    ],
  },
  "eu-gdpr": {
    title: "European Union: General Data Protection Regulation",
    policies: "eu-gdpr.cedar",
    sources: [
      {
        citation: "Regulation (EU) 2016/679, Art. 5, 9, 18",
        publisher: europe,
        year: 2016,
        effective: { from: "2018-05-25" },
      },
      {
        citation:
          "Regulation (EU) 2016/679, Art. 44-49, with the adequacy decisions known in February 2026 (Brazil since 2026-01-27; United Kingdom renewed on 2025-12-19)",
        publisher: europe,
        year: 2026,
        effective: { from: "2018-05-25" },
      },
    ],
    reviewed: "2026-11",
    notCovered: [
      "Transfers on standard clauses, binding rules or the EU-US framework (Art. 46, 45 for some recipients): refused without consent, because the policies do not know them.",
      "Public health under the law of a member state (Art. 9(2)(i)).",
      "The legal basis itself, the record of processing, the impact assessment, the age of a child's consent: the organization's documents.",
      "The European Health Data Space (Regulation (EU) 2025/327): applies from 2027 and 2029.",
    ],
  },
};
