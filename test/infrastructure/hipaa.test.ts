import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const outdir = mkdtempSync(join(tmpdir(), "sojourn-cdk-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

it("a violation deep in a stage makes the synth command fail, so that it is never deployed", () => {
  const app = `${process.execPath} test/infrastructure/violation.ts`;
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [
      "node_modules/aws-cdk/bin/cdk",
      "synth",
      "**",
      "-q",
      "--app",
      app,
      "--output",
      outdir,
    ],
    { encoding: "utf8" },
  );
  expect(`${stdout}${stderr}`).toContain("HIPAA.Security-SNSEncryptedKMS");
  expect(status).toBe(1);
}, 120_000);
