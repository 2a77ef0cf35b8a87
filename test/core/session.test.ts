import { describe, expect, test } from "vitest";
import { OrganizationSettings } from "../../functions/core/settings.ts";
import {
  isNoteworthy,
  standing,
  type Known,
  type SignedIn,
} from "../../functions/core/session.ts";
import { demo } from "../../organizations/demo.ts";

const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(60 * count);

const start = Date.parse("2026-03-02T15:00:00.000Z");
const limits = { idleMinutes: 15, absoluteHours: 12 };
const signedIn: SignedIn = { session: "s", at: start };

const at = (later: number, known: Known = {}, token = signedIn) =>
  standing(token, known, limits, start + later);
const seen = (later: number): Known => ({
  session: { started: start, seen: start + later },
});

describe("a sign-in", () => {
  test.each<[string, number, Known, string | undefined]>([
    ["that was just made stands", 0, {}, undefined],
    ["is used within the idle limit", minutes(15) - 1, {}, undefined],
    ["that nobody used is idle", minutes(15), {}, "idle"],
    [
      "stands as long as somebody works",
      hours(3),
      seen(hours(3) - minutes(14)),
      undefined,
    ],
    ["is idle after a break", hours(3), seen(hours(3) - minutes(15)), "idle"],
    [
      "ends after twelve hours, whatever happens",
      hours(12),
      seen(hours(12) - 1),
      "expired",
    ],
    [
      "stands until then",
      hours(12) - 1,
      seen(hours(12) - minutes(1)),
      undefined,
    ],
    [
      "that was left is ended",
      minutes(1),
      { session: { started: start, seen: start, ended: start + 1 } },
      "ended",
    ],
    [
      "stays ended, and is not called idle",
      hours(20),
      { session: { started: start, seen: start, ended: start + 1 } },
      "ended",
    ],
    [
      "is ended with all others",
      minutes(2),
      { endedUntil: start + minutes(1) },
      "ended",
    ],
    [
      "made in the very moment of the end is ended",
      0,
      { endedUntil: start },
      "ended",
    ],
    ["made after the end stands", 1, { endedUntil: start - 1 }, undefined],
  ])("%s", (_name, later, known, refusal) => {
    const result = at(later, known);
    if (refusal === undefined) expect(result).toBeTypeOf("object");
    else expect(result).toBe(refusal);
  });

  test("tells when it ends: after idleness, and at the latest when the day is over", () => {
    expect(at(minutes(1), seen(minutes(1)))).toEqual({
      started: start,
      seen: start + minutes(1),
      idleAt: start + minutes(16),
      expiresAt: start + hours(12),
      isFresh: true,
    });
    expect(at(hours(12) - 2, seen(hours(12) - 3))).toMatchObject({
      idleAt: start + hours(12),
      expiresAt: start + hours(12),
    });
  });

  test("is not renewed by a token that claims a later sign-in", () => {
    const later: SignedIn = { session: "s", at: start + hours(11) };
    expect(at(hours(12), seen(hours(12) - 1), later)).toBe("expired");
    expect(
      at(hours(11), { ...seen(hours(11)), endedUntil: start + 1 }, later),
    ).toBe("ended");
    expect(at(hours(11), seen(hours(11) - 1), later)).toMatchObject({
      isFresh: false,
    });
  });
});

describe("a fresh sign-in", () => {
  test.each([
    [0, true],
    [minutes(5), true],
    [minutes(5) + 1, false],
    [hours(2), false],
  ])("%i ms old: %s", (later, isFresh) => {
    expect(at(later, seen(later))).toMatchObject({ isFresh });
  });

  test.each([
    [minutes(1), true],
    [minutes(1) + 1, false],
    [hours(24), false],
  ])("that comes %i ms later by our clock: %s", (ahead, isFresh) => {
    const token: SignedIn = { session: "s", at: start + ahead };
    const now = at(0, {}, token);
    expect(now).toMatchObject({
      isFresh,
      started: start,
      expiresAt: start + hours(12),
    });
  });

  test("is proved by no token that does not say when it was", () => {
    expect(at(0, {}, { ...signedIn, isAssumed: true })).toMatchObject({
      isFresh: false,
    });
  });
});

test("activity is noted at first and then once a minute", () => {
  const session = { started: start, seen: start };
  expect(isNoteworthy(undefined, start)).toBe(true);
  expect(isNoteworthy(session, start + minutes(1) - 1)).toBe(false);
  expect(isNoteworthy(session, start + minutes(1))).toBe(true);
});

describe("an organization", () => {
  const { sessions: _sessions, ...settings } = demo.settings;
  const limitsOf = (sessions: unknown) =>
    OrganizationSettings.safeParse({ ...settings, sessions });

  test("that says nothing ends sessions after fifteen idle minutes and twelve hours", () => {
    expect(OrganizationSettings.parse(settings).sessions).toEqual({
      patient: { idleMinutes: 15, absoluteHours: 12 },
      staff: { idleMinutes: 15, absoluteHours: 12 },
    });
    expect(
      limitsOf({ staff: { idleMinutes: 3 } }).data?.sessions,
    ).toMatchObject({
      patient: { idleMinutes: 15 },
      staff: { idleMinutes: 3, absoluteHours: 12 },
    });
  });

  // What ended is kept for 25 hours: a session that might last longer could come back.
  test.each([
    { staff: { absoluteHours: 25 } },
    { patient: { absoluteHours: 0 } },
    { staff: { idleMinutes: 1 } },
    { patient: { idleMinutes: 61 } },
    { patient: { idleMinutes: 7.5 } },
    { nurses: {} },
  ])("cannot set %j", (sessions) => {
    expect(limitsOf(sessions).success).toBe(false);
  });
});
