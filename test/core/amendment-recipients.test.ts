import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recipientsOf } from "../../functions/core/amendment-recipients.ts";
import { ulids } from "../../functions/core/ids.ts";

const day = 86_400_000;
const created = Date.parse("2026-03-10T12:00:00Z");
const now = new Date(created + 100 * day).toISOString();
const id = ulids(
  () => created,
  () => Buffer.alloc(10),
)();
const resource = `Observation/01J00000000000000000000000-${id}`;

const disclosures = fc.array(
  fc.record(
    {
      at: fc
        .integer({ min: -20, max: 120 })
        .map((days) => new Date(created + days * day).toISOString()),
      recipient: fc.record(
        {
          name: fc.constantFrom("Lab", "County", "Payer"),
          address: fc.constantFrom("1 River Street", "2 Hill Road"),
        },
        { requiredKeys: ["name"] },
      ),
      resources: fc.subarray([resource, "Observation/other", "Condition/x"]),
      types: fc.subarray(["Observation", "Patient"]),
      withheldUntil: fc
        .integer({ min: 90, max: 110 })
        .map((days) => new Date(created + days * day).toISOString()),
    },
    { requiredKeys: ["at", "recipient", "resources"] },
  ),
  { maxLength: 12 },
);

describe("whom an amendment concerns", () => {
  it("is who got it, or may have, since it was there; each once, and nobody whom the patient may not know of", () => {
    fc.assert(
      fc.property(disclosures, (all) => {
        const expected = all.filter((one) => {
          const got =
            "types" in one
              ? one.types.includes("Observation")
              : one.resources.length === 0 || one.resources[0] === resource;
          return (
            got &&
            one.at >= new Date(created).toISOString() &&
            one.at <= now &&
            !("withheldUntil" in one && one.withheldUntil > now)
          );
        });
        const listed = recipientsOf(resource, all, now);
        const name = (one: { name: string; address?: string | undefined }) =>
          `${one.name}, ${one.address ?? ""}`;
        expect(listed.map(name).toSorted()).toEqual(
          [
            ...new Set(expected.map(({ recipient }) => name(recipient))),
          ].toSorted(),
        );
        for (const one of listed)
          expect(one.last).toBe(
            expected
              .filter(({ recipient }) => name(recipient) === name(one))
              .map(({ at }) => at.slice(0, 10))
              .toSorted()
              .at(-1),
          );
      }),
      { numRuns: 1000 },
    );
  });

  it("is everybody who got the type, where nobody knows since when it is there", () => {
    const old = {
      at: "2001-01-01T00:00:00Z",
      recipient: { name: "Lab" },
      resources: [],
    };
    expect(recipientsOf("Observation/elsewhere", [old], now)).toHaveLength(1);
  });
});
