import type { CarePlan } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  closed,
  executionName,
  journeyPlan,
  reconcile,
  type Situation,
} from "../../functions/core/journey.ts";
import {
  aPatient,
  anAppointment,
  morning,
  visitStart,
} from "./contact-builders.ts";

const occurrence = (version: string) => ({
  journey: "pre-visit",
  subject: "a",
  occurrence: version,
});
const plan = (
  version: string,
  start = visitStart,
  status: CarePlan["status"] = "active",
) => ({ ...journeyPlan(occurrence(version), "p", start), status });
const stored = (
  changes: Parameters<typeof anAppointment>[0] = {},
  versionId = "1",
) => ({ ...anAppointment(changes), meta: { versionId } });
const situation = (
  changes: Partial<Situation<CarePlan>> = {},
): Situation<CarePlan> => ({
  appointment: stored(),
  patient: aPatient(),
  optedOut: false,
  plans: [],
  version: 1,
  now: morning,
  ...changes,
});

describe("the name of an execution", () => {
  it("is the same for the same occurrence, legal, and tells nothing", () => {
    const name = executionName({
      journey: "pre-visit",
      subject: "01KJQH0CC05C8ZPX17A8T47AHX-01KJQH0CC05C8ZPX17A8T47AJ0",
      occurrence: "1",
    });
    expect(name).toBe(
      executionName({
        journey: "pre-visit",
        subject: "01KJQH0CC05C8ZPX17A8T47AHX-01KJQH0CC05C8ZPX17A8T47AJ0",
        occurrence: "1",
      }),
    );
    expect(name).toMatch(/^pre-visit-[a-z2-7]{26}$/);
  });
  it("differs for whatever differs", () => {
    const part = fc.string({ maxLength: 12 });
    const any = fc.record({
      journey: fc.constant("pre-visit"),
      subject: part,
      occurrence: part,
    });
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(executionName(one) === executionName(other)).toBe(
          one.subject === other.subject && one.occurrence === other.occurrence,
        );
      }),
    );
  });
});

describe("after any event", () => {
  it("a booked visit without a journey gets one", () =>
    expect(reconcile(situation())).toEqual({
      stop: [],
      start: { occurrence: "1" },
    }));
  it("a repeated event starts nothing twice", () => {
    const running = plan("1");
    expect(reconcile(situation({ plans: [running] }))).toEqual({
      stop: [],
      ensure: running,
    });
  });
  it("a moved visit gets another journey and loses the old one", () => {
    const old = plan("1", "2026-03-05T15:00:00.000Z");
    expect(
      reconcile(
        situation({ appointment: stored({}, "2"), version: 2, plans: [old] }),
      ),
    ).toEqual({ stop: [old], start: { occurrence: "2" } });
  });
  it("a late event of an earlier time changes nothing", () => {
    const now = plan("3");
    expect(
      reconcile(
        situation({
          appointment: stored({}, "3"),
          version: 1,
          plans: [plan("1", "2026-03-05T15:00:00.000Z", "revoked"), now],
        }),
      ),
    ).toEqual({ stop: [], ensure: now });
  });
  it("a visit moved away and back gets a journey of another name", () => {
    const plans = [
      plan("1", visitStart, "revoked"),
      plan("2", "2026-03-05T15:00:00.000Z"),
    ];
    expect(
      reconcile(situation({ appointment: stored({}, "3"), version: 3, plans })),
    ).toEqual({ stop: [plans[1]], start: { occurrence: "3" } });
  });
  it("a journey that ended is not begun again by a repeated event", () => {
    expect(
      reconcile(situation({ plans: [plan("1", visitStart, "revoked")] })),
    ).toEqual({ stop: [] });
    expect(
      reconcile(
        situation({
          plans: [plan("1", visitStart, "completed")],
          version: undefined,
        }),
      ),
    ).toEqual({ stop: [] });
  });
  it.each([
    ["cancelled", { appointment: stored({ status: "cancelled" }, "2") }],
    ["checked in", { appointment: stored({ status: "checked-in" }, "2") }],
    [
      "held for another time",
      { appointment: stored({ status: "pending" }, "2") },
    ],
    ["over", { now: "2026-03-07T00:00:00.000Z" }],
    ["gone", { appointment: undefined }],
    ["a dead patient's", { patient: aPatient({ deceasedBoolean: true }) }],
    ["one of a patient who wants no contact", { optedOut: true }],
  ])("the journey of a visit stops that is %s", (_, changes) => {
    const running = plan("1");
    expect(reconcile(situation({ plans: [running], ...changes }))).toEqual({
      stop: [running],
    });
  });

  it("in whatever order events come, and how often: one journey runs, for the present time", () => {
    const times = [
      "2026-03-05T15:00:00.000Z",
      visitStart,
      "2026-03-09T15:00:00.000Z",
    ] as const;
    const history = fc.array(fc.constantFrom(...times), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        history,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }),
        (starts, deliveries) => {
          const versions = starts.length;
          const late = deliveries
            .map(
              ([seen, of]) =>
                [1 + (seen % versions), 1 + (of % versions)] as const,
            )
            .filter(([seen, of]) => of <= seen)
            .sort(([one], [other]) => one - other);
          const all = [
            ...late,
            ...starts.map((_, index) => [versions, index + 1] as const),
          ];
          let plans: readonly CarePlan[] = [];
          for (const [seen, version] of all) {
            const appointment = stored(
              { start: starts[seen - 1] ?? visitStart },
              String(seen),
            );
            const { stop, start } = reconcile(
              situation({ appointment, version, plans }),
            );
            plans = plans.map((one) =>
              stop.includes(one) ? closed(one, "revoked") : one,
            );
            if (start !== undefined)
              plans = [...plans, plan(start.occurrence, appointment.start)];
            expect(
              new Set(plans.map((one) => one.identifier?.[0]?.value)).size,
            ).toBe(plans.length);
          }
          const running = plans.filter(({ status }) => status === "active");
          expect(running.map(({ period }) => period?.end)).toEqual([
            starts.at(-1),
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
