import fc from "fast-check";
import { expect, it } from "vitest";
import { consentAnswer } from "../../functions/core/consent.ts";
import { aConsent, aRead } from "./consent-builders.ts";
import {
  asFhir,
  naive,
  type Plain,
  type PlainConsent,
} from "./consent-oracle.ts";

const provision = (depth: number): fc.Arbitrary<Plain> =>
  fc
    .record({
      type: fc.constantFrom("permit" as const, "deny" as const),
      inner: fc.array(
        depth === 0 ? fc.constant(undefined) : provision(depth - 1),
        {
          maxLength: 2,
        },
      ),
      named: fc.record(
        {
          actor: fc.constantFrom("nora", "nurse", "otto"),
          purpose: fc.constantFrom("TREAT", "HPAYMT", "ETREAT"),
          class: fc.constantFrom("Observation", "Condition"),
          label: fc.constantFrom("HIV", "ETH"),
          months: fc.tuple(
            fc.integer({ min: 1, max: 7 }),
            fc.integer({ min: 5, max: 12 }),
          ),
          mystery: fc.constant(true),
        },
        { requiredKeys: [] },
      ),
      kept: fc.subarray(
        ["actor", "purpose", "class", "label", "months", "mystery"] as const,
        { maxLength: 2 },
      ),
    })
    .map(({ type, inner, named, kept }) => ({
      type,
      inner: inner.filter((one) => one !== undefined),
      ...Object.fromEntries(
        kept.flatMap((name) =>
          named[name] === undefined ? [] : [[name, named[name]]],
        ),
      ),
    }));

const consent: fc.Arbitrary<PlainConsent> = fc.record({
  status: fc.constantFrom("active", "active", "active", "inactive"),
  provision: provision(3),
});

const question = fc
  .record({
    recipients: fc.constantFrom(
      ["staff:nora", "role:nurse"],
      ["staff:otto", "role:manager"],
      ["client:lab"],
    ),
    purpose: fc.constantFrom("TREAT", "HPAYMT", "ETREAT", "HOPERAT"),
    type: fc.constantFrom("Observation", "Condition", "Task"),
    labels: fc.subarray(["HIV", "ETH"]),
    month: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ month, ...asked }) =>
    aRead({
      ...asked,
      now: `2026-${String(month).padStart(2, "0")}-15T12:00:00.000Z`,
    }),
  );

it("10,000 random sets of Consents answer as a naive reading of them does", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.array(consent, { maxLength: 4 }),
      question,
      (some, asked) => {
        const { answer } = consentAnswer(
          some.map(({ status, provision: plain }) =>
            aConsent(asFhir(plain), { status }),
          ),
          asked,
        );
        seen.set(answer, (seen.get(answer) ?? 0) + 1);
        expect(answer).toBe(naive(some, asked));
      },
    ),
    { numRuns: 10_000 },
  );
  for (const answer of ["permitted", "denied", "silent"])
    expect(seen.get(answer)).toBeGreaterThan(500);
});
