import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  criteriaQuery,
  mayFollow,
} from "../../functions/core/subscription-criteria.ts";
import {
  failureText,
  verdict,
  type Posted,
} from "../../functions/core/subscription-delivery.ts";
import { isInForce } from "../../functions/core/subscription-moves.ts";
import { notificationId } from "../../functions/core/subscription-notification.ts";
import { aSubscription } from "../events/subscriber.ts";

const answered = (status: number): Posted => ({ outcome: "answered", status });
const silent: Posted = { outcome: "failed", reason: "timeout" };
const event = "event-notification";

describe("after an attempt", () => {
  test.each([
    [answered(200), 1, "delivered"],
    [answered(204), 20, "delivered"],
    [answered(410), 1, "unwanted"],
    [answered(301), 1, "again"],
    [answered(404), 1, "again"],
    [answered(503), 19, "again"],
    [silent, 1, "again"],
    [{ outcome: "failed", reason: "forbidden-address" }, 1, "given-up"],
    [silent, 20, "given-up"],
  ] as const)("%j, attempt %i: %s", (posted, attempt, is) => {
    expect(verdict(posted, { kind: event, attempt }, 0.5).is).toBe(is);
  });

  it("a handshake has three", () => {
    const is = (attempt: number) =>
      verdict(silent, { kind: "handshake", attempt }, 0).is;
    expect([1, 2, 3].map(is)).toEqual(["again", "again", "given-up"]);
  });

  it("the wait grows to a quarter of an hour, within what a queue can delay, and ends after two to five hours", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
          minLength: 19,
          maxLength: 19,
        }),
        (chances) => {
          const waits = chances.map((chance, index) => {
            const next = verdict(
              silent,
              { kind: event, attempt: index + 1 },
              chance,
            );
            return next.is === "again" ? next.after : Number.NaN;
          });
          for (const wait of waits) {
            expect(Number.isInteger(wait)).toBe(true);
            expect(wait).toBeGreaterThanOrEqual(30);
            expect(wait).toBeLessThanOrEqual(900);
          }
          const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3600;
          expect(hours).toBeGreaterThan(1.9);
          expect(hours).toBeLessThan(4.2);
        },
      ),
    );
  });

  it("what went wrong is said without a word of the endpoint", () => {
    expect(failureText(answered(302))).toBe(
      "The endpoint redirected (302); redirects are not followed.",
    );
    expect(
      failureText({ outcome: "failed", reason: "forbidden-address" }),
    ).toBe("The endpoint is at an address that notifications may not go to.");
  });
});

test("an id is of one subscription, resource and version", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.string(), fc.string(), fc.nat()),
      fc.tuple(fc.string(), fc.string(), fc.nat()),
      (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(notificationId(...one) === notificationId(...other)).toBe(same);
        expect(notificationId(...one)).toBe(notificationId(...one));
      },
    ),
  );
});

test.each([
  ["active", undefined, true],
  ["active", "2026-03-02T10:00:01Z", true],
  ["active", "2026-03-02T10:00:00Z", false],
  ["requested", undefined, false],
  ["error", undefined, false],
] as const)("%s until %s is in force: %s", (status, end, expected) => {
  const subscription = aSubscription({ status, ...(end && { end }) });
  expect(isInForce(subscription, new Date("2026-03-02T10:00:00Z"))).toBe(
    expected,
  );
});

test("criteria are a search of one type, with or without parameters", async () => {
  const { type, criteria } = await criteriaQuery(
    "Appointment?status=booked,arrived&date=ge2026-01-01",
    "US",
  );
  expect(type).toBe("Appointment");
  expect(criteria.map(({ parameter }) => parameter.name)).toEqual([
    "status",
    "date",
  ]);
  expect(await criteriaQuery("Patient", "US")).toMatchObject({ criteria: [] });
  for (const criteria of ["", "?status=booked", "Appointment/1", "status=1"])
    await expect(criteriaQuery(criteria, "US")).rejects.toMatchObject({
      status: 422,
      expression: ["Subscription.criteria"],
    });
});

test("who follows a type may read and search it", () => {
  expect(mayFollow(["system/*.rs"], "Appointment")).toBe(true);
  expect(mayFollow(["system/Appointment.r"], "Appointment")).toBe(false);
  expect(
    mayFollow(["system/Appointment.r", "system/Appointment.s"], "Appointment"),
  ).toBe(true);
  expect(mayFollow(["system/Patient.cruds"], "Appointment")).toBe(false);
});
