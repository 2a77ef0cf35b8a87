import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { aCanary, canary, formsOf, leaksIn } from "./patient.ts";

interface Played {
  readonly patient: string;
  readonly statuses: readonly number[];
  readonly handed: number;
  readonly refusals: readonly unknown[];
  readonly events: readonly unknown[];
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
  readonly executions: readonly unknown[];
  readonly logged: readonly unknown[];
}

let output = "";
let table = "";
let played: Played | undefined;

const theStory = (): Played => {
  if (played === undefined) throw new Error(`the story failed: ${output}`);
  return played;
};

beforeAll(async () => {
  const child = spawn(
    process.execPath,
    [new URL("play.ts", import.meta.url).pathname],
    {
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        POWERTOOLS_LOG_LEVEL: "INFO",
        POWERTOOLS_METRICS_DISABLED: "false",
        POWERTOOLS_SERVICE_NAME: "test",
        POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
      },
    },
  );
  const [out, err, beside, dump] = await Promise.all(
    child.stdio.slice(1).map(async (stream) => text(stream as Readable)),
  );
  output = `${out ?? ""}${err ?? ""}`;
  table = dump ?? "";
  if (beside !== undefined && beside !== "")
    played = JSON.parse(beside) as Played;
});

test("the canary went through everything that is to be searched", () => {
  const { statuses, events, executions, handed, inputs, outputs, patient } =
    theStory();
  for (const status of [200, 201, 204, 400, 403, 404, 405, 409, 412, 422, 500])
    expect(statuses).toContain(status);
  expect(handed).toBeGreaterThan(3);
  expect(inputs.length).toBeGreaterThan(3);
  expect(outputs.length).toBeGreaterThan(3);
  expect(executions.length).toBeGreaterThan(1);
  expect(JSON.stringify(events)).toContain(patient);
  expect(output).toContain("RequestAnswered");
  expect(output).toContain("RequestFailed");
  expect(output).toContain("CloudWatchMetrics");
  expect(table).toContain(`PATIENT#${patient}`);
});

test("no log line and no metric holds a value", () => {
  theStory();
  expect(leaksIn(output)).toEqual([]);
});

test.each([
  "refusals",
  "events",
  "inputs",
  "outputs",
  "executions",
  "logged",
] as const)("%s hold no value", (name) => {
  expect(leaksIn(JSON.stringify(theStory()[name]))).toEqual([]);
});

test("the table holds no value outside sealed bodies, and none readable in them", () => {
  expect(leaksIn(table)).toEqual([]);
});

test("every value would be found, in every form", () => {
  for (const value of Object.values(canary))
    for (const form of formsOf(value))
      expect([value, leaksIn(`{"x":"${form}"}`).length > 0]).toEqual([
        value,
        true,
      ]);
  expect(
    leaksIn(Buffer.from(JSON.stringify(aCanary())).toString("base64")),
  ).toContain("family");
});
