import { setTimeout as wait } from "node:timers/promises";

/**
 * Asks again and again until there is an answer. A question that fails is asked again, too: a busy machine refuses some.
 * Throws after `seconds` with what it waited for, and with what the last failure was.
 */
export const until = async <T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { seconds = 180, everyMs = 150 }: { seconds?: number; everyMs?: number } = {},
): Promise<T> => {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const { answer, cause } = await attempt(ask);
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`waited ${seconds} s in vain for ${what}`, { cause });
    await wait(everyMs);
  }
};

const attempt = async <T>(
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<{ answer?: T | undefined; cause?: unknown }> => {
  try {
    return { answer: await ask() };
  } catch (cause) {
    return { cause };
  }
};
