import { setTimeout as wait } from "node:timers/promises";

/** Asks again and again until there is an answer; throws after `seconds` with what it waited for. */
export const until = async <T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { seconds = 180, everyMs = 150 }: { seconds?: number; everyMs?: number } = {},
): Promise<T> => {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`waited ${seconds} s in vain for ${what}`);
    await wait(everyMs);
  }
};
