import type { RightsPack } from "./rights-pack.ts";

/** Health data of consumers that HIPAA does not protect; a deletion reaches archives within six months (RCW 19.373.040(1)(c)). */
export const usWa: RightsPack = {
  publisher: "State of Washington",
  version: "2024.1",
  jurisdiction: "us-wa",
  effective: { from: "2024-03-31" },
  source: "My Health My Data Act, RCW 19.373.040 and 19.373.100",
  rules: (["access", "erasure"] as const).map((kind) => ({
    name: `us-wa-mhmda-${kind}`,
    citation: "RCW 19.373.040, 19.373.100",
    kind,
    answerWithin: { days: 45 },
    extendedWithin: { days: 90 },
    denials: "others" as const,
  })),
  appeals: [
    {
      name: "us-wa-mhmda-appeal",
      citation: "RCW 19.373.040(1)",
      kinds: ["access", "erasure"],
      licensed: false,
      answerWithin: { days: 45 },
    },
  ],
};
