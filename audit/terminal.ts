import type { Terminal } from "./run.ts";

const every = 2_000;

/** Results go to the output; what goes on meanwhile to the error output, at most every two seconds. */
export const terminal = (): Terminal => {
  let last = performance.now();
  return {
    now: () => new Date(),
    print: (text) => console.log(text),
    progress: (done) => {
      if (performance.now() - last < every) return;
      last = performance.now();
      console.error(`  ${done}`);
    },
  };
};
