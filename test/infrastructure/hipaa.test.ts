import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { CfnTopic } from "aws-cdk-lib/aws-sns";
import { afterAll, expect, it } from "vitest";
import { demo } from "../../organizations/demo.ts";
import { acme, anApp } from "./synthesized.ts";

const outdir = mkdtempSync(join(tmpdir(), "sojourn-cdk-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

it("finds nothing in a disposable and in a lasting organization", async () => {
  using app = await anApp([demo, acme], { nag: true });
  expect(() => app.synth()).not.toThrow();
});

it("refuses a topic without a key, deep in a stage", async () => {
  using app = await anApp([acme], { nag: true });
  const operations = app.node.findChild("acme").node.findChild("operations");
  expect(operations).toBeInstanceOf(Stack);
  new CfnTopic(operations, "Open");
  expect(() => app.synth()).toThrow(/SNSEncryptedKMS|validation/i);
});

it("makes the synth command fail on it, so that nothing can be deployed", () => {
  const { status, stderr, stdout } = spawnSync(
    "cdk",
    [
      "synth",
      "**",
      "-q",
      "--app",
      "node test/infrastructure/seeded-violation.ts",
      "--output",
      outdir,
    ],
    { encoding: "utf8" },
  );
  expect(`${stdout}${stderr}`).toContain("HIPAA.Security-SNSEncryptedKMS");
  expect(status).toBe(1);
});
