import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clockOf,
  deniableFor,
  rightsPacks,
  type Asked,
  type Receipt,
} from "../../functions/core/rights.ts";
import { groundCodes } from "../../packs/rights/ground-codes.ts";
import { requestKinds } from "../../packs/rights/rights-pack.ts";

const us: Receipt = {
  jurisdictions: ["us-hipaa"],
  received: "2026-11-22T15:00:00Z",
  zone: "America/New_York",
};
const inCalifornia = { ...us, jurisdictions: ["us-hipaa", "us-ca"] };
const inEurope: Receipt = {
  jurisdictions: ["eu-gdpr"],
  received: "2027-01-31T12:00:00Z",
  zone: "Europe/Berlin",
};

/** The local day and time of an instant. */
const wall = (instant: string | undefined, zone: string): string =>
  new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  }).format(new Date(instant ?? NaN));

const dueDay = (asked: Asked, receipt: Receipt): string =>
  wall(clockOf(asked, receipt).due, receipt.zone).slice(0, 10);

describe("the clock of a request", () => {
  it.each([
    ["access", "2026-12-22", "2027-01-21"],
    ["portability", "2026-12-22", "2027-01-21"],
    ["amendment", "2027-01-21", "2027-02-20"],
    ["accounting", "2027-01-21", "2027-02-20"],
  ] as const)("under HIPAA: %s until %s, at most %s", (kind, due, extended) => {
    const clock = clockOf({ kind }, us);
    expect(wall(clock.due, us.zone)).toBe(`${due} 23:59:59`);
    expect(wall(clock.extendable, us.zone)).toBe(`${extended} 23:59:59`);
    expect(clock.acknowledgeBy).toBeUndefined();
    expect(clock.strictest).toContain(`us-hipaa-${kind}`);
  });

  it("in California a record is shown within five working days, Thanksgiving not counted", () => {
    expect(dueDay({ kind: "access", form: "inspect" }, inCalifornia)).toBe(
      "2026-11-30",
    );
  });

  it("in California a copy is due in 15 days, and nothing puts that off", () => {
    const clock = clockOf({ kind: "access", form: "copy" }, inCalifornia);
    expect(wall(clock.due, us.zone)).toBe("2026-12-07 23:59:59");
    expect(clock.extendable).toBeUndefined();
    expect(clock.strictest).toEqual(["us-ca-copies"]);
    expect(wall(clock.acknowledgeBy, us.zone)).toBe("2026-12-07 23:59:59");
    expect(clock.rules).toEqual([
      "us-hipaa-access",
      "us-ca-copies",
      "us-ca-ccpa-access",
      "house-access",
    ]);
  });

  it("in California a deletion is acknowledged in ten business days and done in 45 days, or 90", () => {
    const clock = clockOf({ kind: "erasure" }, inCalifornia);
    expect(wall(clock.acknowledgeBy, us.zone)).toBe("2026-12-07 23:59:59");
    expect(wall(clock.due, us.zone)).toBe("2027-01-06 23:59:59");
    expect(wall(clock.extendable, us.zone)).toBe("2027-02-20 23:59:59");
  });

  it("in Texas an electronic copy is due in 15 business days", () => {
    expect(
      dueDay(
        { kind: "access" },
        { ...us, jurisdictions: ["us-hipaa", "us-tx"] },
      ),
    ).toBe("2026-12-14");
  });

  it.each([
    [
      "the last day of a month that the next month lacks",
      "2027-01-31T12:00:00Z",
      "2027-03-01",
    ],
    ["a leap day ahead", "2028-01-29T12:00:00Z", "2028-02-29"],
    ["a last day on a Sunday", "2026-12-10T12:00:00Z", "2027-01-11"],
    ["a last day on a Saturday", "2026-12-09T12:00:00Z", "2027-01-11"],
    ["an ordinary month", "2026-11-05T12:00:00Z", "2026-12-07"],
  ])(
    "in Europe a month ends as Regulation 1182/71 says: %s",
    (_, received, due) => {
      expect(dueDay({ kind: "access" }, { ...inEurope, received })).toBe(
        due < dayAfter(received, 30) ? due : dayAfter(received, 30),
      );
    },
  );

  it("our own 45 days bind no longer than the month that the law gives for an erasure", () => {
    const clock = clockOf({ kind: "erasure" }, inEurope);
    expect(wall(clock.due, inEurope.zone)).toBe("2027-03-01 23:59:59");
    expect(wall(clock.extendable, inEurope.zone)).toBe("2027-04-30 23:59:59");
    expect(clock.strictest).toEqual(["eu-gdpr-erasure"]);
  });

  it("the day of receipt is the organization's, not Greenwich's", () => {
    expect(
      dueDay({ kind: "access" }, { ...us, received: "2026-11-23T03:00:00Z" }),
    ).toBe("2026-12-22");
    expect(
      dueDay({ kind: "access" }, { ...us, received: "2026-11-23T06:00:00Z" }),
    ).toBe("2026-12-23");
  });

  it("a rule speaks only of what is received while it is in force", () => {
    const before = {
      ...us,
      jurisdictions: ["us-wa"],
      received: "2024-03-30T12:00:00Z",
    };
    expect(clockOf({ kind: "erasure" }, before).rules).toEqual([
      "house-erasure",
    ]);
    expect(
      clockOf(
        { kind: "erasure" },
        { ...before, received: "2024-04-01T12:00:00Z" },
      ).rules,
    ).toEqual(["us-wa-mhmda-erasure", "house-erasure"]);
  });

  it("every kind has a term everywhere, also where no law gives the right", () => {
    for (const kind of requestKinds)
      expect(clockOf({ kind }, { ...us, jurisdictions: [] }).due).toBeDefined();
  });
});

const dayAfter = (received: string, days: number): string =>
  new Date(Date.parse(received) + days * 86_400_000).toISOString().slice(0, 10);

describe("terms, counted naively", () => {
  const zones = [
    "America/New_York",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/St_Johns",
  ];
  const receipts = fc.record({
    time: fc.integer({ min: Date.UTC(2026, 1, 16), max: Date.UTC(2032, 0, 1) }),
    zone: fc.constantFrom(...zones),
    jurisdictions: fc.subarray([
      "us-hipaa",
      "us-ca",
      "us-tx",
      "us-wa",
      "eu-gdpr",
      "us-part2",
    ]),
    kind: fc.constantFrom(...requestKinds),
    form: fc.constantFrom("inspect", "copy"),
    selfPaid: fc.boolean(),
  });

  /** The first day, one after another, by which the least of the terms is over. */
  const naiveDue = ({
    time,
    zone,
    jurisdictions,
    kind,
    form,
    selfPaid,
  }: typeof receipts extends fc.Arbitrary<infer T> ? T : never): string => {
    const start = wall(new Date(time).toISOString(), zone).slice(0, 10);
    const terms = naiveTerms({ jurisdictions, kind, form, selfPaid });
    return (
      terms
        .map((term) => {
          let day = start;
          let counted = 0;
          if (term.unit === "month") {
            const [year = 0, month = 0, date = 0] = start
              .split("-")
              .map(Number);
            const [toYear, toMonth] =
              month === 12 ? [year + 1, 1] : [year, month + 1];
            const lengths = [
              31,
              toYear % 4 === 0 ? 29 : 28,
              31,
              30,
              31,
              30,
              31,
              31,
              30,
              31,
              30,
              31,
            ];
            const to = Math.min(date, lengths[toMonth - 1] ?? 0);
            day = `${String(toYear)}-${String(toMonth).padStart(2, "0")}-${String(to).padStart(2, "0")}`;
            while (isWeekendDay(day)) day = next(day);
            return day;
          }
          while (counted < term.count) {
            day = next(day);
            if (
              term.unit === "day" ||
              (!isWeekendDay(day) && !usHolidays.has(day))
            )
              counted += 1;
          }
          return day;
        })
        .toSorted()[0] ?? ""
    );
  };

  it("agree with the clock in every zone, month, leap year and change of clocks", () => {
    fc.assert(
      fc.property(receipts, (one) => {
        const clock = clockOf(
          { kind: one.kind, form: one.form, selfPaid: one.selfPaid },
          {
            received: new Date(one.time).toISOString(),
            zone: one.zone,
            jurisdictions: one.jurisdictions,
          },
        );
        expect(wall(clock.due, one.zone)).toBe(`${naiveDue(one)} 23:59:59`);
        if (clock.extendable !== undefined)
          expect(clock.extendable > clock.due).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("more law never gives an organization more time", () => {
    fc.assert(
      fc.property(
        receipts,
        fc.constantFrom("us-hipaa", "us-ca", "eu-gdpr"),
        (one, more) => {
          const asked = { kind: one.kind, form: one.form as "copy" };
          const receipt = {
            received: new Date(one.time).toISOString(),
            zone: one.zone,
            jurisdictions: one.jurisdictions,
          };
          const stricter = {
            ...receipt,
            jurisdictions: [...one.jurisdictions, more],
          };
          expect(
            clockOf(asked, stricter).due <= clockOf(asked, receipt).due,
          ).toBe(true);
        },
      ),
    );
  });
});

interface NaiveTerm {
  readonly unit: "day" | "business" | "month";
  readonly count: number;
}
/** The statutes once more, written down apart from the packs. */
const naiveTerms = ({
  jurisdictions,
  kind,
  form,
  selfPaid,
}: {
  jurisdictions: readonly string[];
  kind: string;
  form: string;
  selfPaid: boolean;
}): readonly NaiveTerm[] => {
  const has = (name: string) => jurisdictions.includes(name);
  const days = (count: number): NaiveTerm => ({ unit: "day", count });
  const business = (count: number): NaiveTerm => ({ unit: "business", count });
  const copy = form === "copy";
  const month =
    has("eu-gdpr") && kind !== "confidential-communications"
      ? [{ unit: "month", count: 1 } as const]
      : [];
  switch (kind) {
    case "access":
      return [
        days(30),
        ...month,
        ...(has("us-ca") ? [copy ? days(15) : business(5)] : []),
        ...(has("us-tx") && copy ? [business(15)] : []),
      ];
    case "portability":
      return [
        days(30),
        ...month,
        ...(has("us-ca") ? [days(15)] : []),
        ...(has("us-tx") ? [business(15)] : []),
      ];
    case "amendment":
      return [days(60), ...month, ...(has("us-ca") ? [days(45)] : [])];
    case "accounting":
      return [days(60), ...month];
    case "restriction":
      return [days(selfPaid ? 7 : 30), ...month];
    case "confidential-communications":
      return [days(7)];
    default:
      return [days(45), ...month];
  }
};

const next = (day: string): string =>
  new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
const isWeekendDay = (day: string): boolean =>
  [0, 6].includes(new Date(day).getUTCDay());

/** By walking through each year, without the rules of the code. */
const usHolidays = new Set(
  Array.from({ length: 8 }, (_, index) => 2026 + index).flatMap((year) => {
    const all = Array.from({ length: 366 }, (_, index) =>
      new Date(Date.UTC(year, 0, 1 + index)).toISOString().slice(0, 10),
    );
    const mondays = (month: string) =>
      all.filter(
        (day) =>
          day.startsWith(`${String(year)}-${month}`) &&
          new Date(day).getUTCDay() === 1,
      );
    const thursdays = all.filter(
      (day) =>
        day.startsWith(`${String(year)}-11`) && new Date(day).getUTCDay() === 4,
    );
    const fixed = ["01-01", "06-19", "07-04", "11-11", "12-25"].map((date) => {
      const day = `${String(year)}-${date}`;
      const weekday = new Date(day).getUTCDay();
      return weekday === 0
        ? next(day)
        : weekday === 6
          ? new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
          : day;
    });
    return [
      ...fixed,
      mondays("01")[2],
      mondays("02")[2],
      mondays("05").at(-1),
      mondays("09")[0],
      mondays("10")[1],
      thursdays[3],
    ].map((day) => day ?? "");
  }),
);

describe("reasons to deny", () => {
  it("are those that the law lists, and no other", () => {
    expect(deniableFor({ kind: "access" }, us)).toContain("endangers-life");
    expect(deniableFor({ kind: "access" }, us)).not.toContain("not-reasonable");
    expect(deniableFor({ kind: "amendment" }, us)).toEqual([
      "identity-not-verified",
      "not-created-here",
      "not-part-of-record",
      "not-accessible",
      "accurate-and-complete",
    ]);
  });

  it("leave no choice where care was paid for in full and the payer shall not know", () => {
    expect(deniableFor({ kind: "restriction" }, us)).toContain("not-agreed");
    const binding = deniableFor({ kind: "restriction", selfPaid: true }, us);
    expect(binding).not.toContain("not-agreed");
    expect(binding).toContain("not-paid-in-full");
  });

  it("must be good under every law that lists its own", () => {
    const both = { ...us, jurisdictions: ["us-hipaa", "eu-gdpr"] };
    expect(deniableFor({ kind: "amendment" }, both)).toEqual([
      "identity-not-verified",
      "not-part-of-record",
      "accurate-and-complete",
    ]);
  });

  it("say so where no law gives the right", () => {
    expect(deniableFor({ kind: "erasure" }, us)).toContain("no-such-right");
    expect(deniableFor({ kind: "erasure" }, inEurope)).not.toContain(
      "no-such-right",
    );
  });

  it("are never none: who did not prove to be the patient is always refused", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...requestKinds),
        fc.boolean(),
        fc.subarray([
          "us-hipaa",
          "us-ca",
          "us-tx",
          "us-wa",
          "eu-gdpr",
          "us-part2",
        ]),
        (kind, selfPaid, jurisdictions) => {
          expect(
            deniableFor({ kind, selfPaid }, { ...us, jurisdictions }),
          ).toContain("identity-not-verified");
        },
      ),
    );
  });
});

describe("packs of rights", () => {
  it("name publisher, dates and source, and each rule once", () => {
    for (const { publisher, version, source, effective } of rightsPacks) {
      expect(
        Math.min(...[publisher, version, source].map(({ length }) => length)),
      ).toBeGreaterThan(2);
      expect(Date.parse(effective.from)).not.toBeNaN();
    }
    const rules = rightsPacks.flatMap((pack) => pack.rules);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { citation, denials } of rules) {
      expect(citation.length).toBeGreaterThan(5);
      for (const ground of denials === "others" ? [] : denials)
        expect(groundCodes).toContain(ground);
    }
  });
});
