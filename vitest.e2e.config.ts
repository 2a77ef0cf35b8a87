import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The journeys begin while the wall clock and theirs agree; the archive of facts is compared with all that was done. */
const place = ({ moduleId }: TestSpecification): string =>
  moduleId.includes("/journeys.test")
    ? ""
    : moduleId.includes("/audit.test")
      ? "~"
      : moduleId;

/** The same order on every machine. */
class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(
      files.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)),
    );
  }
}

/** One deployment serves all files: they run one after the other in one process. Limits are for what hangs, not for what is slow. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/e2e/leftovers.ts"],
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: InOrder },
    maxWorkers: 1,
    pool: "forks",
    disableConsoleIntercept: true,
    testTimeout: 1_200_000,
    hookTimeout: 1_800_000,
  },
});
