import type { Clock } from "../clock.ts";
import { cut, cutOff, type Fiber } from "../fiber.ts";

/** Runs a line beside the one that forks it; both ends are told at the moment they happen, and a line that was cut off says nothing. */
export const fork = <T>(
  clock: Clock,
  work: () => Promise<T>,
  ends: { done: (result: T) => void; failed: (error: unknown) => void },
): void => {
  clock.hold();
  void work()
    .then(ends.done, (error: unknown) => {
      if (error !== cut) ends.failed(error);
    })
    .finally(() => clock.release());
};

export const cutAll = (lines: Iterable<Fiber>): void => {
  for (const line of lines) cutOff(line);
};
