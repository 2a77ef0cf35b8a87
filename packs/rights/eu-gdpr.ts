import type { RequestKind, RightsPack } from "./rights-pack.ts";

const terms = {
  answerWithin: { months: 1 },
  extendedWithin: { months: 3 },
  fee: { may: "free", by: "GDPR Art. 12(5), 15(3)" },
} as const;
const always = ["identity-not-verified", "unfounded-or-excessive"] as const;

const named = (kind: RequestKind, article: string) => ({
  ...terms,
  name: `eu-gdpr-${kind}`,
  citation: `GDPR Art. 12(3), (5), (6), ${article}`,
  kind,
});

export const euGdpr: RightsPack = {
  publisher: "European Union",
  version: "2016.1",
  jurisdiction: "eu-gdpr",
  effective: { from: "2018-05-25" },
  source:
    "Regulation (EU) 2016/679, Art. 12 and 15 to 20; terms by Regulation (EEC, Euratom) No 1182/71, Art. 3",
  rules: [
    {
      ...named("access", "Art. 15"),
      denials: [...always, "rights-of-others", "confidential-source"],
    },
    {
      ...named("portability", "Art. 20: what rests on consent or contract"),
      denials: [
        ...always,
        "rights-of-others",
        "confidential-source",
        "no-such-right",
      ],
    },
    {
      ...named("amendment", "Art. 16"),
      inform: "GDPR Art. 19",
      denials: [...always, "accurate-and-complete", "not-part-of-record"],
    },
    {
      ...named("erasure", "Art. 17(1), (3)"),
      denials: [
        ...always,
        "retention-duty",
        "legal-hold",
        "legal-claims",
        "public-health",
      ],
    },
    {
      ...named("restriction", "Art. 18"),
      denials: [...always, "article-18-not-met"],
    },
    {
      ...named("accounting", "Art. 15(1)(c)"),
      denials: [...always, "rights-of-others"],
    },
  ],
};
