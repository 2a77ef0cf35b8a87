/** Tells the reader of a terminal what happens, and that it still does. */
export interface Progress {
  readonly step: <T>(
    title: string,
    work: (note: (text: string) => void) => Promise<T>,
  ) => Promise<T>;
}

const every = 10_000;

export const progress = (
  print: (line: string) => void,
  started = performance.now(),
): Progress => ({
  step: async (title, work) => {
    const say = (text: string) =>
      print(`${seconds(started).padStart(6)}  ${text}`);
    let latest = "";
    say(title);
    const timer = setInterval(
      () => say(`  still: ${title}${latest && `, ${latest}`}`),
      every,
    );
    try {
      return await work((text) => (latest = text));
    } finally {
      clearInterval(timer);
    }
  },
});

const seconds = (since: number): string =>
  `${((performance.now() - since) / 1000).toFixed(0)} s`;
