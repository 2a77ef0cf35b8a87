import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erasureObstacle, holdReasons } from "../../functions/core/erasure.ts";
import {
  retentionDuty,
  retentionPacks,
  type RetentionDuty,
} from "../../functions/core/retention.ts";

const lastCare = "2026-03-02T15:00:00.000Z";
const here = { country: "US" };
const livingIn = (state?: string, country?: string) => ({
  birthDate: "1980-02-29",
  address: [
    {
      use: "home" as const,
      ...(state !== undefined && { state }),
      ...(country !== undefined && { country }),
    },
  ],
});

describe("how long a record is kept", () => {
  it.each([
    ["CA", "us-ca", "2033-03-02"],
    ["TX", "us-tx", "2033-03-02"],
    ["NY", "us-ny", "2032-03-02"],
    ["WA", "us-wa", "2036-03-02"],
    ["OR", "us-other-states", "2036-03-02"],
  ])("of an adult in %s: rule %s until %s", (state, rule, until) => {
    expect(retentionDuty(livingIn(state), lastCare, here)).toMatchObject({
      rule,
      until,
    });
  });

  it.each([
    ["CA", "2020-05-05", "2039-05-05"],
    ["CA", "2010-05-05", "2033-03-02"],
    ["TX", "2020-05-05", "2041-05-05"],
    ["NY", "2020-05-05", "2042-05-05"],
    // A birth date that is known in part ends as late as it may.
    ["CA", "2020", "2039-12-31"],
    ["CA", "2020-02", "2039-03-01"],
  ])("of a child in %s born %s until %s", (state, birthDate, until) => {
    expect(
      retentionDuty({ ...livingIn(state), birthDate }, lastCare, here)?.until,
    ).toBe(until);
  });

  it("follows the country, and the longest rule where no pack speaks", () => {
    expect(
      retentionDuty(livingIn(undefined, "DE"), lastCare, here),
    ).toMatchObject({ rule: "eu-de", until: "2036-03-02" });
    expect(
      retentionDuty(livingIn(undefined, "NZ"), lastCare, here)?.until,
    ).toBe("2046-03-02");
  });

  it("never ends before the organization's own law says so, wherever the patient moves", () => {
    expect(
      retentionDuty(livingIn(undefined, "ES"), lastCare, here),
    ).toMatchObject({ rule: "us-other-states", until: "2036-03-02" });
    const inWashington = { ...here, states: ["WA"] };
    expect(retentionDuty(livingIn("CA"), lastCare, inWashington)).toMatchObject(
      { rule: "us-wa", until: "2036-03-02" },
    );
    expect(
      retentionDuty(livingIn("TX"), lastCare, { ...here, states: ["CA"] }),
    ).toMatchObject({ until: "2033-03-02" });
  });

  it("of whose birth date nobody knows is that of the youngest", () => {
    expect(
      retentionDuty({ address: [{ state: "NY" }] }, lastCare, here)?.until,
    ).toBe("2048-03-02");
  });

  it("of who lives in two places is the longer", () => {
    const address = [{ state: "NY" }, { state: "WA" }];
    expect(
      retentionDuty({ address, birthDate: "1980-01-01" }, lastCare, here)?.rule,
    ).toBe("us-wa");
  });

  it("of who was never cared for is none", () => {
    expect(retentionDuty(livingIn("CA"), undefined, here)).toBeUndefined();
  });

  it("says where each rule comes from", () => {
    for (const { publisher, version, effective, rules } of retentionPacks) {
      expect([publisher, version, effective.from].every(Boolean)).toBe(true);
      for (const { source } of rules) expect(source).toMatch(/\d/);
    }
  });
});

const aDay = fc
  .date({
    min: new Date("2000-01-01"),
    max: new Date("2060-01-01"),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));
const aDuty: fc.Arbitrary<RetentionDuty> = fc.record({
  until: aDay,
  rule: fc.constantFrom("one", "other"),
  source: fc.constant("a statute"),
  mayEndEarly: fc.boolean(),
});
const aHold = fc.record({
  reason: fc.constantFrom(...holdReasons),
  since: aDay,
});

describe("what stands against an erasure", () => {
  it("is any hold, else any duty that is not over and that no law lets end early", () => {
    fc.assert(
      fc.property(
        fc.array(aHold, { maxLength: 3 }),
        fc.array(aDuty, { maxLength: 4 }),
        aDay,
        (holds, duties, today) => {
          const found = erasureObstacle({ holds, duties, today });
          const binding = duties.some(
            ({ until, mayEndEarly }) => until > today && !mayEndEarly,
          );
          expect(found?.name).toBe(
            holds.length > 0
              ? "legal-hold"
              : binding
                ? "retention-duty"
                : undefined,
          );
        },
      ),
    );
  });
});
