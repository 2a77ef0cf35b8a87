import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accounting,
  bases,
  NewDisclosure,
  type Basis,
} from "../../functions/core/disclosure.ts";

const now = "2026-03-02T15:00:00.000Z";
const allBases = Object.keys(bases) as Basis[];

/** What 45 CFR 164.528(a)(1)(i)-(ix) leaves out, written down again. */
const excepted = [
  "operations",
  "individual",
  "incidental",
  "authorization",
  "involved-in-care",
  "national-security",
  "custody",
  "limited-data-set",
];

interface Row {
  readonly id: number;
  readonly at: string;
  readonly basis: Basis;
  readonly authorised: boolean;
  readonly withheldUntil?: string;
}

const instant = fc
  .date({
    min: new Date("2018-01-01T00:00:00Z"),
    max: new Date("2027-01-01T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString());

const rows = fc.array(
  fc.record(
    {
      id: fc.nat(),
      at: instant,
      basis: fc.constantFrom(...allBases),
      authorised: fc.boolean(),
      withheldUntil: instant,
    },
    { requiredKeys: ["id", "at", "basis", "authorised"] },
  ),
  { maxLength: 40 },
) as fc.Arbitrary<Row[]>;

/** One by one, on numbers. */
const naive = (all: readonly Row[], since: string | undefined): number[] => {
  const told: Row[] = [];
  const today = new Date(now).getTime();
  const sixYears = new Date("2020-03-02T15:00:00.000Z").getTime();
  for (const row of all) {
    const time = new Date(row.at).getTime();
    if (time > today) continue;
    if (time < sixYears) continue;
    if (since !== undefined && time < new Date(since).getTime()) continue;
    if (row.authorised) continue;
    if (excepted.includes(row.basis)) continue;
    if (
      row.withheldUntil !== undefined &&
      new Date(row.withheldUntil).getTime() > today
    )
      continue;
    told.push(row);
  }
  return told.map(({ at }) => new Date(at).getTime()).sort((a, b) => b - a);
};

describe("an accounting of disclosures", () => {
  it("equals a naive filter, newest first", () => {
    fc.assert(
      fc.property(
        rows,
        fc.option(instant, { nil: undefined }),
        (all, since) => {
          const told = accounting(all, { since, now });
          expect(told.map(({ at }) => Date.parse(at))).toEqual(
            naive(all, since),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reaches back six years to the day, also from a leap day", () => {
    const on = (at: string) =>
      ({ at, basis: "public-health", authorised: false }) as const;
    const leapDay = "2028-02-29T00:00:00.000Z";
    expect(
      accounting(
        [on("2022-02-28T00:00:00.000Z"), on("2022-02-27T23:59:59.000Z")],
        { now: leapDay },
      ),
    ).toEqual([on("2022-02-28T00:00:00.000Z")]);
  });

  it("knows an excepted ground by the rule and no other", () => {
    expect(
      allBases.filter((basis) => !bases[basis].accounted).toSorted(),
    ).toEqual(excepted.toSorted());
  });
});

describe("a disclosure to be written down", () => {
  const given = {
    patient: "01KJQH0EAG0000000000000001",
    at: now,
    recipient: { name: "County health department" },
    what: "A test result",
    purpose: "PUBHLTH",
    basis: "public-health",
  };
  const problems = (change: object): readonly string[] =>
    NewDisclosure.safeParse({ ...given, ...change }).error?.issues.map(
      ({ path }) => path.join("."),
    ) ?? [];

  it.each<[object, readonly string[]]>([
    [{}, []],
    [{ part2: true }, ["consent"]],
    [{ part2: true, consent: "Consent/1" }, []],
    [{ part2: true, basis: "judicial" }, []],
    [{ withheldUntil: now }, ["withheldUntil"]],
    [{ withheldUntil: now, basis: "oversight" }, []],
    [{ resources: ["../secret"] }, ["resources.0"]],
    [{ at: "yesterday" }, ["at"]],
    [{ recipient: { name: " " } }, ["recipient.name"]],
    [{ basis: "curiosity" }, ["basis"]],
    [{ surprise: 1 }, [""]],
  ])("with %j has problems at %j", (change, places) => {
    expect(problems(change)).toEqual(places);
  });
});
