import type { RightsPack } from "./rights-pack.ts";

export const usTx: RightsPack = {
  publisher: "State of Texas",
  version: "2012.1",
  jurisdiction: "us-tx",
  effective: { from: "2012-09-01" },
  source:
    "Tex. Health & Safety Code 181.102 (HB 300); Tex. Bus. & Com. Code 541.002, 541.051 to 541.053 (HB 4, 2023)",
  rules: (["access", "portability"] as const).map((kind) => ({
    name: `us-tx-electronic-${kind}`,
    citation: "Tex. Health & Safety Code 181.102(a)",
    kind,
    ...(kind === "access" && { form: "copy" as const }),
    answerWithin: { businessDays: 15 },
    denials: "others" as const,
  })),
  appeals: [
    {
      name: "us-tx-tdpsa-appeal",
      citation: "Tex. Bus. & Com. Code 541.053",
      kinds: ["access", "portability", "amendment", "erasure"],
      licensed: false,
      answerWithin: { days: 60 },
      from: "2024-07-01",
      // 541.002(b)(3)
      exempt: "us-hipaa",
    },
  ],
};
