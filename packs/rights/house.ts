import type { RightsPack } from "./rights-pack.ts";

/** Our own terms: where a law gives a right without a term, or gives no right, a person is answered all the same. */
export const house: RightsPack = {
  publisher: "Sojourn",
  version: "2026.1",
  jurisdiction: "house",
  effective: { from: "1970-01-01" },
  source: "Our own",
  rules: [
    ...(
      [
        ["access", 30],
        ["portability", 30],
        ["amendment", 60],
        ["accounting", 60],
        ["restriction", 30],
        ["confidential-communications", 7],
      ] as const
    ).map(([kind, days]) => ({
      name: `house-${kind}`,
      citation: "our own",
      kind,
      answerWithin: { days },
      denials: "others" as const,
    })),
    {
      name: "house-restriction-self-pay",
      citation: "our own",
      kind: "restriction",
      selfPaid: true,
      answerWithin: { days: 7 },
      denials: "others",
    },
    {
      name: "house-erasure",
      citation: "our own",
      kind: "erasure",
      answerWithin: { days: 45 },
      extendedWithin: { days: 90 },
      denials: "others",
    },
  ],
};
