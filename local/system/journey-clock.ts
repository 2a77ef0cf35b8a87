import { type Clock, scaledClock } from "../../simulator/clock.ts";

export interface JourneyClock extends Clock {
  /** Time runs as on the wall for so many milliseconds at least: somebody is typing, an event is on its way. */
  readonly slowFor: (milliseconds: number) => void;
}

/**
 * The time of all journeys. While executions wait it runs `pace` times as fast as the wall clock; while none is open it is
 * the wall clock, so what is booked later starts from today again.
 */
export const journeyClock = (
  pace: number,
  wall: () => number = Date.now,
): JourneyClock => {
  let scaled = scaledClock(pace, wall());
  let timers = 0;
  let holds = 0;
  const idle = () => timers === 0 && holds === 0;
  const begin = () => {
    if (idle()) scaled = scaledClock(pace, wall());
  };
  const hold = () => {
    begin();
    holds += 1;
    scaled.hold();
  };
  const release = () => {
    holds -= 1;
    scaled.release();
  };
  return {
    now: () => (idle() ? wall() : scaled.now()),
    hold,
    release,
    wakeAt: (time, wake) => {
      begin();
      timers += 1;
      let waits = true;
      const done = () => {
        if (waits) timers -= 1;
        waits = false;
      };
      const cancel = scaled.wakeAt(time, () => {
        done();
        wake();
      });
      return () => {
        done();
        cancel();
      };
    },
    slowFor: (milliseconds) => {
      hold();
      setTimeout(release, milliseconds).unref();
    },
  };
};
