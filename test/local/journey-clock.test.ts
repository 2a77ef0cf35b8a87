import { describe, expect, it } from "vitest";
import { journeyClock } from "../../local/system/journey-clock.ts";

const wall = Date.parse("2026-11-22T15:00:00Z");
const hour = 3_600_000;
const woken = (clock: ReturnType<typeof journeyClock>, at: number) =>
  new Promise<number>((resolve) =>
    clock.wakeAt(at, () => resolve(clock.now())),
  );

describe("the clock of the journeys", () => {
  it("runs fast while somebody waits, and is the wall clock again when nobody does", async () => {
    const clock = journeyClock(36_000_000, () => wall);
    expect(clock.now()).toBe(wall);
    const later = clock.wakeAt(wall + 1000 * hour, () => undefined);
    expect(await woken(clock, wall + 100 * hour)).toBeGreaterThanOrEqual(
      wall + 100 * hour,
    );
    expect(clock.now()).toBeGreaterThan(wall);
    later();
    expect(clock.now()).toBe(wall);
  });

  it("does not run fast while it is held or slowed", async () => {
    const clock = journeyClock(36_000_000, () => wall);
    const reached: number[] = [];
    clock.slowFor(60_000);
    const cancel = clock.wakeAt(wall + hour, () => reached.push(clock.now()));
    await woken(clock, wall + 20);
    expect(reached).toEqual([]);
    expect(clock.now()).toBeLessThan(wall + hour);
    cancel();
  });

  it("counts a cancelled timer once", () => {
    const clock = journeyClock(36_000_000, () => wall);
    const cancel = clock.wakeAt(wall + hour, () => undefined);
    const other = clock.wakeAt(wall + hour, () => undefined);
    cancel();
    cancel();
    clock.hold();
    other();
    clock.release();
    expect(clock.now()).toBe(wall);
  });
});
