import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { release } from "../../functions/core/release.ts";

test("the server states the version of the package", () => {
  expect(release.version).toBe(manifest.version);
});
