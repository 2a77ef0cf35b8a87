import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**"],
    globalSetup: ["test/dynamodb-local.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
