import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/conformance/**"],
    env: {
      POWERTOOLS_LOG_LEVEL: "SILENT",
      POWERTOOLS_METRICS_DISABLED: "true",
      POWERTOOLS_SERVICE_NAME: "test",
      POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
    },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
