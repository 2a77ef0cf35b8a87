import { timers } from "./timers.ts";

/** The time of an engine, in epoch milliseconds. Work is bracketed by `hold` and `release`: a clock that runs fast or jumps does so only while nothing holds it. */
export interface Clock {
  now(): number;
  /** Calls back at that time (at once when it has passed); the result cancels. */
  wakeAt(time: number, wake: () => void): () => void;
  hold(): void;
  release(): void;
}

/** A clock that stands still until it is told to jump. */
export interface VirtualClock extends Clock {
  /** Waits until nothing holds the clock, jumps to the next timer (not beyond `until`) and wakes all that are due; false when no timer is left. */
  jump(until?: number): Promise<boolean>;
  /** Plays everything that happens up to that time. */
  advanceTo(time: number): Promise<void>;
}

export const isVirtual = (clock: Clock): clock is VirtualClock =>
  "jump" in clock;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export const virtualClock = (startMs: number): VirtualClock => {
  const due = timers();
  let now = startMs;
  let held = 0;
  let whenFree: (() => void)[] = [];

  const free = async () => {
    await turn();
    while (held > 0)
      await new Promise<void>((resolve) => whenFree.push(resolve));
  };
  const jump = async (until = Infinity) => {
    await free();
    const next = due.next();
    if (!next || next.at > until) return false;
    now = Math.max(now, next.at);
    for (
      let timer = due.take();
      timer;
      timer = due.next()?.at === timer.at ? due.take() : undefined
    )
      timer.wake();
    return true;
  };
  return {
    now: () => now,
    wakeAt: (time, wake) => {
      const timer = due.add(Math.max(time, now), wake);
      return () => (timer.cancelled = true);
    },
    hold: () => {
      held += 1;
    },
    release: () => {
      held -= 1;
      if (held > 0) return;
      const waiting = whenFree;
      whenFree = [];
      for (const resume of waiting) setImmediate(resume);
    },
    jump,
    advanceTo: async (time) => {
      while (await jump(time));
      now = Math.max(now, time);
    },
  };
};

// setTimeout takes a signed 32-bit number of milliseconds; a longer wait is taken in pieces.
const longestTimeout = 2 ** 31 - 1;

/**
 * Runs `pace` times as fast as the wall clock while nothing holds it, and as fast as the wall clock while something does. One
 * that runs fast stands still at the time of a timer until that has fired, however late the machine comes to it.
 */
export const scaledClock = (pace: number, startMs?: number): Clock => {
  const due = timers();
  let held = 0;
  let rate = pace;
  let anchor = { wall: performance.now(), time: startMs ?? Date.now() };
  let pending: NodeJS.Timeout | undefined;

  const exact = () => {
    const time = anchor.time + (performance.now() - anchor.wall) * rate;
    // The wall clock's millisecond is minutes at a high pace, and a busy machine's delay is hours.
    return pace > 1
      ? Math.max(anchor.time, Math.min(time, due.next()?.at ?? Infinity))
      : time;
  };
  const fire = () => {
    const next = due.next();
    const time = exact();
    if (!next || next.at > time) {
      arm();
      return;
    }
    held += 1;
    anchor = { wall: performance.now(), time };
    rate = 1;
    for (
      let timer = due.next();
      timer && timer.at <= anchor.time;
      timer = due.next()
    ) {
      due.take();
      timer.wake();
    }
    held -= 1;
    setRate();
    arm();
  };
  const arm = () => {
    clearTimeout(pending);
    const next = due.next();
    if (next)
      pending = setTimeout(
        fire,
        Math.min(
          Math.max(0, Math.ceil((next.at - exact()) / rate)),
          longestTimeout,
        ),
      );
  };
  /** What was waited for is about to change; the time that has passed stays as it is. */
  const reckon = () => {
    anchor = { wall: performance.now(), time: exact() };
  };
  const setRate = () => {
    const wanted = held > 0 ? 1 : pace;
    if (wanted === rate) return;
    reckon();
    rate = wanted;
    arm();
  };
  return {
    now: () => Math.floor(exact()),
    wakeAt: (time, wake) => {
      reckon();
      const timer = due.add(time, wake);
      if (due.next() === timer) arm();
      return () => {
        reckon();
        timer.cancelled = true;
        arm();
      };
    },
    hold: () => {
      held += 1;
      setRate();
    },
    release: () => {
      held -= 1;
      setRate();
    },
  };
};

export const realClock = (): Clock => scaledClock(1);
