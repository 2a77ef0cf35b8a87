import type { Clock } from "./clock.ts";

/** Thrown inside a line of execution that has been cut off: it unwinds and leaves no trace. */
export const cut = new Error("cut off");

/** One line of execution: an execution's main line, a branch, an iteration. It holds the clock except while it waits. */
export interface Fiber {
  /** The id of the last event of this line. */
  tail: number;
  /** The type of the state that it is in, for the `…StateAborted` event. */
  inside?: string | undefined;
  cutOff: boolean;
  readonly stops: Set<() => void>;
}

export const fiber = (tail: number): Fiber => ({
  tail,
  cutOff: false,
  stops: new Set(),
});

export const cutOff = (line: Fiber): void => {
  if (line.cutOff) return;
  line.cutOff = true;
  for (const stop of [...line.stops]) stop();
};

/** Lets go of the clock until `resume` is called or the line is cut off; what `begin` returns cleans up afterwards. */
export const park = <T>(
  clock: Clock,
  line: Fiber,
  begin: (resume: (value: T) => void) => () => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const waiting: { cleanUp?: () => void; over: boolean } = { over: false };
    const finish = (settle: () => void) => {
      if (waiting.over) return;
      waiting.over = true;
      line.stops.delete(stop);
      waiting.cleanUp?.();
      clock.hold();
      settle();
    };
    const stop = () => finish(() => reject(cut));
    line.stops.add(stop);
    waiting.cleanUp = begin((value) => finish(() => resolve(value)));
    if (waiting.over) waiting.cleanUp();
    clock.release();
    if (line.cutOff) stop();
  });

export const sleepUntil = (
  clock: Clock,
  line: Fiber,
  time: number,
): Promise<void> =>
  time <= clock.now()
    ? Promise.resolve()
    : park(clock, line, (resume) => clock.wakeAt(time, () => resume()));
