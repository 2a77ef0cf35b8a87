import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { decide } from "../../functions/core/contact.ts";
import {
  everyDay,
  mayContactAt,
  nextOpening,
  type Week,
} from "../../functions/core/contact-hours.ts";
import { demo } from "../../organizations/demo.ts";
import { aPatient, aQuestion } from "./contact-builders.ts";

const zones = Intl.supportedValuesOf("timeZone");

/** The instants at which a zone changes its clock, in the years we plan for. */
const changes = (zone: string): Temporal.Instant[] => {
  const found: Temporal.Instant[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.from(
    "2026-01-01T00:00:00Z",
  ).toZonedDateTimeISO(zone);
  for (let next = 0; next < 4; next += 1) {
    at = at.getTimeZoneTransition("next");
    if (at === null) break;
    found.push(at.toInstant());
  }
  return found;
};

const living = (zone: string) =>
  aPatient({
    address: [
      {
        use: "home",
        country: "FR",
        extension: [
          {
            url: "http://hl7.org/fhir/StructureDefinition/tz-code",
            valueCode: zone,
          },
        ],
      },
    ],
  });
const wall = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant)
    .toZonedDateTimeISO(zone)
    .toPlainTime()
    .toString({ smallestUnit: "minute" });

const asked = (now: string, zone: string) => {
  const { visit: _, ...question } = aQuestion({
    now,
    patient: living(zone),
    message: { topic: "appointment", purpose: "treatment" },
  });
  return decide(question);
};

const expectKept = (now: string, zone: string): void => {
  const decision = asked(now, zone);
  const { from, until } = demo.settings.contactHours;
  const time = wall(now, zone);
  if (decision.outcome === "send") {
    expect(
      time >= from && time < until,
      `${zone} ${now}: sent at ${time}`,
    ).toBe(true);
    return;
  }
  expect(decision.outcome, `${zone} ${now}`).toBe("defer");
  if (decision.outcome !== "defer") return;
  expect(Date.parse(decision.until)).toBeGreaterThan(Date.parse(now));
  const opening = wall(decision.until, zone);
  expect(
    opening >= from && opening < until,
    `${zone} ${now}: deferred to ${opening}`,
  ).toBe(true);
  expect(asked(decision.until, zone).outcome).toBe("send");
  const before = new Date(Date.parse(decision.until) - 60_000).toISOString();
  if (Date.parse(before) > Date.parse(now))
    expect(asked(before, zone).outcome, `${zone} ${now}: open before`).toBe(
      "defer",
    );
};

describe("nothing is sent in quiet hours", () => {
  it("at any time in any zone", () => {
    const instant = fc.date({
      min: new Date("2026-01-01T00:00:00Z"),
      max: new Date("2028-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, fc.constantFrom(...zones), (now, zone) =>
        expectKept(now.toISOString(), zone),
      ),
      { numRuns: 1500 },
    );
  });

  it("around every change of every clock", () => {
    const hour = 3_600_000;
    const moments = zones.flatMap((zone) =>
      changes(zone)
        .slice(0, 2)
        .map((change) => [zone, change.epochMilliseconds] as const),
    );
    expect(moments.length).toBeGreaterThan(100);
    fc.assert(
      fc.property(
        fc.constantFrom(...moments),
        fc.integer({ min: -14, max: 14 }),
        fc.integer({ min: 0, max: 59 }),
        ([zone, change], hours, minutes) =>
          expectKept(
            new Date(change + hours * hour + minutes * 60_000).toISOString(),
            zone,
          ),
      ),
      { numRuns: 1500 },
    );
  });

  it("unless it is urgent", () => {
    const { visit: _, ...question } = aQuestion({
      now: "2026-03-05T06:00:00.000Z",
      message: { topic: "appointment", purpose: "treatment", urgent: true },
    });
    expect(decide(question).outcome).toBe("send");
  });
});

describe("contact opens again", () => {
  const nine = [everyDay({ from: "09:00", until: "20:00" })];
  const opening = (
    now: string,
    zone: string,
    weeks: readonly Week[] = nine,
  ) => {
    const time = nextOpening(Date.parse(now), zone, weeks);
    return time === undefined
      ? undefined
      : new Date(time).toISOString().replace(".000Z", "Z");
  };

  it.each([
    [
      "the same morning",
      "2026-03-04T10:00:00Z",
      "America/New_York",
      "2026-03-04T14:00:00Z",
    ],
    [
      "the next morning",
      "2026-03-05T01:00:00Z",
      "America/New_York",
      "2026-03-05T14:00:00Z",
    ],
    [
      "at the new nine o'clock when the clock goes forward that night",
      "2026-03-08T05:00:00Z",
      "America/New_York",
      "2026-03-08T13:00:00Z",
    ],
    [
      "at the new nine o'clock when the clock goes back that night",
      "2026-11-01T04:00:00Z",
      "America/New_York",
      "2026-11-01T14:00:00Z",
    ],
    [
      "by half hours",
      "2026-03-04T00:00:00Z",
      "Asia/Kolkata",
      "2026-03-04T03:30:00Z",
    ],
    [
      "at once when it is open",
      "2026-03-04T16:00:00Z",
      "America/New_York",
      "2026-03-04T16:00:00Z",
    ],
  ])("%s", (_, now, zone, expected) =>
    expect(opening(now, zone)).toBe(expected),
  );

  it("when the hour that opens is skipped, an hour later", () => {
    const early = [everyDay({ from: "02:30", until: "20:00" })];
    expect(opening("2026-03-08T06:00:00Z", "America/New_York", early)).toBe(
      "2026-03-08T07:30:00Z",
    );
  });
  it("twice when the hour that opens comes twice", () => {
    const early = [everyDay({ from: "01:30", until: "20:00" })];
    expect(opening("2026-11-01T05:10:00Z", "America/New_York", early)).toBe(
      "2026-11-01T05:30:00Z",
    );
    expect(opening("2026-11-01T06:10:00Z", "America/New_York", early)).toBe(
      "2026-11-01T06:30:00Z",
    );
  });
  it("where all hours overlap", () => {
    expect(
      opening("2026-03-04T10:00:00Z", "America/New_York", [
        ...nine,
        everyDay({ from: "11:00", until: "23:00" }),
      ]),
    ).toBe("2026-03-04T16:00:00Z");
  });
  it("never when they do not", () => {
    expect(
      opening("2026-03-04T10:00:00Z", "America/New_York", [
        ...nine,
        () => undefined,
      ]),
    ).toBeUndefined();
  });
  it("over midnight", () => {
    const night = [everyDay({ from: "22:00", until: "06:00" })];
    expect(
      mayContactAt(
        Date.parse("2026-03-04T04:00:00Z"),
        "America/New_York",
        night,
      ),
    ).toBe(true);
    expect(
      mayContactAt(
        Date.parse("2026-03-04T16:00:00Z"),
        "America/New_York",
        night,
      ),
    ).toBe(false);
  });
});
