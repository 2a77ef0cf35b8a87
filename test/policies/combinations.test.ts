import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  atBest,
  type Decide,
  type Principal,
  type Question,
} from "../../functions/core/permission.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { policiesIn } from "../../functions/policy/cedar.ts";
import { roles } from "../../functions/core/settings.ts";
import { purposes } from "../../functions/core/caller.ts";
import { brokenBy } from "./oracle.ts";
import { names, type Jurisdiction } from "./policy-files.ts";
import { cases, question } from "./cases.ts";

const labels = [
  "R",
  "V",
  "N",
  "42CFRPart2",
  "SUD",
  "PSYTHPN",
  "SEX",
  "GENDER",
  "HIV",
  "CONSUMER",
];

const staff: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constant("Staff" as const),
  roles: fc.subarray([...roles], { minLength: 1 }),
});
const client: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constant("Client" as const),
  location: fc.constantFrom("", "US-CA", "US-TX", "PR", "DE-BE", "IN-KA"),
  purposes: fc.constantFrom([...purposes], ["TREAT" as const]),
});

const principal: fc.Arbitrary<Principal> = fc.oneof(
  { arbitrary: staff, weight: 5 },
  { arbitrary: client, weight: 5 },
  { arbitrary: fc.constant({ kind: "Patient" as const }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant("Proxy" as const),
      basis: fc.constantFrom("guardian", "authorization", "attorney"),
      state: fc.constantFrom("in-force", "in-force", "expired", "aged-out"),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("System" as const),
      name: fc.constantFrom(
        "send-message",
        "import-slice",
        "notify-subscribers",
      ),
    }),
    weight: 1,
  },
);

/** Mostly what base.cedar lets through, so that packs are what decides. */
const fitting: Readonly<Record<Principal["kind"], readonly string[]>> = {
  Patient: ["PATRQT"],
  Proxy: ["PATRQT"],
  Staff: ["TREAT", "HOPERAT", "HPAYMT", "ETREAT"],
  Client: ["TREAT", "HOPERAT", "HPAYMT", "HMARKT", "HRESCH"],
  System: ["TREAT", "HOPERAT", "HPAYMT"],
};

const questions: fc.Arbitrary<Question> = fc
  .record({
    principal,
    action: fc.constantFrom(
      "read",
      "search",
      "read",
      "search",
      "create",
      "update",
      "delete",
    ),
    resource: fc.record({
      type: fc.constantFrom(
        "Observation",
        "DocumentReference",
        "Appointment",
        "Claim",
        "Consent",
        "Location",
        "Provenance",
      ),
      place: fc.constantFrom("own", "another", "another", "directory"),
      labels: fc.subarray(labels, { maxLength: 3 }),
      teenPrivate: fc.boolean(),
    }),
    purpose: fc.constantFrom(...purposes),
    fits: fc.integer({ min: 0, max: 5 }),
    scoped: fc.integer({ max: 9, min: 0 }).map((one) => one > 0),
    consent: fc.constantFrom("permitted", "denied", "silent", "silent"),
    restricted: fc.constantFrom(true, false, false),
    emergency: fc.boolean(),
    freshSignIn: fc.boolean(),
  })
  .map(({ fits, purpose, ...question }) => ({
    ...question,
    purpose: fitting[question.principal.kind].at(fits - 1) ?? purpose,
  }));

const engines = new Map<string, Decide>();
const engine = (packs: readonly Jurisdiction[]): Decide => {
  const name = packs.join();
  const known = engines.get(name) ?? createPolicies(packs);
  engines.set(name, known);
  return known;
};

test("together packs refuse what one of them refuses, and nothing else", async () => {
  const seen = { allowed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(questions, fc.subarray(names), async (asked, packs) => {
      const alone = await Promise.all([
        engine([])(asked),
        ...packs.map((pack) => engine([pack])(asked)),
      ]);
      const together = await engine(packs)(asked);
      seen[together === undefined ? "allowed" : "refused"] += 1;
      expect(together === undefined).toBe(
        alone.every((policy) => policy === undefined),
      );
      expect([...alone, undefined]).toContain(together);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(20);
});

test("12,000 decisions are those of a naive reading of each pack", async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(questions, async (asked) => {
      if ((await engine([])(asked)) !== undefined) return;
      for (const pack of names) {
        const broken = brokenBy(pack, asked);
        expect(await engine([pack])(asked)).toBe(broken[0]);
        refused += broken.length > 0 ? 1 : 0;
      }
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(200);
});

test("what is refused for its type at best is refused whatever it says and whatever the patient consented to", async () => {
  await fc.assert(
    fc.asyncProperty(questions, fc.boolean(), async (asked, all) => {
      const decide = engine(all ? names : []);
      const { labels: none, teenPrivate, ...circumstances } = atBest;
      const best: Question = {
        ...asked,
        ...circumstances,
        ...(asked.resource && {
          resource: { ...asked.resource, labels: none, teenPrivate },
        }),
      };
      if ((await decide(best)) !== undefined)
        expect(await decide({ ...asked, emergency: false })).toBeDefined();
    }),
    { numRuns: 1000 },
  );
});

test("patients read their own record under every pack", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(labels),
      fc.boolean(),
      async (some, restricted) => {
        const asked = question({
          principal: { kind: "Patient" },
          purpose: "PATRQT",
          resource: { type: "Observation", place: "own", labels: some },
          consent: "denied",
          restricted,
        });
        expect(await engine(names)(asked)).toBeUndefined();
      },
    ),
  );
});

test("of two packs that refuse, the organization's first is named", async () => {
  const [asked] = cases.filter(
    ({ policy }) => policy === "us-hipaa-psychotherapy-notes",
  );
  const notes = question({
    ...asked?.asked,
    resource: { type: "DocumentReference", labels: ["42CFRPart2", "PSYTHPN"] },
  });
  expect(await engine(["us-hipaa", "us-part2"])(notes)).toBe(
    "us-hipaa-psychotherapy-notes",
  );
  expect(await createPolicies(["us-part2", "us-hipaa"])(notes)).toBe(
    "us-part2-consent",
  );
});

describe("policies that do not parse", () => {
  const asked = question({
    principal: { kind: "Patient" },
    purpose: "PATRQT",
    resource: { place: "own" },
  });
  const broken =
    '// Written in a hurry.\n@id("broken")\nforbid (principal, action, resource) when { context. };\n';

  test("let nobody in, and the error says where", async () => {
    const decide = createPolicies(["us-hipaa"], policiesIn(broken));
    await expect(decide(asked)).rejects.toThrow(
      /^the policies do not parse: /u,
    );
    await expect(decide(asked)).rejects.toThrow(/broken/u);
  });

  test("let nobody in where a pack is missing", async () => {
    await expect(createPolicies(["us-nowhere"])(asked)).rejects.toThrow(
      /us-nowhere\.cedar/u,
    );
  });

  test("let nobody in where one fails on a request", async () => {
    const fails =
      '// Written in a hurry.\n@id("fails")\nforbid (principal, action, resource) when { resource.nothing == 1 };\n';
    expect(await createPolicies([], policiesIn(fails))(asked)).toBe("fails");
  });
});
