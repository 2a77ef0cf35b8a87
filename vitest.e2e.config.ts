import { defineConfig } from "vitest/config";

/** One deployment serves all files: they run one after the other in one process. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/e2e/leftovers.ts"],
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    pool: "forks",
    disableConsoleIntercept: true,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
