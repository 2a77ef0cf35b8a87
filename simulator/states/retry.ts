import type { Retrier } from "../definition.ts";
import { matches, type StateFailure } from "../errors.ts";

const delay = (
  retrier: Retrier,
  earlier: number,
  random: () => number,
): number => {
  const seconds = Math.min(
    retrier.IntervalSeconds * retrier.BackoffRate ** earlier,
    retrier.MaxDelaySeconds,
  );
  return Math.round(
    (retrier.JitterStrategy === "FULL" ? random() * seconds : seconds) * 1000,
  );
};

/**
 * The retriers of one visit to a state, each counting for itself: answers with the pause before the next attempt in milliseconds, or undefined when the failure is not retried (any more).
 * The first retrier that matches decides alone.
 */
export const retries = (
  retriers: readonly Retrier[],
  random: () => number,
): ((failure: StateFailure) => number | undefined) => {
  const used = retriers.map(() => 0);
  return (failure) => {
    const index = retriers.findIndex(({ ErrorEquals }) =>
      matches(failure, ErrorEquals),
    );
    const retrier = retriers[index];
    const earlier = used[index];
    if (!retrier || earlier === undefined || earlier >= retrier.MaxAttempts)
      return undefined;
    used[index] = earlier + 1;
    return delay(retrier, earlier, random);
  };
};
