import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { run } from "../../local/system/children.ts";
import { emulatorPython } from "../../local/system/python.ts";
import { cache, directory } from "./places.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

const launcher = join(import.meta.dirname, "..", "..", "local", "emulator.py");

it("needs exactly the resource types that the launcher makes inert", async () => {
  const { output } = await run({
    command: await emulatorPython(cache),
    args: [launcher, "--types"],
    env: process.env,
  });
  const { known, inert } = JSON.parse(output) as {
    known: string[];
    inert: string[];
  };
  const used = globSync(
    join(directory, "cdk.out", "**", "*.template.json"),
  ).flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(file, "utf8")) as {
      Resources: Record<string, { Type: string }>;
    };
    return Object.values(Resources).map(({ Type }) => Type);
  });
  expect(
    [...new Set(used)].filter((type) => !known.includes(type)).sort(),
  ).toEqual([...inert].sort());
});

it("keeps dead letters and encryption of its queues", async () => {
  const { QueueUrls } = await world.call<{ QueueUrls: string[] }>(
    "sqs",
    "AmazonSQS.ListQueues",
    {},
  );
  const ours = QueueUrls.filter((url) => url.includes("sojourn-demo-"));
  expect(ours.length).toBeGreaterThan(4);
  for (const QueueUrl of ours) {
    const { Attributes } = await world.call<{
      Attributes: Record<string, string>;
    }>("sqs", "AmazonSQS.GetQueueAttributes", {
      QueueUrl,
      AttributeNames: ["All"],
    });
    expect(Attributes, QueueUrl).toHaveProperty("KmsMasterKeyId");
    if (!QueueUrl.endsWith("dead-letters"))
      expect(Attributes, QueueUrl).toHaveProperty("RedrivePolicy");
  }
});

it("answers its capability statement and its OpenAPI document without a token", async () => {
  for (const url of [`${world.urls.fhir}/metadata`, world.urls.openApi]) {
    const answer = await fetch(url);
    expect(answer.status, url).toBe(200);
  }
});
