import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { realClock, scaledClock, virtualClock } from "../../simulator/clock.ts";
import { createEngine } from "../../simulator/engine.ts";
import { machine } from "./machine.ts";

const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

describe("a virtual clock", () => {
  test("wakes in the order of time, then of asking, and never goes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -100, max: 1000 }), { maxLength: 50 }),
        async (times) => {
          const clock = virtualClock(0);
          const woken: { at: number; index: number; now: number }[] = [];
          for (const [index, at] of times.entries())
            clock.wakeAt(at, () =>
              woken.push({ at: Math.max(at, 0), index, now: clock.now() }),
            );
          while (await clock.jump());
          expect(woken.map(({ index }) => index)).toEqual(
            times
              .map((at, index) => ({ at: Math.max(at, 0), index }))
              .sort((a, b) => a.at - b.at || a.index - b.index)
              .map(({ index }) => index),
          );
          expect(woken.every(({ at, now }) => at === now)).toBe(true);
        },
      ),
    );
  });

  test("a cancelled timer does not wake", async () => {
    const clock = virtualClock(0);
    clock.wakeAt(5, () => expect.unreachable())();
    expect(await clock.jump()).toBe(false);
  });

  test("does not move while it is held", async () => {
    const clock = virtualClock(0);
    clock.hold();
    clock.wakeAt(5, () => undefined);
    const jumped = clock.jump();
    expect(clock.now()).toBe(0);
    clock.release();
    expect(await jumped).toBe(true);
    expect(clock.now()).toBe(5);
  });

  test("plays up to a time and stands there", async () => {
    const clock = virtualClock(0);
    const woken: number[] = [];
    for (const at of [10, 20, 30]) clock.wakeAt(at, () => woken.push(at));
    await clock.advanceTo(25);
    expect(woken).toEqual([10, 20]);
    expect(clock.now()).toBe(25);
  });

  test("moves only while somebody waits for it", async () => {
    const clock = virtualClock(0);
    const engine = createEngine({ clock, invoke: () => Promise.resolve(null) });
    engine.deploy({
      arn: stateMachineArn,
      name: "m",
      definition: machine({ Nap: { Type: "Wait", Seconds: 60, End: true } }),
    });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    await clock.advanceTo(59_999);
    expect(engine.describeExecution({ executionArn }).status).toBe("RUNNING");
    await engine.settled();
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      status: "SUCCEEDED",
      stopDate: 60_000,
    });
  });
});

describe("a clock that follows the wall clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "performance", "Date"],
      now: 1_000_000,
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("runs at its pace while nothing holds it, and as fast as the wall clock while something does", () => {
    const clock = scaledClock(100, 0);
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(1000);
    clock.hold();
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(1010);
    clock.release();
    vi.advanceTimersByTime(1);
    expect(clock.now()).toBe(1110);
  });

  test("wakes after the scaled time, and a hold puts it off", () => {
    const clock = scaledClock(1000, 0);
    const wake = vi.fn<() => void>();
    clock.wakeAt(10_000, wake);
    vi.advanceTimersByTime(5);
    clock.hold();
    vi.advanceTimersByTime(1000);
    expect(wake).not.toHaveBeenCalled();
    clock.release();
    vi.advanceTimersByTime(4);
    expect(wake).toHaveBeenCalledOnce();
  });

  test("a timer that fires late fires at its own time", () => {
    const clock = scaledClock(86_400, 0);
    const seen: number[] = [];
    clock.wakeAt(100_000, () => seen.push(clock.now()));
    vi.advanceTimersByTime(5);
    expect(seen).toEqual([100_000]);
  });

  test("however late the machine comes to a timer, the time of it is not passed before, nor lost when it is cancelled", () => {
    const clock = scaledClock(28_800_000, 0);
    const seen: number[] = [];
    const cancel = clock.wakeAt(60_000, () => seen.push(clock.now()));
    clock.wakeAt(90_000, () => seen.push(clock.now()));
    const stalled = (milliseconds: number) => {
      const since = performance.now();
      vi.spyOn(performance, "now").mockReturnValue(since + milliseconds);
    };
    stalled(5_000);
    expect(clock.now()).toBe(60_000);
    cancel();
    expect(clock.now()).toBe(60_000);
    stalled(5_000);
    expect(clock.now()).toBe(90_000);
    clock.wakeAt(1_000, () => seen.push(clock.now()));
    expect(clock.now()).toBe(90_000);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([90_000, 90_000]);
    vi.restoreAllMocks();
  });

  test("an execution's times are exact, as if nothing took time but waiting", async () => {
    const clock = scaledClock(1_000_000, 0);
    const engine = createEngine({ clock, invoke: () => Promise.resolve(null) });
    const nap = { Type: "Wait", Seconds: 1000 };
    const states = { A: { ...nap, Next: "B" }, B: { ...nap, End: true } };
    engine.deploy({
      arn: stateMachineArn,
      name: "m",
      definition: machine(states),
    });
    const { executionArn, startDate } = engine.startExecution({
      stateMachineArn,
    });
    const ended = engine.ended(executionArn);
    await vi.advanceTimersByTimeAsync(10);
    await ended;
    const times = engine
      .getExecutionHistory({ executionArn })
      .events.map(({ timestamp }) => timestamp - startDate);
    expect(times).toEqual([0, 0, 1_000_000, 1_000_000, 2_000_000, 2_000_000]);
  });

  test("waits longer than a timeout can be", () => {
    const clock = realClock();
    const wake = vi.fn<() => void>();
    const month = 30 * 24 * 60 * 60 * 1000;
    clock.wakeAt(clock.now() + month, wake);
    vi.advanceTimersByTime(month - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(wake).toHaveBeenCalledOnce();
  });
});
