import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerDue, stepsBefore } from "../../functions/core/reminders.ts";

const plan = {
  remindersBefore: [72, 24, 2],
  callAfterSilenceOn: 24,
  answerWithin: 4,
};
const visit = "2026-03-06T15:00:00.000Z";
const names = (now: string, settings = plan) =>
  stepsBefore(visit, now, settings).map(({ step }) => step);

describe("before a visit", () => {
  it("confirms at once, reminds in time, and listens after the reminder that asks", () => {
    expect(stepsBefore(visit, "2026-03-02T15:00:00.000Z", plan)).toEqual([
      {
        does: "send",
        step: "confirmation",
        message: "confirmation",
        at: "2026-03-02T15:00:00.000Z",
        expires: "2026-03-03T15:00:00.000Z",
      },
      {
        does: "send",
        step: "reminder-72h",
        message: "reminder",
        at: "2026-03-03T15:00:00.000Z",
        expires: "2026-03-05T15:00:00.000Z",
      },
      {
        does: "send",
        step: "reminder-24h",
        message: "reminder",
        at: "2026-03-05T15:00:00.000Z",
        expires: "2026-03-06T13:00:00.000Z",
      },
      {
        does: "listen",
        step: "reminder-24h/answer",
        to: "reminder-24h",
        at: "2026-03-05T19:00:00.000Z",
      },
      {
        does: "send",
        step: "reminder-2h",
        message: "reminder",
        at: "2026-03-06T13:00:00.000Z",
        expires: visit,
      },
    ]);
  });
  it("skips the reminders whose time has passed", () => {
    expect(names("2026-03-05T16:00:00.000Z")).toEqual([
      "confirmation",
      "reminder-2h",
    ]);
    expect(names("2026-03-06T14:59:00.000Z")).toEqual(["confirmation"]);
  });
  it("does nothing once it has begun", () => {
    expect(names(visit)).toEqual([]);
    expect(names("2026-03-07T00:00:00.000Z")).toEqual([]);
  });
  it("listens in between when an answer takes longer than the next reminder", () => {
    expect(
      names("2026-03-02T15:00:00.000Z", { ...plan, remindersBefore: [24, 22] }),
    ).toEqual([
      "confirmation",
      "reminder-24h",
      "reminder-22h",
      "reminder-24h/answer",
    ]);
  });
  it("keeps every step in order, in time and once", () => {
    const minutes = fc.integer({ min: -10_000, max: 200_000 });
    const offsets = fc.array(fc.integer({ min: 1, max: 2000 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        minutes,
        offsets,
        fc.integer({ min: 1, max: 300 }),
        (ahead, remindersBefore, answerWithin) => {
          const now = new Date(
            Date.parse(visit) - ahead * 60_000,
          ).toISOString();
          const steps = stepsBefore(visit, now, {
            remindersBefore,
            callAfterSilenceOn: remindersBefore[0] ?? 24,
            answerWithin,
          });
          const times = steps.map(({ at }) => Date.parse(at));
          expect(times).toEqual(times.toSorted((one, other) => one - other));
          expect(new Set(steps.map(({ step }) => step)).size).toBe(
            steps.length,
          );
          for (const step of steps) {
            expect(Date.parse(step.at)).toBeGreaterThanOrEqual(Date.parse(now));
            expect(Date.parse(step.at)).toBeLessThanOrEqual(Date.parse(visit));
            if (step.does === "send")
              expect(Date.parse(step.expires)).toBeGreaterThan(
                Date.parse(step.at),
              );
          }
        },
      ),
    );
  });
});

describe("an answer", () => {
  it("is awaited for the organization's hours", () =>
    expect(answerDue("2026-03-05T15:30:00.000Z", visit, plan)).toBe(
      "2026-03-05T19:30:00.000Z",
    ));
  it("is never awaited beyond the visit", () =>
    expect(answerDue("2026-03-06T13:00:00.000Z", visit, plan)).toBe(visit));
});
