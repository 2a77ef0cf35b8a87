import type { RetentionPack } from "./pack.ts";

const article = "GDPR Article 17(3)(b) and (c)";

/** GDPR leaves the periods to the member states; a state that is not named has the longest of those that are. */
const documentation = {
  name: "eu-gdpr-accountability",
  years: 6,
  source: "GDPR Articles 5(2) and 17(3)(b) and (e)",
} as const;

const member = (
  country: string,
  years: number,
  source: string,
): RetentionPack => ({
  publisher: "Sojourn, from national statutes on medical records",
  version: "2026.1",
  effective: { from: "2026-01-01" },
  country,
  documentation,
  rules: [
    {
      name: `eu-${country.toLowerCase()}`,
      years,
      mayEndEarly: false,
      source: `${source}; ${article}`,
    },
  ],
});

export const euRetention: readonly RetentionPack[] = [
  member("AT", 10, "Ärztegesetz 1998 § 51(3)"),
  member("DE", 10, "BGB § 630f(3)"),
  member("ES", 5, "Ley 41/2002, artículo 17"),
  member("FR", 20, "Code de la santé publique R1112-7"),
  member("NL", 20, "Burgerlijk Wetboek 7:454(3)"),
];
