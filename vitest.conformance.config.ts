import { defineConfig } from "vitest/config";
import { report } from "./test/conformance/report.ts";

export default defineConfig({
  test: {
    include: [
      "test/conformance/**/*.test.ts",
      // What one server and the other answer to any course of changes.
      "test/api/differential.test.ts",
    ],
    // Where the checks run, the totals are read from JSON, too.
    reporters: ["default", report, ...(process.env.CI ? ["json"] : [])],
    env: {
      POWERTOOLS_LOG_LEVEL: "SILENT",
      POWERTOOLS_METRICS_DISABLED: "true",
      POWERTOOLS_SERVICE_NAME: "test",
      POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
    },
    pool: "forks",
    maxWorkers: 2,
    disableConsoleIntercept: true,
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
  },
});
