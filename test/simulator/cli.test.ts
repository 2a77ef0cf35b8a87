import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { machine, monday, task } from "./machine.ts";

const folder = mkdtempSync(join(tmpdir(), "simulator-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: object) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const run = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ["simulator/cli.ts", ...args],
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

const Nap = { Type: "Wait", Seconds: "{% $states.input.s %}", Next: "Ask" };
const definition = file(
  "definition.json",
  machine({ Nap, Ask: task({ Output: "{% $states.result.Payload %}" }) }),
);
const mocksFile = file("mocks.json", {
  MockedResponses: { Ask: { "0": { Return: { Payload: { ok: true } } } } },
});

test("a run prints how it ended, and the history when asked", async () => {
  const { code, stdout } = await run(
    "run",
    definition,
    "--input",
    '{"s":60}',
    "--mocks",
    mocksFile,
    "--start",
    monday,
    "--history",
  );
  expect(code).toBe(0);
  const printed = JSON.parse(stdout) as {
    events: { type: string; timestamp: string }[];
  };
  expect(printed).toMatchObject({ status: "SUCCEEDED", output: { ok: true } });
  expect(printed.events.at(-1)).toMatchObject({
    type: "ExecutionSucceeded",
    timestamp: "2026-11-23T08:01:00.000Z",
  });
});

test("a failed run says why and exits with 1", async () => {
  const { code, stdout } = await run(
    "run",
    definition,
    "--input",
    file("input.json", { s: "x" }),
  );
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    status: "FAILED",
    error: "States.QueryEvaluationError",
  });
});

test("a definition that is wrong is refused with the reason, and so is an unknown mode", async () => {
  const refused = await run(
    "run",
    file("wrong.json", { QueryLanguage: "JSONata", States: {} }),
  );
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("These fields are required: [StartAt] at /");
  expect((await run("other")).code).toBe(2);
});
