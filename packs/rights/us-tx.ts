import type { RightsPack } from "./rights-pack.ts";

export const usTx: RightsPack = {
  publisher: "State of Texas",
  version: "2012.1",
  jurisdiction: "us-tx",
  effective: { from: "2012-09-01" },
  source: "Tex. Health & Safety Code 181.102 (HB 300)",
  rules: (["access", "portability"] as const).map((kind) => ({
    name: `us-tx-electronic-${kind}`,
    citation: "Tex. Health & Safety Code 181.102(a)",
    kind,
    ...(kind === "access" && { form: "copy" as const }),
    answerWithin: { businessDays: 15 },
    denials: "others" as const,
  })),
};
